import type { OrderId } from '../ids.ts'

export interface MergePlan<Id> {
  readonly survivor: Id
  readonly absorbed: readonly Id[]
}

/** Which order survives when one event's references found several: the oldest (smallest uuid v7); `null` when none was found. */
export function planMerge(found: readonly OrderId[]): MergePlan<OrderId> | null {
  const ids = [...new Set(found)].sort()
  const survivor = ids[0]
  return survivor === undefined ? null : { survivor, absorbed: ids.slice(1) }
}
