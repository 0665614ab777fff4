import type { Db, Tx } from '../../src/db/connect.ts'
import type { ShopId } from '../../src/domain/ids.ts'
import { DAY } from '../../src/domain/time.ts'
import { MONDAY } from '../kit/world.ts'
import type { Victim } from './victim.ts'

/** Calls a verb for another shop with the victim's ids. `db` is inside a transaction that is rolled back. */
export type Attack = (db: Db & Tx, shop: ShopId, victim: Victim) => Promise<unknown>

/** What an attack may get back: nothing at all, or what it brought along itself. */
export type Answer = 'nothing' | 'its own'

/** Below every id that is made from a time. */
export const FIRST = '00000000-0000-7000-8000-000000000000'
export const LATER = MONDAY + 30 * DAY
export const bytes = Buffer.from('x')
