import * as z from 'zod'
import { transaction } from '../../db/connect.ts'
import { setAllKilled, setShopKilled } from '../../db/shops.ts'
import type { HttpDeps } from '../deps.ts'
import { record } from '../record.ts'
import type { AddRoute } from '../route.ts'

const killOrRevive = z.object({ change: z.enum(['kill', 'revive']) })
const killed = z.object({ killed: z.boolean() })

/** The two large kill switches; a flow's own is with the flows. */
export function killSwitches(add: AddRoute, deps: HttpDeps): void {
  const { db } = deps

  add('POST /v1/shop/:change', {
    summary: 'Stop every message of the shop, or let them go again',
    params: killOrRevive,
    answer: killed,
    async handle({ caller, params: { change } }) {
      const on = change === 'kill'
      await transaction(db, async (tx) => {
        await setShopKilled(tx, caller.shop, on)
        await record(deps, tx, caller, `shop.${change}`, `shop ${caller.shop}`)
      })
      return { killed: on }
    },
  })

  add('POST /v1/installation/:change', {
    summary:
      'Stop every message of every shop, or let them go again. For the administrator in a browser; a program runs dingdong flow kill --everything',
    params: killOrRevive,
    answer: killed,
    async handle({ caller, params: { change } }) {
      const on = change === 'kill'
      await transaction(db, async (tx) => {
        await setAllKilled(tx, on)
        await record(deps, tx, caller, `installation.${change}`, 'all shops')
      })
      return { killed: on }
    },
  })
}
