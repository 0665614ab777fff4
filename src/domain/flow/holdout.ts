import type { Arm } from './run.ts'

/**
 * The arm a person is in for a flow family: the first 48 bits of `keyedHash` (32 bytes, over shop, person and
 * family, keyed by a secret of the shop) as a share of 100 %. Raising the percentage only ever moves people
 * from treated to held; the pipeline still stores the first answer, so that an arm never changes.
 */
export function holdoutArm(keyedHash: Uint8Array, percent: number): Arm {
  if (keyedHash.length < 32)
    throw new RangeError(`expected a keyed hash of 32 bytes, got ${keyedHash.length}`)
  let drawn = 0
  for (let at = 0; at < 6; at++) drawn = drawn * 256 + keyedHash[at]!
  return (drawn / 2 ** 48) * 100 < percent ? 'held' : 'treated'
}
