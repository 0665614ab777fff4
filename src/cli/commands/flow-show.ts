import { stringify } from 'yaml'
import { isAmounts } from '../../domain/amounts.ts'
import type { SplitArm } from '../../domain/flow/draw.ts'
import type { Flow } from '../../domain/flow/flow.ts'
import { type Command, type Context, EXIT } from '../command.ts'
import { readNumber } from '../number-option.ts'
import { table } from '../screen.ts'
import { chooseShop, withDatabase } from '../session.ts'
import { findFlow, flowOfVersion } from '../shop-flow.ts'
import { OPTIONS } from '../texts/commands.ts'
import { FLOWS, VERSIONS } from '../texts/flows.ts'
import { say } from '../texts/text.ts'

/** Reads the database itself. */
export const flowShow: Command = {
  name: 'flow show',
  summary: FLOWS.show,
  args: [{ name: '<flow>', text: FLOWS.flow }],
  options: [
    { flags: '--yaml', text: FLOWS.yaml },
    { flags: '--version <number>', text: VERSIONS.of },
    { flags: '--shop <slug>', text: OPTIONS.shop },
  ],
  examples: [
    'dingdong flow show payment-failed-funds',
    'dingdong flow show payment-failed-funds --yaml > funds.yaml',
    'dingdong flow show payment-failed-funds --version 1',
  ],
  async run(context, [key = ''], options) {
    const wanted = readNumber(context, options, 'version')
    return withDatabase(context, async (session) => {
      const { screen, language } = context
      const shop = await chooseShop(context, session, options.shop)
      const found = await findFlow(context, session.pools.db, shop.id, key)
      const { enabled, killed, version: current } = found
      const version = wanted ?? current
      const flow =
        version === current
          ? found.flow
          : await flowOfVersion(context, session.pools.db, shop.id, { key, version, current })
      if (options.yaml) for (const line of stringify(flow).trimEnd().split('\n')) screen.file(line)
      else {
        const state = say(killed ? FLOWS.killed : enabled ? FLOWS.on : FLOWS.off, language)
        screen.line(`${screen.paint('bold', key)} v${version} · ${state} · ${flow.title[language]}`)
        for (const line of linesOf(context, flow, shop.currency)) screen.line(line)
      }
      screen.result({ version, enabled, killed, ...flow })
      return EXIT.ok
    })
  },
}

function linesOf({ screen, language }: Context, flow: Flow, currency: string): readonly string[] {
  const params = Object.entries(flow.params).flatMap(([name, { value, title }]) =>
    paramRows(name, value, title[language], currency).map(([set, says]) => [
      `  ${set}`,
      screen.paint('dim', says),
    ]),
  )
  const steps = flow.steps.map(({ id, kind, ...rest }) => [
    `  ${id}`,
    kind,
    screen.paint('dim', Object.entries(rest).map(field).join(' · ')),
  ])
  return [
    flow.description[language],
    [
      say(FLOWS.starts, language, { events: flow.trigger.on.join(', ') }),
      say(FLOWS.held, language, { percent: flow.holdout }),
    ].join(' · '),
    ...table(params),
    '',
    ...table(steps),
  ]
}

/** In how many currencies one line tells an amount. */
const ON_A_LINE = 8

/** As `flow set` takes it, with what it is; of an amount by currency the shop's own, and the others below. */
function paramRows(
  name: string,
  value: Flow['params'][string]['value'],
  title: string,
  own: string,
): readonly (readonly [string, string])[] {
  if (!isAmounts(value)) return [[`${name}=${value}`, title]]
  const { [own]: amount, ...others } = value
  const rest = Object.entries(others).map(([currency, much]) => `.${currency}=${much}`)
  const lines = Array.from({ length: Math.ceil(rest.length / ON_A_LINE) }, (_, at) =>
    rest.slice(at * ON_A_LINE, (at + 1) * ON_A_LINE).join(' '),
  )
  const first = amount === undefined ? name : `${name}.${own}=${amount}`
  return [[first, title], ...lines.map((line) => ['', line] as const)]
}

function field([name, value]: [string, unknown]): string {
  if (Array.isArray(value)) return `${name} ${value.map(item).join(', ')}`
  return `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`
}

/** Of a list: a word, or an arm as `soon 50% → first`. */
function item(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  const { name, share, next } = value as SplitArm & { readonly next?: string }
  return `${name} ${share}%${next === undefined ? '' : ` → ${next}`}`
}
