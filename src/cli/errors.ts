import { DatabaseUnreachable, NoDataHere } from '../app/database.ts'
import { MasterKeyMissing } from '../app/master-key.ts'
import { ConfigError } from '../config.ts'
import { isUnavailable, sqlState } from '../db/connect.ts'
import { PgFault } from '../db/postgres/errors.ts'
import { DataFilesWrong } from '../domain/data-files.ts'
import { faultText } from '../domain/errors.ts'
import { NotUtf8 } from '../domain/file-text.ts'
import { SealError } from '../domain/seal/fault.ts'
import { CommandError, EXIT, type Exit } from './command.ts'
import { DATA_FILES, ERRORS, UNREACHABLE } from './texts/errors.ts'
import { PG_TEXTS } from './texts/postgres.ts'
import { settingProblem } from './texts/setting-problems.ts'
import { type Language, say } from './texts/text.ts'

/** What a failed command ends with: the words for the person, and the exit code for the script. */
export interface Failure {
  readonly exit: Exit
  readonly code: string
  readonly text: string
}

/** What a program reads in `error.code` when a command says no and the server has given no code of its own. */
const CODES: Readonly<Record<Exit, string>> = {
  0: 'COMMAND',
  1: 'COMMAND',
  2: 'USAGE',
  3: 'NOT_FOUND',
  4: 'UNAVAILABLE',
  130: 'INTERRUPTED',
}

/** Turns whatever was thrown into words and an exit code. */
export function failureOf(error: unknown, language: Language): Failure {
  if (error instanceof CommandError)
    return { exit: error.exit, code: error.code ?? CODES[error.exit], text: error.message }
  if (error instanceof NotUtf8)
    return { exit: EXIT.usage, code: 'NOT_UTF8', text: notUtf8Text(error, language) }
  if (error instanceof ConfigError)
    return { exit: EXIT.usage, code: 'SETTINGS', text: settingsText(error, language) }
  if (error instanceof DatabaseUnreachable) return unreachable(error, language)
  if (error instanceof NoDataHere) {
    return { exit: EXIT.usage, code: 'NO_DATA', text: say(ERRORS.noData, language, { dir: error.dir }) }
  }
  if (error instanceof PgFault) {
    const exit = error.code === 'NOT_RUNNING' || error.code === 'STOPPED' ? EXIT.unavailable : EXIT.failed
    const chinese = PG_TEXTS[error.code]
    const text =
      language === 'zh' && chinese ? say({ zh: chinese, en: '' }, 'zh', error.params) : error.message
    return { exit, code: error.code, text }
  }
  if (error instanceof SealError) {
    return { exit: EXIT.failed, code: error.code, text: faultText(error.code, error.params, language) }
  }
  if (error instanceof MasterKeyMissing) {
    return {
      exit: EXIT.failed,
      code: 'MASTER_KEY_MISSING',
      text: say(ERRORS.keyMissing, language, { file: error.file }),
    }
  }
  // By name: importing app.ts only for this would load the whole server into every command.
  if (error instanceof Error && error.name === 'PortBusy') {
    const { host, port } = error as Error & { host: string; port: number }
    return { exit: EXIT.failed, code: 'PORT_BUSY', text: say(ERRORS.portBusy, language, { host, port }) }
  }
  if (error instanceof DataFilesWrong) {
    const { folder, message: detail } = error
    return {
      exit: EXIT.usage,
      code: folder.toUpperCase(),
      text: say(DATA_FILES[folder], language, { detail }),
    }
  }
  if (error instanceof Error && error.name === 'RunsAlready') {
    const { url, pid, dir } = error as Error & { url: string; pid: number; dir: string }
    const text = say(ERRORS.runsAlready, language, { url, pid, dir })
    return { exit: EXIT.failed, code: 'RUNS_ALREADY', text }
  }
  const { code, path: place, message } = (error ?? {}) as NodeJS.ErrnoException
  if (typeof place === 'string' && place.endsWith('.key')) {
    return {
      exit: EXIT.failed,
      code: 'MASTER_KEY_UNWRITABLE',
      text: say(ERRORS.keyUnwritable, language, { file: place, detail: message }),
    }
  }
  const exit = isUnavailable(error) ? EXIT.unavailable : EXIT.failed
  return {
    exit,
    code: String(code ?? 'UNEXPECTED'),
    text: say(ERRORS.unexpected, language, { detail: message ?? String(error) }),
  }
}

function unreachable({ cause, ...place }: DatabaseUnreachable, language: Language): Failure {
  const { from, host, port, user, database } = place
  const { code, message } = (cause ?? {}) as NodeJS.ErrnoException
  const detail = message || String(code ?? cause)
  const why = reasonOf(`${sqlState(cause) ?? code ?? ''}`, detail)
  const away = why === 'refused' || why === 'unknownHost' || why === 'noAnswer' || isUnavailable(cause)
  const advice = say(UNREACHABLE[why], language, { host, port, user, database, detail })
  return {
    exit: away ? EXIT.unavailable : EXIT.failed,
    code: 'DATABASE_UNREACHABLE',
    text: say(UNREACHABLE.head, language, { from, host, port, advice }),
  }
}

/** From the SQLSTATE or Node's code, else from the words of pg, which has no codes of its own. */
function reasonOf(code: string, words: string): Exclude<keyof typeof UNREACHABLE, 'head'> {
  if (/^(ECONNREFUSED|ENOENT|ECONNRESET)$/.test(code)) return 'refused'
  if (/^(ENOTFOUND|EAI_\w+)$/.test(code)) return 'unknownHost'
  if (/^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/.test(code) || /timeout|timed out/i.test(words))
    return 'noAnswer'
  if (code === '28P01' || /password must be a string/.test(words)) return 'password'
  if (code === '28000') return 'notAllowed'
  if (code === '3D000') return 'noDatabase'
  if (code === '53300') return 'full'
  if (/CERT|SIGNED|ERR_(TLS|SSL)|EPROTO/.test(code) || /SSL|TLS|certificate/.test(words)) return 'tls'
  return 'other'
}

function settingsText({ problems, file }: ConfigError, language: Language): string {
  const lines = problems.map(({ where, problem, near, got }) => {
    const came = got === undefined ? '' : say(ERRORS.got, language, { got })
    const hint = near ? ` (${say(ERRORS.didYouMean, language, { near })})` : ''
    return `  ${where}: ${settingProblem(problem, language)}${came}${hint}`
  })
  const hint = say(ERRORS.settingsHint, language, { file: file ?? say(ERRORS.noFile, language) })
  return [say(ERRORS.settings, language), ...lines, hint].join('\n')
}

function notUtf8Text({ file, encoding }: NotUtf8, language: Language): string {
  const name = file === '-' ? say(ERRORS.standardInput, language) : file
  if (encoding === null) return say(ERRORS.notUtf8, language, { file: name, guess: '', convert: '' })
  const guess = say(ERRORS.probably, language, {
    encoding: encoding === 'GB18030' ? 'GBK / GB18030' : encoding,
  })
  const convert = file === '-' ? '' : say(ERRORS.convert, language, { encoding, file })
  return say(ERRORS.notUtf8, language, { file: name, guess, convert })
}
