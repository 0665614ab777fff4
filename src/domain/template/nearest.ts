/** The candidate that looks most like `wanted`, or `null` when nothing is near (more than 40 % would change). */
export function nearest(wanted: string, candidates: Iterable<string>): string | null {
  let best: string | null = null
  let least = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const longest = Math.max(wanted.length, candidate.length)
    const cost = distance(wanted.toLowerCase(), candidate.toLowerCase())
    // A name of two Chinese characters is as long as a word: one of them right is near.
    const allowed = Math.max(1, Math.floor(longest * 0.4))
    if (cost <= allowed && cost < least) {
      best = candidate
      least = cost
    }
  }
  return best
}

/** As `nearest`, for names that may be somebody's own: only what two slips of the hand explain. */
export function misspelt(wanted: string, candidates: readonly string[]): string | null {
  const near = nearest(wanted, candidates)
  return near !== null && near !== wanted && distance(wanted.toLowerCase(), near.toLowerCase()) <= 2
    ? near
    : null
}

/** Edits between two texts: insert, delete, replace, swap neighbours (optimal string alignment). */
function distance(a: string, b: string): number {
  const [from, to] = [[...a.slice(0, 80)], [...b.slice(0, 80)]]
  let before: number[] = []
  let row = Array.from({ length: to.length + 1 }, (_, at) => at)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const replace = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1)
      let cost = Math.min(replace, row[j]! + 1, next[j - 1]! + 1)
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1])
        cost = Math.min(cost, before[j - 2]! + 1)
      next.push(cost)
    }
    before = row
    row = next
  }
  return row[to.length]!
}
