import type { Played } from './play.ts'
import type { Policy } from './policies.ts'

export interface Outcome {
  readonly policy: string
  readonly orders: number
  /** Orders whose first payment failed, or that were never tried. */
  readonly stopped: number
  readonly recovered: number
  readonly recoveredShare: number
  readonly reminders: number
  readonly remindersPerStopped: number
  /** Of all messages, those by SMS. */
  readonly sms: number
  /** Orders that the shop's rules had somebody look at. */
  readonly reviews: number
  /** Paid by the one further try that the program had made. */
  readonly healed: number
  /** Share of buyers who switched reminders off. */
  readonly fedUpShare: number
  readonly violations: Readonly<Record<string, number>>
}

export function outcomeOf(
  policy: Policy,
  { market, arrivals, violations, reviews, healed }: Played,
): Outcome {
  const sales = [...market.sales.values()]
  const stopped = sales.filter((sale) => sale.obstacle !== null)
  const recovered = stopped.filter((sale) => sale.paidAt !== null)
  const reminders = arrivals.filter((arrival) => arrival.purpose === 'reminder').length
  const counts: Record<string, number> = {}
  for (const { what } of violations) counts[what] = (counts[what] ?? 0) + 1
  const share = (part: number, whole: number) => Math.round((1_000 * part) / Math.max(1, whole)) / 1_000
  return {
    policy: policy.name,
    orders: sales.length,
    stopped: stopped.length,
    recovered: recovered.length,
    recoveredShare: share(recovered.length, stopped.length),
    reminders,
    remindersPerStopped: share(reminders, stopped.length),
    sms: arrivals.filter((arrival) => arrival.channel === 'sms').length,
    reviews,
    healed,
    fedUpShare: share(market.fedUp.size, market.buyers.length),
    violations: counts,
  }
}

/** One line a policy, every broken promise by name. */
export function table(policies: readonly Policy[], outcomes: readonly Outcome[]): string {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`
  const rows = outcomes.map((each) => [
    each.policy,
    String(each.orders),
    String(each.stopped),
    `${each.recovered} (${percent(each.recoveredShare)})`,
    `${each.reminders} (${each.remindersPerStopped.toFixed(2)})`,
    String(each.sms),
    String(each.reviews),
    String(each.healed),
    percent(each.fedUpShare),
    Object.entries(each.violations)
      .map(([what, count]) => `${count} ${what}`)
      .join(', ') || 'none',
  ])
  const head = [
    'policy',
    'orders',
    'stopped',
    'recovered',
    'reminders (each)',
    'sms',
    'reviews',
    'healed',
    'switched off',
    'promises broken',
  ]
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]!.length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join('  ')
      .trimEnd()
  const legend = policies.map(({ name, says }) => `  ${name}: ${says}`).join('\n')
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line), '', legend].join(
    '\n',
  )
}
