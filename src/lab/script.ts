import type { Random } from '../domain/ids.ts'
import type { Millis } from '../domain/time.ts'

/**
 * What can go wrong on purpose. Each simulator's own type says which of these it can play: receipts only where the
 * protocol has them, which SMTP and webhooks do not.
 */
export type Fault =
  /** Accepts, and answers this much later. */
  | { readonly kind: 'slow'; readonly ms: Millis }
  /** Accepts, and never answers: a half-open connection. */
  | { readonly kind: 'stall' }
  /** Refuses for now: 429 with Retry-After in either form, 451 over SMTP. */
  | { readonly kind: 'limit'; readonly seconds: number; readonly form?: 'seconds' | 'date' }
  /** Refuses with this status: default 500, 451 over SMTP. */
  | { readonly kind: 'fail'; readonly status?: number }
  /** Drops the connection: `before` anything was accepted, or `after` accepting but before the answer. */
  | { readonly kind: 'drop'; readonly when: 'before' | 'after' }
  /** Speaks TLS (SMTP: offers STARTTLS) with a certificate that nobody trusts, not even who trusts the simulator's. */
  | { readonly kind: 'bad_tls' }
  | { readonly kind: 'refuse_address' }
  | { readonly kind: 'refuse_content' }
  | { readonly kind: 'refuse_credentials' }
  /** 410. */
  | { readonly kind: 'gone' }
  /** 302 to `to`. */
  | { readonly kind: 'redirect'; readonly to: string }
  /** Accepts, and answers with a body of this many bytes. */
  | { readonly kind: 'huge'; readonly bytes: number }
  | { readonly kind: 'duplicate_receipt' }
  /** The receipt arrives before the answer to the submit does. */
  | { readonly kind: 'early_receipt' }
  | { readonly kind: 'no_receipt' }
  /** The receipt says that delivery failed. */
  | { readonly kind: 'failed_receipt' }
  /** A payment's notice goes out twice, a second apart. */
  | { readonly kind: 'duplicate_notice' }
  /** A payment's notice goes out before a query sees the payment: that takes this much longer. */
  | { readonly kind: 'early_notice'; readonly ms: Millis }
  | { readonly kind: 'no_notice' }
  /** The rail's own words for "outcome unknown, ask again". */
  | { readonly kind: 'system_error' }
  /** An answer with a signature that does not fit, as WeChat Pay probes its merchants. */
  | { readonly kind: 'false_signature' }

/** Faults of a whole connection, decided before anything is said on it: give no `to` in their rules. */
export type ConnectionFault = FaultOf<'bad_tls'>

export type FaultOf<Kind extends Fault['kind']> = Extract<Fault, { kind: Kind }>

/** When a fault strikes. All given conditions must hold; with none it strikes always. */
export interface Rule<F extends Fault = Fault> {
  readonly fault: F
  /** Only messages to this receiver. */
  readonly to?: string
  /** Only the n-th message (counted from 1, from when the rule was set, among those to `to`). */
  readonly nth?: number
  /** With this probability, 0 to 1. */
  readonly chance?: number
  /** At most so many times. */
  readonly times?: number
}

export interface Script<F extends Fault> {
  /** Replaces all rules; `[]` ends all faults. */
  set(rules: readonly Rule<F>[]): void
  /** The rules as they were set, and how often each has struck since. */
  list(): readonly { readonly rule: Rule<F>; readonly struck: number }[]
  /** The faults that befall the next message to `to`; `null` asks for a connection whose receiver is not known yet. */
  next(to: string | null): readonly F[]
}

/** Decides, message by message, which faults strike. Same randomness, same faults. */
export function createScript<F extends Fault>(random: Random): Script<F> {
  let rules: { rule: Rule<F>; seen: number; struck: number }[] = []
  return {
    set(next) {
      rules = next.map((rule) => ({ rule, seen: 0, struck: 0 }))
    },
    list: () => rules.map(({ rule, struck }) => ({ rule, struck })),
    next(to) {
      const faults: F[] = []
      for (const entry of rules) {
        const { rule } = entry
        if (rule.to !== undefined && rule.to !== to) continue
        entry.seen++
        if (rule.nth !== undefined && rule.nth !== entry.seen) continue
        if (rule.times !== undefined && entry.struck >= rule.times) continue
        if (rule.chance !== undefined && fraction(random) >= rule.chance) continue
        entry.struck++
        faults.push(rule.fault)
      }
      return faults
    },
  }
}

/** The fault of one kind among those that struck. */
export function faultOf<F extends Fault, Kind extends F['kind']>(
  faults: readonly F[],
  kind: Kind,
): Extract<F, { kind: Kind }> | undefined {
  return faults.find((fault): fault is Extract<F, { kind: Kind }> => fault.kind === kind)
}

/** Evenly in [0, 1). */
function fraction(random: Random): number {
  const [a, b, c, d] = random(4)
  return (a! * 2 ** 24 + b! * 2 ** 16 + c! * 2 ** 8 + d!) / 2 ** 32
}
