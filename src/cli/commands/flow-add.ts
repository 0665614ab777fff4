import { compileTemplates, readFlows } from '../../app/presets.ts'
import { type Queryable, type Tx, transaction } from '../../db/connect.ts'
import {
  changeFlow,
  keepPresets,
  listFlows,
  listTemplates,
  publishFlows,
  publishTemplates,
} from '../../db/flows.ts'
import { bumpConfig, type ShopRow } from '../../db/shops.ts'
import { flowSchema } from '../../domain/flow/flow.ts'
import type { ShopId } from '../../domain/ids.ts'
import { templatesOf } from '../../pipeline/check-flow.ts'
import type { Preset, Presets } from '../../pipeline/presets.ts'
import { type Command, type Context, EXIT } from '../command.ts'
import { record } from '../record.ts'
import { chooseShop, withDatabase } from '../session.ts'
import { unknownFlow } from '../shop-flow.ts'
import { OPTIONS } from '../texts/commands.ts'
import { FLOWS } from '../texts/flows.ts'
import { say } from '../texts/text.ts'

/** Works on the database itself. What the shop has already, whatever it says by now, stays. */
export const flowAdd: Command = {
  name: 'flow add',
  summary: FLOWS.add,
  args: [{ name: '[flows...]', text: FLOWS.keys }],
  options: [
    { flags: '--on', text: FLOWS.addOn },
    { flags: '--shop <slug>', text: OPTIONS.shop },
  ],
  examples: ['dingdong flow add --shop my-shop', 'dingdong flow add payment-healed --on'],
  run: (context, keys, options) =>
    withDatabase(context, async (session) => {
      const { screen, language, clock } = context
      const shop = await chooseShop(context, session, options.shop)
      const on = options.on === true
      const presets = await readFlows(language)
      const known = presets.map(({ key }) => key)
      for (const key of keys) if (!known.includes(key)) throw unknownFlow(language, key, known)
      const wanted = presets.filter(({ key }) => keys.length === 0 || keys.includes(key))
      const { flows: missing } = await missingIn(session.pools.db, shop.id, wanted, [])
      const templates = await compileTemplates(clock, language, { names: spokenBy(missing) })
      const made = await transaction(session.pools.db, (tx) =>
        addFlows(context, tx, shop, { flows: wanted, templates }, on),
      )
      const there = keys.filter((key) => !made.added.includes(key))
      const state = say(on ? FLOWS.on : FLOWS.off, language)
      screen.line(
        made.added.length > 0
          ? say(FLOWS.added, language, { state, flows: made.added.join(', ') })
          : say(FLOWS.noneAdded, language),
      )
      if (made.templates.length > 0)
        screen.line(say(FLOWS.addedTemplates, language, { templates: made.templates.join(', ') }))
      if (there.length > 0) screen.line(say(FLOWS.there, language, { flows: there.join(', ') }))
      screen.result({ ...made, there, on })
      return EXIT.ok
    }),
}

/** Those of the presets that the shop lacks, with the templates that they speak with and it lacks. */
async function addFlows(
  context: Context,
  tx: Tx,
  { id: shop }: ShopRow,
  presets: Presets,
  on: boolean,
): Promise<{ readonly added: readonly string[]; readonly templates: readonly string[] }> {
  // Locks the shop's row until commit, so that nobody publishes what is found missing here.
  await bumpConfig(tx, shop)
  const { flows, templates } = await missingIn(tx, shop, presets.flows, presets.templates)
  const added = flows.map(({ key }) => key)
  const names = templates.map(({ key }) => key)
  const now = context.clock.now()
  await keepPresets(tx, [...flows, ...templates], now)
  await publishFlows(tx, shop, flows, 'command line', now)
  await publishTemplates(tx, shop, templates, 'command line', now)
  await record(context, tx, shop, 'flow.add', 'flows', { flows: added, templates: names, on })
  for (const key of on ? [] : added) {
    await changeFlow(tx, shop, key, { enabled: false }, now)
    await record(context, tx, shop, 'flow.disable', key)
  }
  return { added, templates: names }
}

/** What of these the shop lacks; of the templates, what its new flows would speak with. */
async function missingIn(
  db: Queryable,
  shop: ShopId,
  flows: readonly Preset[],
  templates: readonly Preset[],
): Promise<Presets> {
  const have = new Set((await listFlows(db, shop)).map(({ key }) => key))
  const haveWords = new Set((await listTemplates(db, shop)).map(({ key }) => key))
  const missing = flows.filter(({ key }) => !have.has(key))
  const spoken = spokenBy(missing)
  return {
    flows: missing,
    templates: templates.filter(({ key }) => spoken.has(key) && !haveWords.has(key)),
  }
}

function spokenBy(flows: readonly Preset[]): ReadonlySet<string> {
  return new Set(flows.flatMap(({ body }) => templatesOf(flowSchema.parse(JSON.parse(body)))))
}
