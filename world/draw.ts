/**
 * Chance that depends on nothing but its names: the same seed, buyer and occasion give the same draw under every
 * policy, so two policies differ by what they do and not by luck (common random numbers). Not for secrets.
 */
export type Draw = (...names: readonly (string | number)[]) => number

/** FNV-1a over the names, then the finaliser of MurmurHash3 so that neighbouring names are unrelated; 0 ≤ x < 1. */
export function drawOf(seed: number): Draw {
  return (...names) => {
    let hash = 0x811c9dc5
    for (const letter of `${seed}|${names.join('|')}`) {
      hash = Math.imul(hash ^ letter.codePointAt(0)!, 0x01000193) >>> 0
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) >>> 0
    return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
  }
}

/** One of `choices` by weight. */
export function pick<T>(share: number, choices: readonly (readonly [T, number])[]): T {
  let rest = share * choices.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [choice, weight] of choices) {
    rest -= weight
    if (rest < 0) return choice
  }
  return choices.at(-1)![0]
}
