/** One way of an experiment. Shares are whole percents; those of an experiment sum to 100. */
export interface SplitArm {
  readonly name: string
  readonly share: number
}

/** 32 bytes over shop, person, family, experiment and arm, keyed by a secret of the shop. */
export type ArmHash = (experiment: string, arm: string) => Uint8Array

/** The first 48 bits of a keyed hash as a share of 1. */
export function fractionOf(keyedHash: Uint8Array): number {
  if (keyedHash.length < 32)
    throw new RangeError(`expected a keyed hash of 32 bytes, got ${keyedHash.length}`)
  let drawn = 0
  for (let at = 0; at < 6; at++) drawn = drawn * 256 + keyedHash[at]!
  return drawn / 2 ** 48
}

/**
 * The arm a person is in: of all arms the one with the smallest −ln(u) ÷ share, where u is the person's own number for
 * that arm (the logarithmic method of Schindelhauer and Schomaker, Weighted Distributed Hash Tables, 2005). Each arm
 * gets its share, whatever the order of the arms. Cutting 0 … 100 into pieces would do that too, but a piece that grows
 * pushes all behind it; here nobody leaves the arm whose share grew most, and nobody enters the one whose share
 * shrank most, in proportion. With two arms no rule moves fewer.
 */
export function drawArm<Arm extends SplitArm>(
  arms: readonly Arm[],
  hashOf: (arm: string) => Uint8Array,
): Arm {
  let best = arms[0]!
  let least = Number.POSITIVE_INFINITY
  for (const arm of arms) {
    // Half a step up, so that the logarithm of 0 is never taken.
    const score = -Math.log(fractionOf(hashOf(arm.name)) + 2 ** -49) / arm.share
    if (score < least) {
      best = arm
      least = score
    }
  }
  return best
}
