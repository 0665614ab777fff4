import { Counter, Gauge, Histogram, Registry } from 'prom-client'

const FATE_LABELS = ['shop', 'channel', 'provider', 'account', 'account_name', 'fate'] as const

/** Everything that is counted while working. Names follow Prometheus' conventions; `/metrics` renders them. */
export interface Metrics {
  readonly registry: Registry
  readonly eventsKept: Counter<'outcome'>
  readonly eventsApplied: Counter
  readonly unknownFailureCodes: Counter
  readonly verdicts: Counter<'channel' | 'verdict'>
  /**
   * By account, since a shop may have two at one provider. A name may be given twice and may change, so that the id
   * stands beside it. A handful of accounts a shop: 5,000 shops make some ten thousand series, which are kept in memory.
   */
  readonly fates: Counter<(typeof FATE_LABELS)[number]>
  readonly unknowns: Counter<'outcome'>
  readonly takeovers: Counter
  readonly regated: Counter
  readonly lostClaims: Counter
  readonly lateFates: Counter
  readonly questions: Counter<'source' | 'answer'>
  readonly conclusions: Counter<'what'>
  readonly retries: Counter<'outcome'>
  readonly lostInquiries: Counter
  readonly relayed: Counter<'source' | 'outcome'>
  readonly sweepSeconds: Histogram
  readonly inFlight: Gauge
}

export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Counter<Label>({ name: `dingdong_${name}`, help, labelNames: [...labelNames], registers })
  return {
    registry,
    eventsKept: counter('events_kept_total', 'Events taken in, by outcome', ['outcome']),
    eventsApplied: counter('events_applied_total', 'Events applied to orders and runs'),
    unknownFailureCodes: counter(
      'unknown_failure_codes_total',
      'Failure codes that neither the table nor the shop knows, as often as they came',
    ),
    verdicts: counter('verdicts_total', 'Gate verdicts', ['channel', 'verdict']),
    fates: counter('fates_total', 'What providers answered', FATE_LABELS),
    unknowns: counter('unknown_outcomes_total', 'Calls of unknown outcome, stopped or repeated', ['outcome']),
    takeovers: counter('takeovers_total', 'Claims taken over from a worker that did not finish them'),
    regated: counter(
      'regated_total',
      'Messages gated again because they waited over a second after their gate',
    ),
    lostClaims: counter('lost_claims_total', 'Claims that had run out before the call'),
    lateFates: counter('late_fates_total', 'Fates that came after another worker had taken the message over'),
    questions: counter('questions_total', 'Questions to outside systems about payments, by answer', [
      'source',
      'answer',
    ]),
    conclusions: counter('conclusions_total', 'What was concluded from answers', ['what']),
    retries: counter('payment_retries_total', 'Payments tried again through their source, by outcome', [
      'outcome',
    ]),
    lostInquiries: counter('lost_inquiries_total', 'Inquiries that were taken over before they were settled'),
    relayed: counter('relayed_total', 'Callbacks passed on to the shop’s own address, by outcome', [
      'source',
      'outcome',
    ]),
    sweepSeconds: new Histogram({
      name: 'dingdong_sweep_seconds',
      help: 'Time to find the shops with due work',
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2],
      registers,
    }),
    inFlight: new Gauge({
      name: 'dingdong_messages_in_flight',
      help: 'Messages claimed by this process',
      registers,
    }),
  }
}
