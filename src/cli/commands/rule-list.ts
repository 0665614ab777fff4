import { isAmounts } from '../../domain/amounts.ts'
import type { SeenRule } from '../../http/routes/rules.ts'
import { type Command, EXIT } from '../command.ts'
import { table } from '../screen.ts'
import { ask, findServer } from '../session.ts'
import { OPTIONS } from '../texts/commands.ts'
import { RULES } from '../texts/reviews.ts'
import { say } from '../texts/text.ts'

export const ruleList: Command = {
  name: 'rule list',
  summary: RULES.list,
  options: [
    { flags: '--shop <slug>', text: OPTIONS.shop },
    { flags: '--key <key>', text: OPTIONS.key },
    { flags: '--url <url>', text: OPTIONS.url },
  ],
  examples: ['dingdong rule list'],
  async run(context, _args, options) {
    const { screen, language } = context
    const server = await findServer(context, options)
    const { items } = await ask<{ items: readonly SeenRule[] }>(context, server, 'GET', '/v1/rules')
    if (items.length === 0) screen.line(say(RULES.none, language))
    const rows = items.map((item) => [
      screen.paint('bold', item.rule),
      item.enabled
        ? screen.paint('green', say(RULES.isOn, language))
        : screen.paint('dim', say(RULES.isOff, language)),
      say(RULES[item.does], language),
      `v${item.version}`,
      item.title[language],
      screen.paint(
        'dim',
        Object.entries(item.params)
          .map(([name, { value }]) => `${name}=${valueText(value)}`)
          .join(' '),
      ),
    ])
    for (const line of table(rows)) screen.line(line)
    screen.result(items)
    return EXIT.ok
  },
}

/** Of amounts by currency the first, which is the shop's own, and how many more there are; `--json` has all. */
function valueText(value: SeenRule['params'][string]['value']): string {
  if (!isAmounts(value)) return String(value)
  const all = Object.entries(value).map(([currency, amount]) => `${amount} ${currency}`)
  return all.length > 1 ? `${all[0]} (+${all.length - 1})` : all.join()
}
