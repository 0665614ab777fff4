import { toIso } from '../../domain/time.ts'
import type { RuleTrial } from '../../http/routes/rules.ts'
import { type Command, CommandError, type Context, EXIT } from '../command.ts'
import { ask, findServer } from '../session.ts'
import { OPTIONS } from '../texts/commands.ts'
import { RULES } from '../texts/reviews.ts'
import { say } from '../texts/text.ts'
import { readValues } from './rule-set.ts'

interface Tried {
  readonly rule: string
  readonly order: string | null
  readonly items: readonly RuleTrial[]
}

export const ruleTest: Command = {
  name: 'rule test',
  summary: RULES.test,
  args: [
    { name: '<rule>', text: RULES.key },
    { name: '[values...]', text: RULES.values },
  ],
  options: [
    { flags: '--order <no>', text: RULES.order },
    { flags: '--event <id>', text: RULES.event },
    { flags: '--shop <slug>', text: OPTIONS.shop },
    { flags: '--key <key>', text: OPTIONS.key },
    { flags: '--url <url>', text: OPTIONS.url },
  ],
  examples: [
    'dingdong rule test large-order --order D20261122-17',
    'dingdong rule test large-order limit=3000 --order D20261122-17',
  ],
  async run(context, [key = '', ...values], options) {
    const { screen, language } = context
    const { order, event } = options
    if (typeof order !== 'string' && typeof event !== 'string')
      throw new CommandError(EXIT.usage, say(RULES.needTarget, language))
    const params = readValues(context, values)
    const server = await findServer(context, options)
    const target = typeof event === 'string' ? { event } : { order }
    const route = `/v1/rules/${encodeURIComponent(key)}/test`
    const tried = await ask<Tried>(context, server, 'POST', route, { ...target, params })
    if (tried.items.length === 0) screen.line(say(RULES.noEvents, language))
    for (const item of tried.items) {
      screen.line(lineOf(context, item))
      for (const part of item.parts[language]) screen.line(`    ${screen.paint('dim', part)}`)
    }
    screen.result(tried)
    return EXIT.ok
  },
}

function lineOf({ screen, language }: Context, item: RuleTrial): string {
  const start = `${screen.paint('dim', toIso(item.at))} ${item.type}`
  if (item.matches) {
    const would = item.would ? say(RULES[item.would], language) : ''
    const text = screen.paint('yellow', say(RULES.matches, language, { would }))
    return `${start}  ${text}${item.again ? say(RULES.again, language) : ''}  ${item.what?.[language] ?? ''}`
  }
  const name = `why_${item.why ?? 'condition'}` as keyof typeof RULES
  const why = say(RULES[name] ?? RULES.why_condition, language, { detail: item.detail ?? '' })
  return `${start}  ${screen.paint('dim', say(RULES.misses, language, { why }))}`
}
