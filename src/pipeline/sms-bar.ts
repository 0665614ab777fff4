import type { SmsBar } from '../domain/flow/run.ts'
import { sceneOf } from '../domain/law/check.ts'
import { lawBehind, registeredOnly } from '../domain/law/gate-rules.ts'
import type { Purpose } from '../domain/message.ts'
import { toIso } from '../domain/time.ts'
import { offeredVariants } from '../templates/law.ts'
import { accountTerms } from './account-laws.ts'
import { chooseAccount, type Whereabouts } from './accounts.ts'
import { attempt } from './attempt.ts'
import type { SmsAt, SmsCostDeps } from './sms-cost.ts'

/** By which law no text of a template may go by SMS to this receiver; `null`: one may, or the gate has more to say. */
export type SmsBarOf = (
  at: SmsAt,
  message: { readonly template: string; readonly purpose: Purpose; readonly receiver: Whereabouts },
) => SmsBar | null

/** Templates × accounts × purposes that are remembered, for a day. */
const REMEMBERED = 5_000

/** What the gate will say of the law while a step is planned, so that the next channel has its turn at once. */
export function smsBars({ book, desk, findProvider }: SmsCostDeps): SmsBarOf {
  const known = new Map<string, SmsBar | null>()
  return ({ config, vault, now }, { template, purpose, receiver }) => {
    const account = chooseAccount(config.accounts.get('sms') ?? [], receiver)
    const loaded = config.templates.get(template)
    if (account === null || loaded === undefined) return null
    const day = toIso(now).slice(0, 10)
    const key = JSON.stringify([config.row.id, config.version, account.id, loaded.id, purpose, day])
    const found = known.get(key)
    if (found !== undefined) return found
    const read = attempt(() => accountTerms(config.row.id, account, vault, findProvider(account.provider)))
    // What cannot be opened says nothing here; the hand-over pauses such an account.
    if (!('ok' in read)) return null
    const { law } = read.ok
    const { texts } = offeredVariants(loaded.variants)
    const mayGo = texts.length === 0 || desk.lawful(config, law, loaded, purpose, now).length > 0
    const bar = mayGo ? null : barOf(sceneOf(book, 'sms', law, config.row.country, now), purpose, texts)
    if (known.size >= REMEMBERED) known.clear()
    known.set(key, bar)
    return bar
  }
}

function barOf(
  scene: Parameters<typeof lawBehind>[1],
  purpose: Purpose,
  texts: Parameters<typeof lawBehind>[3],
): SmsBar {
  const [first] = lawBehind('law', scene, purpose, texts)
  const rule = first?.kind === 'law' ? first.finding.rule : first && registeredOnly(scene)
  return rule ? { rule: rule.id } : {}
}
