import type { StripeLab } from '../../src/lab/stripe-lab.ts'
import type { Arena } from './arena.ts'
import type { ChargeOrder } from './charge-stories.ts'

// Before a payment is tried its rail is asked. The answer is held back until what could go wrong has happened: so
// whoever then begins the try rests on what was true a moment ago.

/** Longest that an answer is held back. */
const HELD = 1_000
/** Questions about one shared card that are answered at once, and how long the first of them waits for the others. */
const TOGETHER = 4
const GATHERED = 2_500

interface LastMoment {
  /**
   * From now on `late` are paid or cancelled while they are asked about, and `doubted` asked about by two at once; orders
   * that share a card are answered together, once.
   */
  arm(late: readonly ChargeOrder[], doubted: readonly ChargeOrder[]): void
  /** Those that nobody has asked about in time. */
  left(): readonly ChargeOrder[]
  /** Questions during which somebody else took the same case up. */
  contested(): number
  end(): void
}

export function holdAnswers(
  { db }: Arena,
  stripe: StripeLab,
  orders: readonly ChargeOrder[],
  play: (order: ChargeOrder) => Promise<void>,
): LastMoment {
  const late = new Map<string, ChargeOrder>()
  const doubted = new Map<string, ChargeOrder>()
  const waiting = new Map<string, () => void>()
  const shared = new Map<string, string>()
  const gathering = new Map<string, (() => void)[]>()
  let contested = 0
  let ended = false

  stripe.onQuestion((id) => {
    if (ended) return
    const other = waiting.get(id)
    if (other) {
      contested++
      waiting.delete(id)
      return other()
    }
    const paying = late.get(id)
    late.delete(id)
    if (paying) return play(paying)
    const order = doubted.get(id)
    doubted.delete(id)
    if (order) return untilAskedAgain(id, order)
    const card = shared.get(id)
    shared.delete(id)
    return card === undefined ? undefined : gather(card)
  })

  /** The lease of whoever asks runs out, and he does not know. */
  async function untilAskedAgain(id: string, { no, via }: ChargeOrder): Promise<void> {
    const again = held((wake) => waiting.set(id, wake), HELD)
    await db.query(
      `update inquiry as i set lease_until = '2020-01-01T00:00:00Z' from order_ref as r
       where r.shop_id = $1 and r.kind = 'order_no' and r.value = $2
         and i.shop_id = $1 and i.order_id = r.order_id and i.lease_until is not null`,
      [via.shop, no],
    )
    await again
    waiting.delete(id)
  }

  function gather(card: string): Promise<void> {
    const others = gathering.get(card) ?? []
    gathering.set(card, others)
    const answered = held((wake) => others.push(wake), GATHERED)
    if (others.length >= TOGETHER) {
      gathering.delete(card)
      for (const wake of others) wake()
    }
    return answered
  }

  return {
    arm(paying, asked) {
      for (const order of paying) late.set(order.intent!.id, order)
      for (const order of asked) doubted.set(order.intent!.id, order)
      for (const { intent, shares } of orders) if (shares) shared.set(intent!.id, shares)
    },
    left() {
      const unasked = [...late.values()]
      late.clear()
      doubted.clear()
      shared.clear()
      return unasked
    },
    contested: () => contested,
    end() {
      ended = true
    },
  }
}

function held(hold: (wake: () => void) => void, longest: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, longest)
    hold(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
