import { randomBytes } from 'node:crypto'
import { PassThrough } from 'node:stream'
import { testMaster } from '../../test/kit/engine.ts'
import { MONDAY } from '../../test/kit/world.ts'
import { readConfig } from '../config.ts'
import { systemClock } from '../domain/time.ts'
import type { Context } from './command.ts'
import { COMMANDS } from './registry.ts'
import { createScreen } from './screen.ts'
import type { Language } from './texts/text.ts'

/** Runs commands as the terminal would, on this database; gives the `--json` result and everything that was shown. */
export function commandRunner(databaseUrl: string, folder: string, language: Language = 'en') {
  return async (name: string, args: readonly string[], options: Record<string, string | boolean> = {}) => {
    const shown: string[] = []
    const stream = Object.assign(new PassThrough(), {
      write: (text: string) => shown.push(text) > 0,
    }) as unknown as NodeJS.WriteStream
    let result: unknown = null
    const context: Context = {
      screen: {
        ...createScreen({ out: stream, err: stream }, false),
        result: (value) => {
          result = value
        },
      },
      language,
      clock: { ...systemClock(), now: () => MONDAY },
      random: (bytes) => randomBytes(bytes),
      env: {},
      config: () =>
        readConfig({
          env: {
            DATABASE_URL: databaseUrl,
            DINGDONG_MASTER_KEY: Buffer.from(testMaster.bytes).toString('base64'),
            DINGDONG_PUBLIC_URL: 'https://ding.example.com',
          },
          cwd: folder,
        }),
    }
    await COMMANDS.find((each) => each.name === name)!.run(context, args, options)
    return { result: result as Record<string, string>, shown: shown.join('').replace(/\n$/, '') }
  }
}
