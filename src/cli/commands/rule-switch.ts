import { type Command, EXIT } from '../command.ts'
import { ask, findServer } from '../session.ts'
import { OPTIONS } from '../texts/commands.ts'
import { RULES } from '../texts/reviews.ts'
import { say } from '../texts/text.ts'

export const ruleOn: Command = switchCommand('on')
export const ruleOff: Command = switchCommand('off')

function switchCommand(change: 'on' | 'off'): Command {
  return {
    name: `rule ${change}`,
    summary: RULES[change],
    args: [{ name: '<rule>', text: RULES.key }],
    options: [
      { flags: '--shop <slug>', text: OPTIONS.shop },
      { flags: '--key <key>', text: OPTIONS.key },
      { flags: '--url <url>', text: OPTIONS.url },
    ],
    examples: [`dingdong rule ${change} same-ip`],
    async run(context, [key = ''], options) {
      const { screen, language } = context
      const server = await findServer(context, options)
      const route = `/v1/rules/${encodeURIComponent(key)}/${change}`
      const answer = await ask<{ rule: string; enabled: boolean }>(context, server, 'POST', route, {})
      screen.line(`${answer.rule}: ${say(answer.enabled ? RULES.isOn : RULES.isOff, language)}`)
      screen.result(answer)
      return EXIT.ok
    },
  }
}
