import { fractionOf } from './draw.ts'
import type { Flow } from './flow.ts'
import type { Arm } from './run.ts'

/** What the held arm is called where arms are compared; no experiment and no arm is called so. */
export const HOLDOUT = 'holdout'

/**
 * The arm a person is in for a flow family: `keyedHash` (32 bytes, over shop, person and family, keyed by a secret of
 * the shop) as a share of 100 %. Raising the percentage only ever moves people from treated to held; the pipeline
 * still stores the first answer, so that an arm never changes.
 */
export const holdoutArm = (keyedHash: Uint8Array, percent: number): Arm =>
  fractionOf(keyedHash) * 100 < percent ? 'held' : 'treated'

/** Whether a flow sends its buyer reminders or promotions, which people could be kept without. */
export const nudgesBuyer = ({ steps, purpose: usual }: Flow): boolean =>
  steps.some((step) => {
    if (step.kind !== 'cascade' && (step.kind !== 'send' || step.to !== 'buyer')) return false
    const purpose = step.purpose ?? usual
    return purpose === 'reminder' || purpose === 'promotion'
  })
