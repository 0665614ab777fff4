import type { Queryable } from '../db/connect.ts'
import { listApiKeys } from '../db/connections.ts'
import { formatId, type ShopId } from '../domain/ids.ts'
import { ACTORS, wordFor } from './texts/states.ts'
import type { Language } from './texts/text.ts'

/** Who did it, in words, from what the record says: a key by its name, and its id to find it in `key list`. */
export async function actorWords(
  db: Queryable,
  shop: ShopId,
  language: Language,
): Promise<(actor: string) => string> {
  const keys = new Map(
    (await listApiKeys(db, shop)).map(({ id, name }) => {
      const text = formatId('key', id)
      return [`key:${text}`, `${wordFor(ACTORS, name, language)} (${text})`]
    }),
  )
  return (actor) => keys.get(actor) ?? wordFor(ACTORS, actor, language)
}
