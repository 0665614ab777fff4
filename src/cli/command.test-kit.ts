import { randomBytes } from 'node:crypto'
import { PassThrough } from 'node:stream'
import { testMaster } from '../../test/kit/engine.ts'
import { presetsForTests } from '../../test/kit/presets.ts'
import { MONDAY } from '../../test/kit/world.ts'
import { readConfig } from '../config.ts'
import { systemClock } from '../domain/time.ts'
import { runWithValues } from './blank.ts'
import { type Context, EXIT, type Exit } from './command.ts'
import { failureOf } from './errors.ts'
import { COMMANDS } from './registry.ts'
import { createScreen } from './screen.ts'
import type { Language } from './texts/text.ts'

type Options = Readonly<Record<string, string | boolean>>

/**
 * Runs commands as the terminal would, on this database, or where there is none; gives the `--json` result and
 * everything that was shown.
 */
export function commandRunner(
  databaseUrl: string | null,
  folder: string,
  language: Language = 'en',
  env: NodeJS.ProcessEnv = {},
) {
  const play = player(databaseUrl, folder, language, env)
  return async (name: string, args: readonly string[], options: Options = {}) => {
    const { error, result, shown } = await play(name, args, options)
    if (error !== null) throw error
    return { result: result as Record<string, string>, shown: shown.replace(/\n$/, '') }
  }
}

/** As `commandRunner`; a refusal is what the terminal makes of it, its words and how the command ends. */
export function commandEnder(databaseUrl: string | null, folder: string) {
  return async (
    name: string,
    args: readonly string[],
    options: Options = {},
    language: Language = 'en',
  ): Promise<{ readonly exit: Exit; readonly shown: string; readonly result: unknown }> => {
    const { error, exit, result, shown } = await player(databaseUrl, folder, language)(name, args, options)
    if (error === null) return { exit, result, shown }
    const failure = failureOf(error, language)
    return { exit: failure.exit, result, shown: `${shown}${failure.text}` }
  }
}

function player(databaseUrl: string | null, folder: string, language: Language, env: NodeJS.ProcessEnv = {}) {
  return async (name: string, args: readonly string[], options: Options) => {
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
      env,
      presets: presetsForTests,
      config: () =>
        readConfig({
          env: {
            ...(databaseUrl === null ? { DINGDONG_DATA_DIR: '/nonexistent' } : { DATABASE_URL: databaseUrl }),
            DINGDONG_MASTER_KEY: Buffer.from(testMaster.bytes).toString('base64'),
            DINGDONG_PUBLIC_URL: 'https://ding.example.com',
          },
          cwd: folder,
        }),
    }
    let exit: Exit = EXIT.ok
    let error: unknown = null
    try {
      exit = await runWithValues(COMMANDS.find((each) => each.name === name)!, context, args, options)
    } catch (thrown) {
      error = thrown
    }
    return { exit, error, result, shown: shown.join('') }
  }
}
