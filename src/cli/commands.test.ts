import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { PROVIDERS } from '../channels/registry.ts'
import { PG_ERRORS } from '../db/postgres/errors.ts'
import { HOUR } from '../domain/time.ts'
import { SOURCES } from '../sources/registry.ts'
import { planDay } from './demo-day.ts'
import { failureOf } from './errors.ts'
import { COMMANDS } from './registry.ts'
import { columnsOf, table } from './screen.ts'
import { PG_TEXTS } from './texts/postgres.ts'
import { terminalLanguage } from './texts/text.ts'

const BIN = fileURLToPath(new URL('../../bin/dingdong.mjs', import.meta.url))

/** A Node of the machine's own that cannot run TypeScript, where there is one. */
function oldNode(): string | null {
  for (const dir of (process.env.PATH ?? '').split(path.delimiter)) {
    const file = path.join(dir, 'node')
    if (dir.includes('node_modules') || !existsSync(file)) continue
    const [major = 0, minor = 0] = execFileSync(file, ['-p', 'process.versions.node'], { encoding: 'utf8' })
      .split('.')
      .map(Number)
    if (major < 22 || (major === 22 && minor < 18)) return file
  }
  return null
}

describe('the launcher', () => {
  const node = oldNode()
  it.skipIf(node === null)(
    'runs the program under a Node that is too old for it, with the one npm brought',
    () => {
      expect(execFileSync(node!, [BIN, '--version'], { encoding: 'utf8' }).trim()).toBe(packageJson.version)
    },
  )

  it('answers a program in JSON when a command is used wrongly', () => {
    const { stdout, status } = spawnSync(process.execPath, [BIN, 'flow', 'lst', '--json'], {
      encoding: 'utf8',
    })
    expect(status).toBe(2)
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'USAGE', message: expect.stringContaining('did you mean flow list?') as string },
    })
  })

  it.concurrent.each([
    [['strat'], 'start'],
    [['demo', '--sped', '3'], '--speed'],
    [['order'], 'order --help'],
    [['ordr', 'A-1'], 'did you mean order?'],
    [['order', 'A', 'B'], '"order" takes 1 at most (<order>), 2 came. A value with blanks goes into quotes'],
    [['doctor', 'now'], '"doctor" takes no arguments, 1 came'],
    [['start', '--port', 'http'], 'port'],
    [['start', '--role', 'boss'], 'role'],
  ])('ends %j with 2, the nearest name, and where to look', async (args, near) => {
    const env = { ...process.env, LANG: 'C.UTF-8', LC_ALL: '' }
    const ran = promisify(execFile)(process.execPath, [BIN, ...args], { env })
    await expect(ran).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(near) as string })
  })

  it('helps in Chinese throughout', () => {
    const env = { ...process.env, LC_ALL: 'zh_CN.UTF-8' }
    const help = (...args: string[]) =>
      execFileSync(process.execPath, [BIN, ...args, '--help'], { encoding: 'utf8', env })
    expect(help('flow')).toMatch(/^用法：dingdong flow \[选项\] \[命令\]\n/)
    expect(help('flow')).toMatch(/^ {2}list \[选项\] {2,}列出流程$/m)
    expect(help('flow', 'set')).not.toMatch(/\[options\]|\[command\]|： /)
  })

  it('passes the exit code on', () => {
    expect(() => execFileSync(node ?? process.execPath, [BIN, 'nonsense'], { stdio: 'pipe' })).toThrow(
      expect.objectContaining({ status: 2 }) as Error,
    )
  })
})

describe('every command', () => {
  it('has a name of its own, and words and examples that call it', () => {
    expect(new Set(COMMANDS.map(({ name }) => name)).size).toBe(COMMANDS.length)
    for (const { name, summary, examples, options = [], args = [] } of COMMANDS) {
      expect(examples.length, name).toBeGreaterThan(0)
      for (const example of examples) expect(example).toContain(`dingdong ${name}`)
      for (const text of [summary, ...options.map((each) => each.text), ...args.map((each) => each.text)]) {
        expect(text.zh, name).toMatch(/\p{Script=Han}|all、/u)
        expect(text.en, name).not.toMatch(/\p{Script=Han}/u)
      }
    }
  })

  it('shows examples with templates, flows, rules, sources and providers that exist', () => {
    const namesIn = (folder: string) =>
      readdirSync(new URL(`../../${folder}/`, import.meta.url))
        .filter((file) => file.endsWith('.yaml'))
        .map((file) => file.replace('.yaml', ''))
    const known: Readonly<Record<string, readonly string[]>> = {
      template: namesIn('flows/templates').filter((name) => name !== 'layout'),
      flow: namesIn('flows'),
      rule: namesIn('rules'),
      source: [...SOURCES.keys()],
      provider: PROVIDERS.map(({ name }) => name),
    }
    const checked = COMMANDS.flatMap(({ name, args = [], examples }) => {
      const thing = args[0]?.name.replace(/[<>[\]]/g, '') ?? ''
      const names = known[thing]
      if (names === undefined) return []
      return examples.flatMap((example) => {
        const said = /^(?!-)\S+/.exec(example.split(`dingdong ${name} `)[1] ?? '')?.[0]
        if (said === undefined) return []
        expect(names, example).toContain(said)
        return [thing]
      })
    })
    expect(new Set(checked)).toEqual(new Set(Object.keys(known)))
  })

  it('names every source where one is to be chosen', () => {
    const [source] = COMMANDS.find(({ name }) => name === 'connection add')!.args!
    for (const name of SOURCES.keys())
      expect([source!.text.zh, source!.text.en]).toEqual([
        expect.stringContaining(name),
        expect.stringContaining(name),
      ])
  })

  it('shows its help in the language of the terminal', () => {
    const help = (LANG: string) => {
      const env = { ...process.env, LANG, LC_ALL: '' }
      return execFileSync(process.execPath, [BIN, 'key', 'create', '--help'], { encoding: 'utf8', env })
    }
    expect(help('zh_CN.UTF-8')).toMatch(/用法：[\s\S]*示例：/)
    expect(help('C.UTF-8')).toMatch(/Usage:[\s\S]*Examples:\n {2}dingdong key create/)
  })

  it('may have a --version of its own, which is not the program’s', () => {
    const args = [BIN, 'template', 'show', 'order_paid', '--version', 'newest']
    const env = { ...process.env, LANG: 'C.UTF-8', LC_ALL: '', DATABASE_URL: 'postgres://127.0.0.1:1/none' }
    expect(() => execFileSync(process.execPath, args, { encoding: 'utf8', env, stdio: 'pipe' })).toThrow(
      /--version.*1, 2, 3 ….*newest/,
    )
  })
})

describe('what the terminal shows', () => {
  it('speaks the language of LC_ALL, LC_MESSAGES or LANG, in this order', () => {
    expect(terminalLanguage({ LANG: 'zh_CN.UTF-8' })).toBe('zh')
    expect(terminalLanguage({ LANG: 'zh_CN.UTF-8', LC_ALL: 'C' })).toBe('en')
    expect(terminalLanguage({ LANG: 'en_GB', LC_MESSAGES: 'zh_TW' })).toBe('zh')
    expect(terminalLanguage({})).toBe('en')
  })

  it('aligns columns where Chinese characters take two', () => {
    const lines = table([
      ['地址', 'x'],
      ['API 密钥', 'y'],
    ])
    expect(lines.map((line) => columnsOf(line))).toEqual([11, 11])
  })

  it('has every fault of the database in Chinese, with the same parameters', () => {
    const parameters = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort()
    for (const [code, english] of Object.entries(PG_ERRORS)) {
      expect([code, parameters(PG_TEXTS[code as keyof typeof PG_TEXTS])]).toEqual([code, parameters(english)])
    }
  })

  it('never shows a bare exception without saying that something went wrong', () => {
    expect(failureOf(new TypeError('x is not a function'), 'zh')).toMatchObject({
      exit: 1,
      text: expect.stringContaining('出错了') as string,
    })
    expect(failureOf(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }), 'en')).toMatchObject({
      exit: 4,
    })
  })
})

describe.each(['zh', 'en'] as const)('a demo day in %s', (language) => {
  it('has a time-out, a risk, an order that expires and somebody who fails five times, whatever the dice say', () => {
    interface Body {
      readonly type: string
      readonly subject: string
      readonly data: {
        readonly order: { readonly expiresAt?: number }
        readonly payment?: { readonly id: string; readonly failure?: { readonly declineCode: string } }
      }
    }
    // These dice let every payment succeed at once.
    const acts = planDay(12, 'D1', () => 0.3, language).filter(({ no, by }) => no !== '' && by === 'api')
    const bodies = acts.map((act) => act.body(0) as Body)
    const codes = bodies.flatMap(({ data }) => data.payment?.failure?.declineCode ?? [])
    expect(codes).toEqual(expect.arrayContaining(['processing_error', 'fraudulent']))
    const expiries = bodies.flatMap(({ data }) => data.order.expiresAt ?? [])
    expect(expiries).toEqual([6 * HOUR])
    const tries = Map.groupBy(
      bodies.filter(({ type }) => type === 'payment.failed'),
      ({ subject }) => subject,
    )
    const most = [...tries.values()].toSorted((a, b) => b.length - a.length)[0]!
    expect(new Set(most.map(({ data }) => data.payment!.id)).size).toBe(5)
  })

  it('is in order, with ids that never repeat, whatever the dice say', () => {
    let seed = 7
    const dice = () => {
      seed = (seed * 16_807) % 2_147_483_647
      return seed / 2_147_483_647
    }
    const acts = planDay(200, 'D1', dice, language)
    expect(acts.map((act) => act.minute)).toEqual(acts.map((act) => act.minute).sort((a, b) => a - b))
    const own = acts.filter((act) => act.by === 'api').map((act) => (act.body(0) as { id: string }).id)
    expect(new Set(own).size).toBe(own.length)
    const told = acts.map((act) => JSON.stringify(act.body(0))).join()
    expect(/\+86|138 0013 8000/.test(told)).toBe(language === 'zh')
    for (const source of ['api', 'stripe', 'woocommerce', 'dujiaoka'])
      expect(
        acts.some((act) => act.by === source),
        source,
      ).toBe(true)
  })
})
