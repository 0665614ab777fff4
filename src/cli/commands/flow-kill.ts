import { addAudit } from '../../db/audit.ts'
import { transaction } from '../../db/connect.ts'
import { changeFlow, listFlows } from '../../db/flows.ts'
import { bumpConfig, listShops, type ShopRow, setAllKilled, setShopKilled } from '../../db/shops.ts'
import { newId, type ShopId } from '../../domain/ids.ts'
import { type Command, CommandError, type Context, EXIT, type Exit } from '../command.ts'
import { chooseShop, type Session, withDatabase } from '../session.ts'
import { unknownFlow } from '../shop-flow.ts'
import { OPTIONS } from '../texts/commands.ts'
import { FLOWS } from '../texts/flows.ts'
import { say } from '../texts/text.ts'

/** Works on the database itself: the kill switch must work when the server does not answer. */
export const flowKill: Command = killCommand('flow kill', true)
export const flowUnkill: Command = killCommand('flow unkill', false)

function killCommand(name: string, killed: boolean): Command {
  return {
    name,
    summary: killed ? FLOWS.kill : FLOWS.unkill,
    args: [{ name: '[flow]', text: FLOWS.flow }],
    options: [
      { flags: '--shop <slug>', text: OPTIONS.shop },
      { flags: '--whole-shop', text: FLOWS.wholeShop },
      { flags: '--everything', text: FLOWS.everything },
    ],
    examples: [
      `dingdong ${name} payment-failed-funds`,
      `dingdong ${name} --whole-shop --shop my-shop`,
      `dingdong ${name} --everything`,
    ],
    run: (context, [flow], options) =>
      withDatabase(context, async (session) => {
        // What is stopped must be what was meant, neither more nor less.
        const named = [flow, options.wholeShop, options.everything].filter(Boolean)
        if (named.length !== 1) throw new CommandError(EXIT.usage, say(FLOWS.need, context.language))
        if (options.everything && options.shop)
          throw new CommandError(EXIT.usage, say(FLOWS.everyShopOrOne, context.language))
        if (options.everything) return killEverything(context, session, killed)
        const shop = await chooseShop(context, session, options.shop)
        return flow
          ? killFlow(context, session, shop, flow, killed)
          : killShop(context, session, shop, killed)
      }),
  }
}

async function killEverything(context: Context, { pools }: Session, killed: boolean): Promise<Exit> {
  await setAllKilled(pools.db, killed)
  for (const { id } of await listShops(pools.db)) await log(context, pools.db, id, 'installation', killed)
  return tell(context, say(FLOWS.everythingName, context.language), killed)
}

async function killShop(context: Context, { pools }: Session, shop: ShopRow, killed: boolean): Promise<Exit> {
  await transaction(pools.db, async (tx) => {
    await setShopKilled(tx, shop.id, killed)
    await log(context, tx, shop.id, 'shop', killed)
  })
  return tell(context, shop.slug, killed)
}

async function killFlow(
  context: Context,
  { pools }: Session,
  shop: ShopRow,
  flow: string,
  killed: boolean,
): Promise<Exit> {
  const changed = await transaction(pools.db, async (tx) => {
    if (!(await changeFlow(tx, shop.id, flow, { killed }, context.clock.now()))) return false
    await bumpConfig(tx, shop.id)
    await log(context, tx, shop.id, `flow:${flow}`, killed)
    return true
  })
  if (changed) return tell(context, flow, killed)
  const known = (await listFlows(pools.db, shop.id)).map((each) => each.key)
  throw unknownFlow(context.language, flow, known)
}

async function log(
  { clock, random }: Context,
  db: Parameters<typeof addAudit>[0],
  shop: ShopId,
  target: string,
  killed: boolean,
) {
  const at = clock.now()
  const action = killed ? 'kill' : 'unkill'
  await addAudit(db, shop, {
    id: newId('adt', at, random),
    at,
    actor: 'command line',
    action,
    target,
    detail: {},
  })
}

function tell({ screen, language }: Context, what: string, killed: boolean): Exit {
  screen.line(say(killed ? FLOWS.done : FLOWS.undone, language, { what }))
  screen.result({ what, killed })
  return EXIT.ok
}
