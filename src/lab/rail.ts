import type { Random } from '../domain/ids.ts'
import type { Clock, Millis } from '../domain/time.ts'
import { createPauses } from './http-faults.ts'
import { createNotices, type Notice, type NoticeFault, type NoticeTry } from './rail-notices.ts'
import { createScript, type Fault, faultOf, type Rule, type Script } from './script.ts'
import { createTrades, type Placed, type Trade, type TradeStep, type Trades } from './trades.ts'

/** What tests and the demo do with any rail's simulator. */
export interface RailLab<QueryFault extends Fault> {
  readonly origin: string
  /** Where notices go; `null`: nowhere. */
  noticesTo(url: string | null): void
  scriptNotices(rules: readonly Rule<NoticeFault>[]): void
  /** Faults of the answers to queries and closes. */
  scriptQueries(rules: readonly Rule<QueryFault>[]): void
  place(placed: Placed): void
  /** Something happens to a trade, and is told where the rail tells it. `false`: the trade cannot take it. */
  step(no: string, step: TradeStep): boolean
  find(no: string): Trade | undefined
  /** Every try to hand over a notice, oldest first. */
  tries(): readonly NoticeTry[]
  /** Resolves when every notice so far was taken, or given up. */
  noticesDone(): Promise<void>
  /** Settings of the source that speaks to this merchant's account, asking the rail itself. */
  settings(): Readonly<Record<string, unknown>>
  close(): Promise<void>
}

export interface RailOptions {
  readonly clock: Clock
  readonly random: Random
  /** 0 or absent: any free one. */
  readonly port?: number
}

export interface Rail<QueryFault extends Fault> {
  readonly trades: Trades
  readonly queries: Script<QueryFault>
  pause(ms: Millis): Promise<void>
  readonly controls: Omit<RailLab<QueryFault>, 'origin' | 'settings' | 'close'>
  stop(): Promise<void>
}

/** The part that every rail has: trades, the notices about them, and what can befall both. */
export function createRail<QueryFault extends Fault>(
  { clock, random }: RailOptions,
  rail: {
    /** What the rail's own numbers begin with. */
    readonly ids: string
    /** Waits before the second try to hand over a notice, the third … */
    readonly schedule: readonly Millis[]
    readonly taken: (status: number, answer: string) => boolean
    /** What is told of a step; `null`: nothing. */
    readonly notice: (trade: Trade, step: TradeStep) => Notice | null
  },
): Rail<QueryFault> {
  const trades = createTrades(clock, rail.ids)
  const pauses = createPauses(clock)
  const noticeScript = createScript<NoticeFault>(random)
  const queries = createScript<QueryFault>(random)
  const { schedule, taken } = rail
  const notices = createNotices({ clock, pause: pauses.pause, schedule, taken })
  return {
    trades,
    queries,
    pause: pauses.pause,
    controls: {
      noticesTo: notices.target,
      scriptNotices: (rules) => noticeScript.set(rules),
      scriptQueries: (rules) => queries.set(rules),
      place: (placed) => void trades.place(placed),
      step(no, step) {
        const faults = noticeScript.next(no)
        const trade = trades.step(no, step, faultOf(faults, 'early_notice')?.ms)
        const notice = trade && rail.notice(trade, step)
        if (notice) notices.send(notice, faults)
        return trade !== null
      },
      find: trades.find,
      tries: notices.tries,
      noticesDone: notices.done,
    },
    async stop() {
      pauses.stop()
      await notices.close()
    },
  }
}

/** `bytes` random bytes as hex: a nonce, or part of a number. */
export function hexOf(random: Random, bytes: number): string {
  return Buffer.from(random(bytes)).toString('hex')
}
