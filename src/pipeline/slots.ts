import type { AccountId } from '../domain/ids.ts'

/** Calls at once through each account, counted over everything this process does. */
export interface Slots {
  /** Runs `work` as soon as fewer than `limit` calls of the account are under way, first come first served. */
  use<T>(account: AccountId, limit: number, work: () => Promise<T>): Promise<T>
  /** Calls that could begin at once. */
  free(account: AccountId, limit: number): number
}

interface Line {
  taken: number
  readonly waiting: (() => void)[]
}

export function createSlots(): Slots {
  const lines = new Map<AccountId, Line>()
  return {
    free: (account, limit) => Math.max(0, limit - (lines.get(account)?.taken ?? 0)),
    async use(account, limit, work) {
      const line = lines.get(account) ?? { taken: 0, waiting: [] }
      lines.set(account, line)
      // Who is woken has been given the slot of the one who woke it, so that nobody slips in between.
      if (line.taken < limit) line.taken++
      else await new Promise<void>((resolve) => line.waiting.push(resolve))
      try {
        return await work()
      } finally {
        const next = line.waiting.shift()
        if (next) next()
        else if (--line.taken === 0) lines.delete(account)
      }
    },
  }
}
