import { readLaw } from '../app/law.ts'
import type { Provider } from '../channels/channel.ts'
import { listTemplates, readDefinitions } from '../db/flows.ts'
import type { ShopRow } from '../db/shops.ts'
import { carriedBy } from '../domain/law/carry.ts'
import { sceneOf } from '../domain/law/check.ts'
import type { KeptTemplate } from '../pipeline/presets.ts'
import { offeredVariants } from '../templates/law.ts'
import type { Context } from './command.ts'
import { type Session, shopFlag } from './session.ts'
import { LAW } from './texts/law.ts'
import { say } from './texts/text.ts'

/**
 * Templates none of whose texts this account will carry: told when its settings are made, not when the first message
 * is dropped. Those that only lack the registered link are told apart, with what to do.
 */
export async function tellHeld(
  { screen, language, clock }: Context,
  { pools }: Session,
  shop: ShopRow,
  {
    id,
    provider,
    settings,
  }: { readonly id: string; readonly provider: Provider; readonly settings: unknown },
): Promise<void> {
  const law = provider.lawOf?.(provider.settings.parse(settings))
  if (!law || provider.channel !== 'sms') return
  const scene = sceneOf(await readLaw(language), 'sms', law, shop.country, clock.now())
  const held: string[] = []
  const linkless: string[] = []
  for (const { key, texts } of await smsTexts({ pools }, shop)) {
    const carried = carriedBy(scene, texts)
    if (carried.kind === 'carried') continue
    const lacksLink =
      carried.kind === 'refused' && carried.obstacles.every(({ kind }) => kind === 'no_registered_link')
    if (lacksLink) linkless.push(key)
    else held.push(key)
  }
  if (held.length > 0) screen.line(say(LAW.held, language, { templates: held.join(', ') }))
  if (linkless.length > 0) {
    const of = await shopFlag(pools.db, shop)
    screen.line(say(LAW.linkless, language, { id, of, templates: linkless.join(', ') }))
  }
}

/** What each template of the shop says by SMS; those that say nothing there are left out. */
async function smsTexts({ pools }: Pick<Session, 'pools'>, shop: ShopRow) {
  const kept = await listTemplates(pools.db, shop.id)
  const bodies = await readDefinitions(
    pools.db,
    kept.map(({ definition_hash }) => definition_hash),
  )
  return kept.flatMap(({ key, definition_hash }) => {
    const body = bodies.find(({ hash }) => hash.equals(definition_hash))?.body as KeptTemplate | undefined
    const { texts } = offeredVariants(body?.variants ?? [])
    return texts.length > 0 ? [{ key, texts }] : []
  })
}
