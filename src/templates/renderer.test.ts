import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { processorTime } from '../../test/kit/processor.ts'
import type { CompiledTemplate, Escape } from '../domain/template/template.ts'
import { sampleVars } from '../domain/template/variables.ts'
import { type Clock, systemClock } from '../domain/time.ts'
import { createRenderer, type Renderer, type RendererOptions, type RenderJob } from './renderer.ts'

const open: Renderer[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((renderer) => renderer.close()))
})

function renderer(options: Partial<RendererOptions> = {}): Renderer {
  const made = createRenderer({ clock: systemClock(), ...options })
  open.push(made)
  return made
}

function sms(liquid: string, target: Escape = 'plain'): CompiledTemplate {
  return {
    format: 1,
    channel: 'sms',
    purpose: 'service',
    locale: 'zh-CN',
    parts: [{ at: 'text', liquid, escape: target }],
    variables: [],
  }
}

function job(liquid: string, key = liquid, vars: object = sampleVars()): RenderJob {
  return { key, template: sms(liquid), vars: vars as RenderJob['vars'], timeZone: 'Asia/Shanghai' }
}

async function textOf(renderer: Renderer, liquid: string, vars?: object): Promise<string> {
  const [result] = await renderer.render([job(liquid, liquid, vars)])
  return result && 'ok' in result && result.ok.kind === 'sms' ? result.ok.text : JSON.stringify(result)
}

/** Goes to the worker: the fast path does not know `assign`. */
const GOOD = '{% assign no = order.no %}{{ no }} {{ code }}'
/** Twelve loops deep over eight letters: 10^10 turns that allocate nothing. */
const ENDLESS =
  "{% assign l = 'a,b,c,d,e,f,g,h' | split: ',' %}" +
  '{% for i in l %}'.repeat(12) +
  '{% endfor %}'.repeat(12)

describe('rendering', () => {
  it('keeps the order of a batch that is partly rendered here and partly in the worker', async () => {
    const jobs = Array.from({ length: 300 }, (_, at) =>
      job(at % 3 === 0 ? GOOD : '{{ order.no }} {{ code }}', undefined, { ...sampleVars(), code: `${at}` }),
    )
    const results = await renderer({ workers: 2 }).render(jobs)
    expect(results).toEqual(jobs.map((_, at) => ({ ok: { kind: 'sms', text: `20261122-0815 ${at}` } })))
  })

  it('writes money and dates for the receiver, in the worker as here', async () => {
    const liquid = '{{ order.total | money }} {{ order.expires_at | date: "short" }}'
    expect(await textOf(renderer(), liquid)).toBe('¥128.00 9月21日 22:13')
    expect(await textOf(renderer({ fast: false }), liquid)).toBe('¥128.00 9月21日 22:13')
  })

  it('does not read a name that a buyer typed', async () => {
    const vars = { ...sampleVars(), customer: { name: '{订单号}{{ code }}{% raw %}' } }
    for (const fast of [true, false])
      expect(await textOf(renderer({ fast }), '{{ customer.name }}', vars)).toBe(
        '{订单号}{{ code }}{% raw %}',
      )
  })

  it('answers an error for values that are not JSON, and goes on', async () => {
    const results = await renderer().render([
      job(GOOD, 'k', { order: { no: 1n } }),
      job(GOOD, 'k', { order: { no: 1 }, code: () => 'x' }),
    ])
    expect(results[0]).toMatchObject({ failed: 'error' })
    expect(results[1]).toEqual({ ok: { kind: 'sms', text: '1' } })
  })
})

/** What ends a template is to be its size, and not the time limit because the machine is busy. */
const PATIENT = { killAfter: 20_000 }

describe('hostile templates', () => {
  it.each([
    ['a loop over a huge range', '{% for i in (1..1000000000) %}x{% endfor %}', /memory/],
    [
      'doubling',
      `{% assign a = 'xxxxxxxx' %}${'{% assign a = a | append: a %}'.repeat(40)}{{ a }}`,
      /memory/,
    ],
    [
      'giant output',
      `{% assign a = 'x' %}${'{% assign a = a | append: a %}'.repeat(12)}{% for i in (1..1000) %}{{ a }}{% endfor %}`,
      /memory|grew past/,
    ],
    ['date padding', "{% assign d = 1 %}{{ order.expires_at | date: '%1000000000d' }}", /not a style/],
    ['files', "{% include '/etc/passwd' %}", /include/],
    ['rendering files', "{% render '/etc/passwd' %}", /render/],
    ['raw output', '{{ customer.name | raw }}', /undefined filter: raw/],
  ])('%s is an error at once', async (_, liquid, detail) => {
    const [result] = await renderer(PATIENT).render([job(liquid)])
    expect(result).toMatchObject({ failed: 'error', detail: expect.stringMatching(detail) })
  })

  it('cannot output more than the limit by repeating', async () => {
    const [result] = await renderer(PATIENT).render([
      job(`{% assign x = 1 %}${'{{ code }}'.repeat(1_000)}`, 'long', { code: 'x'.repeat(1_000) }),
    ])
    expect(result).toMatchObject({ failed: 'error', detail: expect.stringMatching(/grew past/) })
    const [here] = await renderer(PATIENT).render([
      job('{{ code }}'.repeat(1_000), 'long', { code: 'x'.repeat(1_000) }),
    ])
    expect(here).toMatchObject({ failed: 'error', detail: expect.stringMatching(/grew past/) })
  })

  it.each([
    '{{ shop.constructor.name }}',
    '{{ shop.__proto__.constructor }}',
    '{{ constructor }}{{ toString }}{{ __proto__ }}',
    '{{ order.items.constructor }}{{ code.constructor }}',
    '{% assign k = "constructor" %}{{ shop[k] }}{{ shop["__proto__"] }}',
    '{{ order.items | map: "constructor" | join }}',
  ])('%s shows nothing of the machinery', async (liquid) => {
    for (const fast of [true, false]) expect(await textOf(renderer({ fast }), liquid)).toBe('')
  })

  it('is stopped by Liquid’s own limit without costing a worker', async () => {
    const [result] = await renderer({ killAfter: 10_000, renderLimit: 50 }).render([job(ENDLESS)])
    expect(result).toMatchObject({ failed: 'timeout', detail: expect.stringMatching(/render limit/) })
  })

  it('is killed when that does not help, and a thousand good ones beside it lose little', async () => {
    const under = renderer({ killAfter: 150, renderLimit: Number.POSITIVE_INFINITY })
    const jobs = Array.from({ length: 1_000 }, (_, at) =>
      job(GOOD, 'good', { ...sampleVars(), code: `${at}` }),
    )
    await under.render(jobs)
    jobs.splice(10, 0, job(ENDLESS))
    const began = processorTime()
    const results = await under.render(jobs)
    const took = processorTime() - began
    expect(results[10]).toMatchObject({ failed: 'timeout', detail: expect.stringMatching(/stopped after/) })
    const good = results.filter((_, at) => at !== 10)
    expect(good).toEqual(good.map((_, at) => ({ ok: { kind: 'sms', text: `20261122-0815 ${at}` } })))
    // Of the processor, for two kills of 150 ms and two starts of a worker; each job lost again and again would cost more.
    expect(took).toBeLessThan(5_000)
  })

  it('has 250 ms when nothing else is asked for', async () => {
    const delays = new Set<number>()
    const real = systemClock()
    const clock: Clock = {
      now: real.now,
      after(delay, wake) {
        delays.add(delay)
        return real.after(delay, wake)
      },
    }
    const [result] = await renderer({ clock, renderLimit: Number.POSITIVE_INFINITY }).render([job(ENDLESS)])
    expect(result).toEqual({ failed: 'timeout', detail: 'stopped after 250 ms' })
    expect(delays).toContain(250 / 5)
  })

  it('renders the good ones before trying the killed one again', async () => {
    const under = renderer({ killAfter: 150, renderLimit: Number.POSITIVE_INFINITY })
    const order: string[] = []
    const hostile = under.render([job(ENDLESS)]).then(() => order.push('hostile'))
    const good = under.render([job(GOOD)]).then(() => order.push('good'))
    await Promise.all([hostile, good])
    expect(order).toEqual(['good', 'hostile'])
  })

  it('is refused without a try after three kills, while others go on', async () => {
    const under = renderer({ killAfter: 100, renderLimit: Number.POSITIVE_INFINITY })
    const first = await under.render([job(ENDLESS)])
    const second = await under.render([job(ENDLESS)])
    const third = await under.render([job(ENDLESS), job(GOOD)])
    expect([...first, ...second, ...third].map((each) => ('failed' in each ? each.failed : 'ok'))).toEqual([
      'timeout',
      'refused',
      'refused',
      'ok',
    ])
  })
})

describe('the worker’s life', () => {
  it('starts no thread for templates that only fill in names', async () => {
    const before = await threads()
    await renderer().render([job('{{ order.no }}')])
    expect(await threads()).toBe(before)
  })

  it('ends when idle and starts again when needed', async () => {
    const before = await threads()
    const { clock, fire } = idleClock(60_000)
    const under = renderer({ clock })
    expect(await textOf(under, GOOD)).toBe('20261122-0815 493027')
    expect(await threads()).toBeGreaterThan(before)
    fire()
    await vi.waitFor(async () => expect(await threads()).toBe(before), { timeout: 5_000 })
    expect(await textOf(under, GOOD)).toBe('20261122-0815 493027')
  })

  it('settles what is open when it is closed, and says so afterwards', async () => {
    const under = renderer({ killAfter: 60_000, renderLimit: Number.POSITIVE_INFINITY })
    const stuck = under.render([job(ENDLESS), job(GOOD)])
    await under.close()
    expect(await stuck).toMatchObject([{ failed: 'error' }, { failed: 'error' }])
    expect(await under.render([job(GOOD)])).toMatchObject([{ failed: 'error' }])
  })

  it('runs from a directory whose name has spaces and Chinese in it', async () => {
    const root = await mkdtemp(join(tmpdir(), '叮咚 模板 #1 '))
    try {
      const source = new URL('../', import.meta.url).pathname
      await mkdir(join(root, 'src'))
      await cp(join(source, 'templates'), join(root, 'src/templates'), { recursive: true })
      await cp(join(source, 'domain'), join(root, 'src/domain'), { recursive: true })
      await symlink(join(source, '../node_modules'), join(root, 'node_modules'))
      await writeFile(join(root, 'package.json'), '{"type":"module"}')
      await writeFile(join(root, 'try.ts'), TRY)
      const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'try.ts')], { cwd: root })
      expect(stdout).toContain('{"kind":"sms","text":"1 好"}')
    } finally {
      await rm(root, { recursive: true, force: true })
    }
  })
})

const TRY = `
import { createRenderer } from './src/templates/renderer.ts'
import { systemClock } from './src/domain/time.ts'
const renderer = createRenderer({ clock: systemClock() })
const template = { format: 1, channel: 'sms', purpose: 'service', locale: 'en', variables: [],
  parts: [{ at: 'text', liquid: '{% assign a = order.no %}{{ a }} 好', escape: 'plain' }] }
const [result] = await renderer.render([{ key: 'k', template, vars: { order: { no: 1 } }, timeZone: 'UTC' }])
console.log(JSON.stringify(result.ok))
// Ends by itself: an idle worker does not hold the process.
await renderer.close()
`

/** Threads of this process; the same everywhere but on Linux, where it can be known. */
async function threads(): Promise<number> {
  return (await readdir('/proc/self/task').catch(() => [])).length
}

/** The real clock, except that waits of `length` happen when told to. */
function idleClock(length: number): { readonly clock: Clock; readonly fire: () => void } {
  const real = systemClock()
  let held: (() => void) | null = null
  return {
    clock: {
      now: real.now,
      after(delay, wake) {
        if (delay !== length) return real.after(delay, wake)
        held = wake
        return () => {
          held = null
        }
      },
    },
    fire: () => held?.(),
  }
}
