import type { Clock, Instant, Millis } from '../domain/time.ts'

/** Where a trade stands. `paying`: waits for the buyer's password. `failed`: a payment code that did not work. */
export type TradeState = 'open' | 'paying' | 'failed' | 'paid' | 'closed'

export interface Refund {
  readonly id: string
  readonly minor: number
  readonly at: Instant
}

export interface Trade {
  /** The merchant's number. */
  readonly no: string
  /** The rail's own. */
  readonly id: string
  /** In 分. */
  readonly minor: number
  readonly title: string
  readonly placedAt: Instant
  readonly state: TradeState
  readonly paidAt: Instant | null
  readonly closedAt: Instant | null
  readonly refunds: readonly Refund[]
}

export interface Placed {
  readonly no: string
  readonly minor: number
  readonly title?: string
}

/** What a rail knows of its merchant's trades. */
export interface Trades {
  place(placed: Placed): Trade
  find(no: string): Trade | undefined
  /** As a query sees it, which may be a moment behind. */
  seen(no: string): Trade | undefined
  /** The step's outcome; `null` where the trade cannot take it: what is closed cannot be paid, what is paid not closed. */
  step(no: string, step: TradeStep, lag?: Millis): Trade | null
}

export type TradeStep =
  | { readonly kind: 'wait_for_password' }
  | { readonly kind: 'fail' }
  | { readonly kind: 'pay' }
  | { readonly kind: 'close' }
  | { readonly kind: 'refund'; readonly minor: number }

/** `rail` begins the numbers that it gives to trades and refunds. */
export function createTrades(clock: Clock, rail: string): Trades {
  const trades = new Map<string, Trade>()
  const before = new Map<string, { readonly until: Instant; readonly trade: Trade }>()
  let given = 0
  const nextId = () => `${rail}${String(++given).padStart(28 - rail.length, '0')}`

  return {
    place({ no, minor, title = '月卡' }) {
      const known = trades.get(no)
      if (known) return known
      const trade: Trade = {
        no,
        id: nextId(),
        minor,
        title,
        placedAt: clock.now(),
        state: 'open',
        paidAt: null,
        closedAt: null,
        refunds: [],
      }
      trades.set(no, trade)
      return trade
    },
    find: (no) => trades.get(no),
    seen(no) {
      const hidden = before.get(no)
      return hidden && clock.now() < hidden.until ? hidden.trade : trades.get(no)
    },
    step(no, step, lag = 0) {
      const trade = trades.get(no)
      const changed = trade ? after(trade, step, clock.now(), nextId) : null
      if (!trade || !changed) return null
      if (lag > 0) before.set(no, { until: clock.now() + lag, trade })
      trades.set(no, changed)
      return changed
    },
  }
}

function after(trade: Trade, step: TradeStep, now: Instant, nextId: () => string): Trade | null {
  const unpaid = trade.state === 'open' || trade.state === 'paying' || trade.state === 'failed'
  switch (step.kind) {
    case 'wait_for_password':
      return unpaid ? { ...trade, state: 'paying' } : null
    case 'fail':
      return unpaid ? { ...trade, state: 'failed' } : null
    case 'pay':
      return unpaid ? { ...trade, state: 'paid', paidAt: now } : null
    case 'close':
      return unpaid ? { ...trade, state: 'closed', closedAt: now } : null
    case 'refund': {
      const left = trade.minor - refundedOf(trade)
      if (trade.state !== 'paid' || step.minor < 1 || step.minor > left) return null
      return { ...trade, refunds: [...trade.refunds, { id: nextId(), minor: step.minor, at: now }] }
    }
  }
}

/** What went back so far, in 分. */
export function refundedOf(trade: Trade): number {
  return trade.refunds.reduce((sum, { minor }) => sum + minor, 0)
}

/** `19.90` for 1990 分. */
export function yuanText(minor: number): string {
  const digits = String(minor).padStart(3, '0')
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`
}
