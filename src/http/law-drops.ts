import { readContacts } from '../db/contacts.ts'
import type { MessageRow } from '../db/messages.ts'
import { decodeVerdict } from '../domain/gate/verdict.ts'
import { formatId, type MessageId, type ShopId } from '../domain/ids.ts'
import { sceneOf } from '../domain/law/check.ts'
import { explainLawDrop, type LawDropTold } from '../domain/law/gate-rule-texts.ts'
import { isLawReason, type LawReason, lawBehind } from '../domain/law/gate-rules.ts'
import { countryOfPhone } from '../domain/order/contact.ts'
import { accountLaw } from '../pipeline/account-laws.ts'
import { chooseAccount, isDivided, type Whereabouts } from '../pipeline/accounts.ts'
import { attempt } from '../pipeline/attempt.ts'
import type { ShopConfig } from '../pipeline/shop-config.ts'
import { offeredVariants } from '../templates/law.ts'
import { currentConfig } from './current-config.ts'
import type { HttpDeps } from './deps.ts'
import type { Language } from './language.ts'

/** By message, of those that the gate held or dropped for the law's sake. */
export type LawDrops = ReadonlyMap<MessageId, LawDropTold>

/**
 * Which rule a verdict stands for. A verdict names none, so it is worked out from the shop's account and template, and
 * from the rules of the day on which it was given.
 */
export async function lawDrops(
  deps: HttpDeps,
  shop: ShopId,
  rows: readonly MessageRow[],
  language: Language,
): Promise<LawDrops> {
  const kept = rows.flatMap((row) => {
    const reason = lawReasonOf(row)
    return reason === null ? [] : [{ row, reason }]
  })
  if (kept.length === 0) return new Map()
  const [config, vault] = await Promise.all([currentConfig(deps, shop), deps.keyring.open(shop)])
  const accounts = config.accounts.get('sms') ?? []
  const receivers = isDivided(accounts) ? await countriesOf(deps, shop, rows) : null
  return new Map(
    kept.flatMap(({ row, reason }) => {
      const receiver = row.contact_id === null ? undefined : receivers?.get(row.contact_id)
      const account = chooseAccount(accounts, receiver)
      if (account === null) return []
      const own = attempt(() => accountLaw(shop, account, vault, deps.providers(account.provider)))
      if (!('ok' in own)) return []
      const at = row.settled_at ?? deps.clock.now()
      const scene = sceneOf(deps.law, 'sms', own.ok, config.row.country, at)
      const seen = {
        message: formatId('msg', row.id),
        template: row.template,
        account: { id: formatId('acct', account.id), name: account.name, scene },
        obstacles: lawBehind(reason, scene, row.purpose, textsOf(config, row.template)),
      }
      return [[row.id, explainLawDrop(seen, language)] as const]
    }),
  )
}

function lawReasonOf({ channel, state, verdict }: MessageRow): LawReason | null {
  if (channel !== 'sms' || (state !== 'waiting' && state !== 'dropped') || verdict === null) return null
  return decodeVerdict(verdict)?.reasons.find(isLawReason) ?? null
}

const textsOf = ({ templates }: ShopConfig, template: string) =>
  offeredVariants(templates.get(template)?.variants ?? []).texts

async function countriesOf(
  { db, keyring }: HttpDeps,
  shop: ShopId,
  rows: readonly MessageRow[],
): Promise<ReadonlyMap<string, Whereabouts>> {
  const contacts = await readContacts(db, shop, [...new Set(rows.flatMap((row) => row.contact_id ?? []))])
  const { sealer } = await keyring.open(shop)
  return new Map(
    contacts.flatMap(({ id, channel, address }) =>
      channel === 'sms'
        ? [[id, countryOfPhone(sealer.openText(address, { shop, column: 'contact.address', row: id }))]]
        : [],
    ),
  )
}
