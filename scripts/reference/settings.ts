import { configSchema, ENVIRONMENT } from '../../src/config.ts'
import { code, type Page, table } from './page.ts'

/** The names; what each means stands in the commented sample file, which a test holds to the schema. */
export const settings: Page = {
  file: 'settings.md',
  title: 'Settings',
  from: 'src/config.ts',
  body() {
    const defaults = configSchema.parse({}) as Readonly<Record<string, unknown>>
    const rows = [...ENVIRONMENT].map(([variable, { path }]) => [
      code(path.join('.')),
      code(variable),
      shown(
        path.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], defaults),
        path,
      ),
    ])
    return [
      '[dingdong.example.yaml](../../dingdong.example.yaml) explains each setting and shows its default. Copy it to `dingdong.config.yaml` in the folder you start Dingdong in, or name another file with `--config` or `DINGDONG_CONFIG`. Flags win over variables, variables over the file. All faults are told at once, with the nearest name for a mistyped one.',
      table(['setting', 'variable', 'default'], rows),
      'Besides: `DATABASE_URL` is `databaseUrl`. `DINGDONG_MASTER_KEY` can hold the master key itself (64 hex digits). `DINGDONG_API_KEY` and `DINGDONG_URL` tell commands which server to talk to, and as whom; `DINGDONG_SHOP` which shop, where there are several.',
    ].join('\n\n')
  },
}

const UNITS: readonly (readonly [number, string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
]

/** Lengths of time as one would write them: the schema has already turned them into milliseconds. */
function shown(value: unknown, path: readonly string[]): string {
  if (value === undefined) return 'none'
  if (Array.isArray(value)) return code(`[${value.join(', ')}]`)
  const isTime = path[0] === 'keep' || path.join('.') === 'backup.every'
  if (!isTime || typeof value !== 'number') return code(String(value))
  if (path.join('.') === 'backup.every') return code(`${value / 3_600_000}h`)
  const [unit, letter] = UNITS.find(([each]) => value % each === 0) ?? [1, 'ms']
  return code(`${value / unit}${letter}`)
}
