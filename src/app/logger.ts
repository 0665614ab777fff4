import { pino } from 'pino'
import type { Config } from '../config.ts'
import { type Clock, toIso } from '../domain/time.ts'

export type AppLogger = pino.Logger

/** What no log line may carry, whatever object it comes in. */
const REDACTED = [
  'authorization',
  'cookie',
  'headers',
  'body',
  'secret',
  'secrets',
  'password',
  'pass',
  'address',
  'email',
  'phone',
  'to',
  'text',
  'url',
]

/** The log of a process: JSON lines, or text for people on a terminal. Personal data and secrets are left out. */
export function createLogger(
  { level, format }: Config['log'],
  clock: Clock,
  terminal: boolean,
  write: (line: string) => void,
): AppLogger {
  const asText = format === 'text' || (format === 'auto' && terminal)
  return pino(
    {
      level: level === 'auto' ? (terminal ? 'warn' : 'info') : level,
      base: null,
      timestamp: () => `,"time":"${toIso(clock.now())}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: [...REDACTED, ...REDACTED.map((name) => `*.${name}`)], remove: true },
      serializers: { err: describeError, error: describeError, req: () => undefined, res: () => undefined },
    },
    { write: (line) => write(asText ? `${textLine(line)}\n` : line) },
  )
}

interface Described {
  readonly type: string
  readonly code?: string | number
  readonly message: string
  readonly stack?: string
  readonly cause?: Described
}

/**
 * An error without what others put into it: PostgreSQL's `detail`, `where` and parameters hold rows, and so may the
 * words of class 22 (bad value) and 23 (constraint).
 */
export function describeError(error: unknown, depth = 0): Described {
  if (!(error instanceof Error)) return { type: typeof error, message: masked(String(error)) }
  const { code, cause } = error as Error & { code?: unknown }
  const state = typeof code === 'string' && /^(22|23)[0-9A-Z]{3}$/.test(code)
  const message = state ? `SQLSTATE ${code}` : masked(error.message)
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return {
    type: error.name,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    message,
    ...(frames.length > 0 ? { stack: frames.slice(0, 12).join('\n') } : {}),
    ...(cause !== undefined && depth < 3 ? { cause: describeError(cause, depth + 1) } : {}),
  }
}

/** Mail addresses, long numbers and the passwords of URLs, wherever they stand in a sentence. */
function masked(text: string): string {
  return text
    .replace(/[\w.+-]+@[\w-]+(\.[\w-]+)+/g, '(mail)')
    .replace(/\+?\d[\d ()-]{9,}\d/g, '(number)')
    .replace(/:\/\/[^\s/@]+@/g, '://(login)@')
}

/** `12:30:05 warn  text {"shop":1}` */
function textLine(json: string): string {
  const { time, level, msg, err, ...rest } = JSON.parse(json) as Record<string, unknown> & { err?: Described }
  const more = Object.keys(rest).length > 0 ? ` ${JSON.stringify(rest)}` : ''
  const cause = err ? ` · ${err.type}${err.code ? ` ${err.code}` : ''}: ${err.message}` : ''
  return `${String(time).slice(11, 19)} ${String(level).padEnd(5)} ${msg ?? ''}${cause}${more}`
}
