import type { Config } from '../config.ts'
import type { Random } from '../domain/ids.ts'
import type { Clock } from '../domain/time.ts'
import type { Presets } from '../pipeline/presets.ts'
import type { Screen } from './screen.ts'
import type { Language, Text } from './texts/text.ts'

/** What a command ends with; documented by `dingdong --help`. */
export const EXIT = { ok: 0, failed: 1, usage: 2, notFound: 3, unavailable: 4, interrupted: 130 } as const
export type Exit = (typeof EXIT)[keyof typeof EXIT]

/** Everything a command may touch of its surroundings. */
export interface Context {
  readonly screen: Screen
  readonly language: Language
  readonly clock: Clock
  readonly random: Random
  readonly env: Readonly<Record<string, string | undefined>>
  /** The program's own flows, rules and templates, compiled. Throws `DataFilesWrong`. */
  presets(): Promise<Presets>
  /** Reads the settings. Throws `ConfigError`. */
  config(flags?: Readonly<Record<string, unknown>>): Config
}

/** One command: one file in commands/, one line in registry.ts. */
export interface Command {
  /** One word, or two: `key create`. */
  readonly name: string
  readonly summary: Text
  /** As commander writes them: `<file>`, `[order]`. */
  readonly args?: readonly { readonly name: string; readonly text: Text }[]
  readonly options?: readonly { readonly flags: string; readonly text: Text }[]
  readonly examples: readonly string[]
  run(
    context: Context,
    args: readonly string[],
    options: Readonly<Record<string, string | boolean | undefined>>,
  ): Promise<Exit>
}

/** A command was called in a way that cannot work, or for something that is not there. The text says what to do. */
export class CommandError extends Error {
  readonly exit: Exit
  /** The server's own, where it was the server that refused. */
  readonly code: string | undefined

  constructor(exit: Exit, message: string, code?: string) {
    super(message)
    this.name = 'CommandError'
    this.exit = exit
    this.code = code
  }
}
