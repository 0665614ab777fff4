import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import path from 'node:path'
import * as z from 'zod'
import { isNeverCalled } from './channels/public-address.ts'
import { fileText } from './domain/file-text.ts'
import { parseDuration } from './domain/flow/duration.ts'
import { nearest } from './domain/template/nearest.ts'
import type { Millis } from './domain/time.ts'

const LENGTH = 'expected a time such as 24h or 7d, or off'
const duration = z.string(LENGTH).transform((text, context): Millis => {
  const millis = text === 'off' ? 0 : parseDuration(text)
  if (millis !== null && (text === 'off' || millis >= 60_000)) return millis
  context.addIssue({ code: 'custom', message: LENGTH })
  return z.NEVER
})
const days = duration.refine((millis) => millis === 0 || millis >= 86_400_000, 'expected at least 1d, or off')
const file = z.string().trim().min(1, 'expected a path')
/** Exactly scheme, host and port: what is compared with the origin of a call. */
const origin = z.string().transform((text, context): string => {
  const parsed = /^https?:\/\/[^\s/?#@\\*]+$/i.test(text) ? URL.parse(text) : null
  const host = parsed?.hostname.replace(/^\[|\]$/g, '')
  if (parsed && !isNeverCalled(host!)) return parsed.origin
  const message = parsed
    ? 'expected a server of yours; there the machine is told its own secrets, so nothing is ever called'
    : 'expected an exact origin such as http://127.0.0.1:3000, without a path, password or *'
  context.addIssue({ code: 'custom', message })
  return z.NEVER
})
const webAddress = z.url({
  protocol: /^https?$/,
  error: 'expected an address such as https://ding.example.com',
})
const text = z.string().trim().min(1, 'expected some text')
const whole = (from: number, to: number) => {
  const error = `expected a whole number from ${from} to ${to}`
  return z.int(error).min(from, error).max(to, error)
}
const oneOf = <const Words extends readonly [string, ...string[]]>(...words: Words) =>
  z.enum(words, `expected one of: ${words.join(', ')}`)

/** Every setting with its default. `dingdong.example.yaml` documents each; a test holds the two together. */
export const configSchema = z.strictObject({
  dataDir: file.default('./data'),
  databaseUrl: z.url({ protocol: /^postgres(ql)?$/, error: 'expected postgres://user:password@host/database' }).optional(),
  masterKeyFile: file.optional(),
  host: text.default('127.0.0.1'),
  port: whole(0, 65_535).default(7788),
  publicUrl: webAddress.transform((url) => url.replace(/\/+$/, '')).optional(),
  trustProxy: z.array(text).default([]),
  allowOrigins: z.array(origin, 'expected a list such as [http://127.0.0.1:3000]').default([]),
  role: oneOf('all', 'api', 'worker').default('all'),
  poolSize: whole(2, 200).default(10),
  demo: oneOf('auto', 'off').default('auto'),
  log: z
    .strictObject({
      level: oneOf('auto', 'debug', 'info', 'warn', 'error', 'silent').default('auto'),
      format: oneOf('auto', 'json', 'text').default('auto'),
    })
    .prefault({}),
  backup: z
    .strictObject({
      every: duration.prefault('24h'),
      keep: whole(1, 1_000).default(7),
      dir: file.optional(),
      passphraseFile: file.optional(),
    })
    .prefault({}),
  keep: z
    .strictObject({
      eventKeys: days.prefault('90d'),
      events: days.prefault('400d'),
      bodies: days.prefault('180d'),
    })
    .prefault({}),
}) // biome-ignore format: one line a setting

export type Settings = z.infer<typeof configSchema>

/** The settings as the program uses them: paths absolute, and where they came from. */
export interface Config extends Settings {
  /** The master key itself, where the environment holds it. */
  readonly masterKey: string | null
  readonly backupDir: string
  /** The port was asked for, so another one will not do. */
  readonly portGiven: boolean
  /** The file that was read; `null` when there is none. */
  readonly file: string | null
  /** Where `databaseUrl` was set: the variable's name, else the setting's. */
  readonly databaseFrom: string
}

/** What is wrong with one setting, in the words of its own place (`port`, `DINGDONG_PORT`, `--port`). */
export interface ConfigProblem {
  readonly where: string
  readonly problem: string
  readonly near: string | null
  /** What was given instead; not for what holds a password. */
  readonly got?: string
}

/** All faults of the settings at once. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[]
  /** The file that was read; `null` when there is none. */
  readonly file: string | null

  constructor(problems: readonly ConfigProblem[], file: string | null) {
    super(
      problems
        .map(
          ({ where, problem, near, got }) =>
            `${where}: ${problem}${got === undefined ? '' : `, got ${got}`}${near ? ` (did you mean ${near}?)` : ''}`,
        )
        .join('\n'),
    )
    this.name = 'ConfigError'
    this.problems = problems
    this.file = file
  }
}

export interface ConfigInput {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** From the command line; wins over everything. */
  readonly flags?: Readonly<Record<string, unknown>>
  /** Named on the command line; must exist. */
  readonly file?: string | undefined
}

const CONFIG_FILE = 'dingdong.config.yaml'

/** Reads flags, then the environment, then the file, then defaults. Throws `ConfigError` with everything that is wrong. */
export function readConfig(input: ConfigInput): Config {
  const problems: ConfigProblem[] = []
  const source = readFile(input, problems)
  const variables = readEnvironment(input.env, problems)
  const raw = merge(merge(source.values, variables.values), input.flags ?? {})
  const parsed = configSchema.safeParse(raw)
  const origin: Origin = { raw, flags: input.flags ?? {}, names: variables.names }
  if (!parsed.success) problems.push(...parsed.error.issues.flatMap((issue) => describe(issue, origin)))
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems, source.file)
  const settings = parsed.data
  const from = (place: string) => path.resolve(input.cwd, place.replace(/^~(?=\/|$)/, homedir()))
  const dataDir = from(settings.dataDir)
  const config: Config = {
    ...settings,
    dataDir,
    ...(settings.masterKeyFile ? { masterKeyFile: from(settings.masterKeyFile) } : {}),
    masterKey: input.env.DINGDONG_MASTER_KEY?.trim() || null,
    backupDir: settings.backup.dir ? from(settings.backup.dir) : path.join(dataDir, 'backups'),
    backup: {
      ...settings.backup,
      ...(settings.backup.passphraseFile ? { passphraseFile: from(settings.backup.passphraseFile) } : {}),
    },
    portGiven: raw.port !== undefined,
    file: source.file,
    databaseFrom: variables.names.get('databaseUrl') ?? 'databaseUrl',
  }
  for (const dir of [config.dataDir, config.backupDir]) {
    if (config.masterKeyFile && `${config.masterKeyFile}${path.sep}`.startsWith(`${dir}${path.sep}`)) {
      const problem = `${config.masterKeyFile} lies inside ${dir}; who copies that folder would have the data and its key. Put it elsewhere`
      throw new ConfigError([{ where: 'masterKeyFile', problem, near: null }], source.file)
    }
  }
  return config
}

function readFile(input: ConfigInput, problems: ConfigProblem[]) {
  const named = input.file ?? input.env.DINGDONG_CONFIG
  const place = path.resolve(input.cwd, named ?? CONFIG_FILE)
  let content: string
  try {
    content = fileText(place, readFileSync(place))
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    if (named !== undefined || !missing) {
      problems.push({
        where: place,
        problem: missing ? 'there is no such file' : (error as Error).message,
        near: null,
      })
    }
    return { file: null, values: {} }
  }
  try {
    // Loaded only where there is a file: most installations have none, and it costs 4 MB.
    const { parse } = createRequire(import.meta.url)('yaml') as typeof import('yaml')
    const values: unknown = parse(content) ?? {}
    if (isRecord(values)) return { file: place, values }
    problems.push({ where: place, problem: 'expected settings, one "name: value" a line', near: null })
  } catch (error) {
    const { code, message } = error as Error & { code?: string }
    const second = 'expected one document, came a second one after ---, which would not be read'
    problems.push({
      where: place,
      problem: code === 'MULTIPLE_DOCS' ? second : message.split('\n')[0]!,
      near: null,
    })
  }
  return { file: place, values: {} }
}

// ── Environment: `log.level` is DINGDONG_LOG_LEVEL ──

interface Setting {
  readonly path: readonly string[]
  readonly kind: 'text' | 'number' | 'list'
}

/** Every setting by the name its environment variable has. */
export const ENVIRONMENT: ReadonlyMap<string, Setting> = new Map(settingsOf(configSchema, []))

function* settingsOf(schema: z.ZodType, above: readonly string[]): Generator<[string, Setting]> {
  for (const [key, value] of Object.entries(
    (schema as typeof configSchema).shape as Record<string, z.ZodType>,
  )) {
    const inner = innermost(value)
    const at = [...above, key]
    if (inner.def.type === 'object') yield* settingsOf(inner, at)
    else
      yield [
        envName(at),
        {
          path: at,
          kind: inner.def.type === 'array' ? 'list' : inner.def.type === 'number' ? 'number' : 'text',
        },
      ]
  }
}

function innermost(schema: z.ZodType): z.ZodType {
  const def = schema.def as { type: string; innerType?: z.ZodType; in?: z.ZodType }
  if (def.innerType) return innermost(def.innerType)
  return def.type === 'pipe' && def.in ? innermost(def.in) : schema
}

function envName(at: readonly string[]): string {
  return `DINGDONG_${at
    .join('_')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toUpperCase()}`
}

/** Read elsewhere, or set by tests. */
const OTHER = /^DINGDONG_(MASTER_KEY|CONFIG|API_KEY|URL|SHOP|TEST_.*|LONG)$/
/** Kubernetes and Docker describe a service called "dingdong" so; none of it is meant for us. */
const ORCHESTRATOR = /^DINGDONG_(SERVICE_(HOST|PORT.*)|PORT_\d+_.*|NAME|ENV_.*)$/

interface FromEnvironment {
  readonly values: Record<string, unknown>
  /** Which variable a setting came from, by its path. */
  readonly names: ReadonlyMap<string, string>
}

function readEnvironment(env: ConfigInput['env'], problems: ConfigProblem[]): FromEnvironment {
  const values: Record<string, unknown> = {}
  const names = new Map<string, string>()
  if (env.DATABASE_URL) {
    values.databaseUrl = env.DATABASE_URL
    names.set('databaseUrl', 'DATABASE_URL')
  }
  for (const [name, given] of Object.entries(env)) {
    if (!name.startsWith('DINGDONG_') || !given || OTHER.test(name) || ORCHESTRATOR.test(name)) continue
    if (name === 'DINGDONG_PORT' && given.startsWith('tcp://')) continue
    const setting = ENVIRONMENT.get(name)
    if (setting) {
      place(values, setting, given)
      names.set(setting.path.join('.'), name)
    } else
      problems.push({
        where: name,
        problem: 'no setting has this name',
        near: nearest(name, [...ENVIRONMENT.keys(), 'DINGDONG_MASTER_KEY', 'DINGDONG_CONFIG']),
      })
  }
  return { values, names }
}

function place(values: Record<string, unknown>, { path: at, kind }: Setting, given: string): void {
  let target = values
  for (const key of at.slice(0, -1)) {
    target[key] ??= {}
    target = target[key] as Record<string, unknown>
  }
  const number = Number(given)
  target[at.at(-1)!] =
    kind === 'list'
      ? given.split(',').map((each) => each.trim())
      : kind === 'number' && Number.isFinite(number)
        ? number
        : given
}

function merge(
  under: Record<string, unknown>,
  over: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged = { ...under }
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue
    const below = merged[key]
    merged[key] = isRecord(value) && isRecord(below) ? merge(below, value) : value
  }
  return merged
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Where settings came from, to say it in a complaint. */
interface Origin {
  readonly raw: Record<string, unknown>
  readonly flags: Readonly<Record<string, unknown>>
  readonly names: ReadonlyMap<string, string>
}

/** Its value holds a password, as one before an @ may. */
const mayShow = (name: string, given: unknown) =>
  name !== 'databaseUrl' &&
  ['string', 'number', 'boolean'].includes(typeof given) &&
  !String(given).includes('@')

function describe(issue: z.core.$ZodIssue, { raw, flags, names }: Origin): ConfigProblem[] {
  const at = issue.path.map(String)
  if (issue.code === 'unrecognized_keys') {
    const known = [...ENVIRONMENT.values()].map((setting) => setting.path.join('.'))
    return issue.keys.map((key) => {
      const where = [...at, key].join('.')
      return { where, problem: 'no setting has this name', near: nearest(where, known) }
    })
  }
  const name = at.join('.')
  // A list's variable is named for the whole list.
  const variable = names.get(name) ?? names.get(at.slice(0, -1).join('.'))
  const flag =
    flags[name] === undefined
      ? undefined
      : `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
  const given = at.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], raw)
  return [
    {
      where: flag ?? variable ?? name,
      problem: issue.message.replace(/^Invalid (input|option): /, '').replace(/, received \w+$/, ''),
      near: null,
      ...(mayShow(name, given) ? { got: String(given) } : {}),
    },
  ]
}
