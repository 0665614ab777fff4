import type { SeenRule } from '../../http/routes/rules.ts'
import { type Command, CommandError, type Context, EXIT } from '../command.ts'
import { readNumber } from '../number-option.ts'
import { ask, findServer } from '../session.ts'
import { OPTIONS } from '../texts/commands.ts'
import { RULES } from '../texts/reviews.ts'
import { say } from '../texts/text.ts'

export const ruleSet: Command = {
  name: 'rule set',
  summary: RULES.set,
  args: [
    { name: '<rule>', text: RULES.key },
    { name: '[values...]', text: RULES.values },
  ],
  options: [
    { flags: '--version-of <number>', text: RULES.version },
    { flags: '--shop <slug>', text: OPTIONS.shop },
    { flags: '--key <key>', text: OPTIONS.key },
    { flags: '--url <url>', text: OPTIONS.url },
  ],
  examples: [
    'dingdong rule set large-order limit=8000 answer=2h',
    'dingdong rule set large-order limit.JPY=150000 limit.SGD=none',
    'dingdong rule set large-order --version-of 1',
  ],
  async run(context, [key = '', ...values], options) {
    const { screen, language } = context
    const params = readValues(context, values)
    const wanted = readNumber(context, options, 'versionOf')
    if (Object.keys(params).length === 0 && wanted === null)
      throw new CommandError(EXIT.usage, say(RULES.nothing, language))
    const version = wanted === null ? {} : { version: wanted }
    const server = await findServer(context, options)
    const route = `/v1/rules/${encodeURIComponent(key)}/set`
    const rule = await ask<SeenRule>(context, server, 'POST', route, { params, ...version })
    screen.line(say(RULES.changed, language, { rule: rule.rule, version: rule.version }))
    screen.result(rule)
    return EXIT.ok
  },
}

/** `limit=8000 limit.JPY=150000,answer=2h`, apart or with commas: numbers and switches as such, all else as text. */
export function readValues(
  { language }: Context,
  values: readonly string[],
  example = 'limit=8000',
): Readonly<Record<string, string | number | boolean>> {
  const pairs = values.flatMap((each) => each.split(',')).filter((pair) => pair.trim() !== '')
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, value] = /^\s*([A-Za-z]\w*(?:\.[A-Za-z]{3})?)\s*=\s*(.*?)\s*$/.exec(pair) ?? []
      if (name === undefined || value === undefined || value === '')
        throw new CommandError(EXIT.usage, say(RULES.badValue, language, { text: pair, example }))
      if (value === 'true' || value === 'false') return [name, value === 'true']
      return [name, /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value]
    }),
  )
}
