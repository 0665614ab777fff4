import { expect, it } from 'vitest'
import { runWithValues } from './blank.ts'
import { type Command, type Context, EXIT } from './command.ts'

const words = { zh: '', en: '' }
const command: Command = {
  name: 'member add',
  summary: words,
  args: [{ name: '<name>', text: words }],
  options: [{ flags: '--public-url <url>', text: words }],
  examples: [],
  run: async () => EXIT.ok,
}
const run = (args: string[], options: Record<string, string | boolean> = {}, language: 'zh' | 'en' = 'en') =>
  runWithValues(command, { language } as Context, args, options)

it.each(['', ' ', '\t'])(
  'a blank value (%j) is nobody’s name, and the answer says which it is',
  async (blank) => {
    await expect(run([blank])).rejects.toThrow(
      '<name> came without a value. See "dingdong member add --help".',
    )
    await expect(run(['小运'], { publicUrl: blank })).rejects.toThrow(
      '--public-url <url> came without a value.',
    )
    await expect(run([blank], {}, 'zh')).rejects.toThrow('<name> 不能为空。')
    await expect(run([blank])).rejects.toMatchObject({ exit: EXIT.usage })
  },
)

it('values that say something, flags and what was not given are taken', async () => {
  expect(await run(['小运'], { publicUrl: 'https://shop.example', json: true })).toBe(EXIT.ok)
  expect(await run([])).toBe(EXIT.ok)
})
