import type { Provider } from '../channels/channel.ts'
import type { Segments } from '../domain/flow/step-cost.ts'
import { type LawBook, NO_ACCOUNT_LAW } from '../domain/law/book.ts'
import { estimateSegments } from '../domain/law/estimate.ts'
import { segmentSizes } from '../domain/law/price.ts'
import type { Purpose } from '../domain/message.ts'
import { TYPICAL_COSTS } from '../domain/shop.ts'
import { pickVariant } from '../domain/template/locale.ts'
import { type Instant, toIso } from '../domain/time.ts'
import { accountTerms } from './account-laws.ts'
import { chooseAccount, type Whereabouts } from './accounts.ts'
import { attempt } from './attempt.ts'
import type { ShopVault } from './keyring.ts'
import type { LawDesk } from './law-desk.ts'
import type { ShopConfig } from './shop-config.ts'

export interface SmsAt {
  readonly config: ShopConfig
  readonly vault: ShopVault
  readonly now: Instant
}

/** What a message of this template costs by SMS; `null` where the shop has no SMS account. */
export type SmsCostOf = (
  at: SmsAt,
  message: {
    readonly template: string
    readonly purpose: Purpose
    readonly locale: string | null
    readonly receiver: Whereabouts
  },
) => Segments | null

export interface SmsCostDeps {
  readonly book: LawBook
  readonly desk: LawDesk
  readonly findProvider: (name: string) => Provider | undefined
}

/** Prices that are remembered: templates × readers' languages × accounts, for a day. */
const REMEMBERED = 5_000

/**
 * The price of an SMS while a step is planned: its text is not there yet, so segments are estimated from the template
 * (`estimateSegments`), in the words that this account would carry to this reader, and counted as its law counts.
 * The price of a segment is the account's `segmentPrice`, else the shop's `costs.sms`, else a typical one.
 */
export function smsCosts({ book, desk, findProvider }: SmsCostDeps): SmsCostOf {
  const known = new Map<string, Segments>()
  return ({ config, vault, now }, { template, purpose, locale, receiver }) => {
    const accounts = config.accounts.get('sms') ?? []
    // The one that the gate would choose; where none reaches the receiver the gate will say so.
    const account = chooseAccount(accounts, receiver) ?? accounts[0]
    if (account === undefined) return null
    const loaded = config.templates.get(template)
    const day = toIso(now).slice(0, 10)
    const key = JSON.stringify([config.row.id, config.version, account.id, loaded?.id, purpose, locale, day])
    const found = known.get(key)
    if (found !== undefined) return found
    // What cannot be opened says nothing here; the hand-over pauses such an account.
    const read = attempt(() => accountTerms(config.row.id, account, vault, findProvider(account.provider)))
    const { law, segmentPrice } = 'ok' in read ? read.ok : { law: NO_ACCOUNT_LAW, segmentPrice: null }
    const variants = loaded ? desk.lawful(config, law, loaded, purpose, now) : []
    const variant = pickVariant(variants, locale ?? config.row.locale, config.row.locale)
    const text = variant?.parts.find(({ at }) => at === 'text')?.liquid
    const sizes = segmentSizes(book, { ...law, country: law.country ?? config.row.country }, now)
    const made = {
      // Where no words may go the gate will say so; one segment stands for them.
      segments: text === undefined ? 1 : estimateSegments(text, law, sizes),
      each: segmentPrice ?? config.settings.costs.sms ?? TYPICAL_COSTS.sms!,
    }
    if (known.size >= REMEMBERED) known.clear()
    known.set(key, made)
    return made
  }
}
