import { type Tx, transaction } from '../../db/connect.ts'
import { keepDefinitions, publishFlows } from '../../db/flows.ts'
import { bumpConfig, type ShopRow } from '../../db/shops.ts'
import type { FieldProblem } from '../../domain/errors.ts'
import type { Flow } from '../../domain/flow/flow.ts'
import { parseFlowYaml } from '../../domain/flow/yaml.ts'
import type { ShopId } from '../../domain/ids.ts'
import { changeParams, type NewValues } from '../../domain/params.ts'
import { checkShopFlow } from '../../pipeline/check-flow.ts'
import { presetOf } from '../../pipeline/presets.ts'
import { type Command, CommandError, type Context, EXIT } from '../command.ts'
import { readNumber } from '../number-option.ts'
import { record } from '../record.ts'
import { chooseShop, withDatabase } from '../session.ts'
import { readText } from '../settings-file.ts'
import { findFlow, flowOfVersion, refusal } from '../shop-flow.ts'
import { OPTIONS } from '../texts/commands.ts'
import { FLOWS } from '../texts/flows.ts'
import { say } from '../texts/text.ts'
import { readValues } from './rule-set.ts'

type Options = Readonly<Record<string, string | boolean | undefined>>

/** What is to become of the flow. */
interface Wish {
  readonly params: NewValues
  readonly holdout: number | null
  /** A whole flow in YAML. */
  readonly text: string | null
  /** An earlier version whose text is taken. */
  readonly version: number | null
}

/** Works on the database itself. */
export const flowSet: Command = {
  name: 'flow set',
  summary: FLOWS.set,
  args: [
    { name: '<flow>', text: FLOWS.flow },
    { name: '[values...]', text: FLOWS.values },
  ],
  options: [
    { flags: '--holdout <percent>', text: FLOWS.holdout },
    { flags: '--file <file>', text: FLOWS.file },
    { flags: '--version-of <number>', text: FLOWS.version },
    { flags: '--shop <slug>', text: OPTIONS.shop },
  ],
  examples: [
    'dingdong flow set payment-failed-funds first=2h day=22h',
    'dingdong flow set payment-failed-funds sms_from=300 sms_from.USD=40 sms_from.SGD=none',
    'dingdong flow set payment-failed-funds --holdout 10',
    'dingdong flow set payment-failed-funds --file funds.yaml',
    'dingdong flow set payment-failed-funds --version-of 1',
  ],
  async run(context, [key = '', ...values], options) {
    const { screen, language, clock } = context
    const wish = await readWish(context, values, options)
    return withDatabase(context, async (session) => {
      const shop = await chooseShop(context, session, options.shop)
      const version = await transaction(session.pools.db, async (tx) => {
        // Locks the shop's row until commit: of two who publish at once, the second changes what the first has made.
        await bumpConfig(tx, shop.id)
        const flow = await wished(context, tx, shop, key, wish)
        const made = presetOf('flow', key, flow)
        await keepDefinitions(tx, [made], clock.now())
        await publishFlows(tx, shop.id, [made], 'command line', clock.now())
        const { version } = await findFlow(context, tx, shop.id, key)
        await record(context, tx, shop.id, 'flow.set', key, noted(wish, version))
        return version
      })
      screen.line(say(FLOWS.changed, language, { flow: key, version }))
      screen.result({ flow: key, version })
      return EXIT.ok
    })
  },
}

async function readWish(context: Context, values: readonly string[], options: Options): Promise<Wish> {
  const { language } = context
  const { file } = options
  const wish = {
    params: readValues(context, values, 'day=23h'),
    holdout: readNumber(context, options, 'holdout'),
    version: readNumber(context, options, 'versionOf'),
  }
  if (typeof file === 'string' && wish.version !== null)
    throw new CommandError(EXIT.usage, say(FLOWS.fileOrVersion, language))
  const text = typeof file === 'string' ? await readText(context, file) : null
  if (values.length === 0 && text === null && wish.holdout === null && wish.version === null)
    throw new CommandError(EXIT.usage, say(FLOWS.nothing, language))
  return { ...wish, text }
}

/** The flow as it is to be, or a refusal with everything that is wrong with it. */
async function wished(context: Context, tx: Tx, shop: ShopRow, key: string, wish: Wish): Promise<Flow> {
  const { language } = context
  const refuse = (problems: readonly FieldProblem[]) => refusal(say(FLOWS.invalid, language), problems)
  const base = await baseOf(context, tx, shop.id, key, wish)
  if (!base.ok) throw refuse(base.problems)
  const params = changeParams(base.value.params, wish.params, shop.currency, language)
  if (!params.ok) throw refuse(params.problems)
  const holdout = wish.holdout ?? base.value.holdout
  const checked = await checkShopFlow(
    tx,
    shop.id,
    key,
    { ...base.value, params: params.value, holdout },
    language,
  )
  if (!checked.ok) throw refuse(checked.problems)
  return checked.value
}

async function baseOf(context: Context, tx: Tx, shop: ShopId, key: string, { text, version }: Wish) {
  const current = await findFlow(context, tx, shop, key)
  if (text !== null) return parseFlowYaml(text, context.language)
  if (version === null) return { ok: true, value: current.flow } as const
  return {
    ok: true,
    value: await flowOfVersion(context, tx, shop, { key, version, current: current.version }),
  } as const
}

function noted({ params, holdout, text, version: of }: Wish, version: number) {
  return {
    version,
    ...(Object.keys(params).length > 0 ? { params } : {}),
    ...(holdout === null ? {} : { holdout }),
    ...(text === null ? {} : { file: true }),
    ...(of === null ? {} : { versionOf: of }),
  }
}
