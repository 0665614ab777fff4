import type { Command } from '../../src/cli/command.ts'
import { COMMANDS } from '../../src/cli/registry.ts'
import { FRAME } from '../../src/cli/texts/frame.ts'
import { code, type Page, table } from './page.ts'

export const commands: Page = {
  file: 'commands.md',
  title: 'Commands',
  from: 'src/cli/registry.ts',
  body() {
    return [
      'In a checkout `dingdong` is `npm run dingdong --`: `npm run dingdong -- order A-1`. `start` is `npm start`. Texts are in English or Chinese, as `LANG` says.',
      `Every command also takes ${code('--json')} (${FRAME.json.en}), ${code('--config <file>')}, ${code('--data-dir <folder>')} and ${code('--help')}. ${code('NO_COLOR')} switches colours off.`,
      `${FRAME.exits.en}.`,
      ...COMMANDS.map(section),
    ].join('\n\n')
  },
}

function section({ name, summary, args = [], options = [], examples }: Command): string {
  const rows = [
    ...args.map((arg) => [code(arg.name), arg.text.en]),
    ...options.map((option) => [code(option.flags), option.text.en]),
  ]
  return [
    `## ${name}`,
    `${summary.en.charAt(0).toUpperCase()}${summary.en.slice(1)}.`,
    ...(rows.length > 0 ? [table(['', ''], rows)] : []),
    `\`\`\`sh\n${examples.join('\n')}\n\`\`\``,
  ].join('\n\n')
}
