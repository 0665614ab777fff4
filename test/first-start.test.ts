import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

// The whole program as its user has it: real processes, the embedded database, nothing replaced.

const BIN = fileURLToPath(new URL('../bin/dingdong.mjs', import.meta.url))
const temp = () => mkdtempSync(path.join(tmpdir(), 'dingdong-first-'))
const dataDir = temp()
const home = temp()
const env = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(DINGDONG_|DATABASE_URL|XDG_|LANG|LC_)/.test(name)),
  ),
  HOME: home,
  LANG: 'C.UTF-8',
  NO_COLOR: '1',
  DINGDONG_DATA_DIR: dataDir,
  // No backup in the middle of a test.
  DINGDONG_BACKUP_EVERY: 'off',
}

interface Started {
  readonly url: string
  readonly adminSecret: string | null
  readonly apiKey: string
  readonly masterKeyFile: string
  readonly masterKeyNew: boolean
  readonly curl: string
  readonly seconds: number
}

const processes = new Set<ChildProcess>()

async function start(): Promise<{ child: ChildProcess; started: Started }> {
  const child = spawn(process.execPath, [BIN, 'start', '--json', '--port', '0'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  processes.add(child)
  const errors = text(child.stderr!)
  for await (const line of createInterface({ input: child.stdout! }))
    return { child, started: JSON.parse(line) as Started }
  throw new Error(`it did not start: ${await errors}`)
}

interface Ran {
  readonly exit: number | null
  readonly out: string
  readonly err: string
  json<T>(): T
}

async function dingdong(...args: string[]): Promise<Ran> {
  return run(args, '')
}

async function run(args: readonly string[], input: string, more: Record<string, string> = {}): Promise<Ran> {
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { ...env, ...more },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  processes.add(child)
  child.stdin!.end(input)
  const [out, err, [exit]] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    once(child, 'exit'),
  ])
  return { exit: exit as number | null, out, err, json: () => JSON.parse(out) }
}

let server: { child: ChildProcess; started: Started }

beforeAll(async () => {
  server = await start()
}, 60_000)

afterAll(async () => {
  if (server.child.exitCode === null) {
    server.child.kill('SIGTERM')
    await once(server.child, 'exit')
  }
  for (const child of processes) if (child.exitCode === null) child.kill('SIGKILL')
  for (const dir of [dataDir, home]) rmSync(dir, { recursive: true, force: true })
})

/** The line to try, as a shell would read it. */
function readCurl(line: string) {
  const [url] = /http:\S+/.exec(line)!
  const headers = Object.fromEntries(
    [...line.matchAll(/-H '([^:]+): ([^']+)'/g)].map((match) => [match[1]!, match[2]!]),
  )
  return { url, headers, body: / -d '([^']+)'/.exec(line)![1]! }
}

/** Asks again and again until the answer is right; the test's own time limit is the limit. */
async function until<T>(ask: () => Promise<T>, right: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (right(answer)) return answer
  }
}

interface Timeline {
  readonly status: string
  readonly entries: {
    kind: string
    message?: { message: string; template: string; channel: string; state: string; why: string[] }
  }[]
}
const messagesIn = (timeline: Timeline) =>
  timeline.entries.flatMap((entry) => entry.message ?? []).filter((message) => typeof message === 'object')

describe('the first start', () => {
  it('takes seconds and shows everything a newcomer needs, the master key outside the data', () => {
    const { started } = server
    // The aims are 15 and, later, 3 seconds on an idle machine, where the benchmark holds them; other tests run beside this.
    expect(started.seconds).toBeLessThan(30)
    expect(started.adminSecret).toMatch(/^([2-9a-z]{5}-){4}[2-9a-z]{5}$/)
    expect(started.masterKeyNew).toBe(true)
    expect(started.masterKeyFile.startsWith(path.join(home, '.config/dingdong/'))).toBe(true)
    expect(statSync(started.masterKeyFile).mode & 0o777).toBe(0o600)
  })

  it('is ready, and says what it checked', async () => {
    const answer = await fetch(`${server.started.url}/readyz`)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({
      checks: { database: { ok: true }, worker: { ok: true }, disk: { ok: true } },
    })
  })

  it('has a line to try that ends in a mail in the outbox, behind the admin secret', async () => {
    const { url, adminSecret, curl } = server.started
    const { url: target, headers, body } = readCurl(curl)
    const answer = await fetch(target, { method: 'POST', headers, body })
    expect(answer.status).toBe(202)
    const no = (JSON.parse(body) as { subject: string }).subject
    const timeline = await until(
      async () => (await dingdong('order', no, '--json')).json<Timeline>(),
      (seen) => messagesIn(seen).some((message) => message.state === 'sent'),
    )
    expect(messagesIn(timeline).map(({ template, channel }) => [template, channel])).toEqual([
      ['payment_failed_details', 'email'],
    ])

    expect((await fetch(`${url}/outbox`, { redirect: 'manual' })).status).toBe(302)
    const login = await fetch(`${url}/login`, {
      method: 'POST',
      headers: { origin: url },
      body: new URLSearchParams({ secret: adminSecret! }),
      redirect: 'manual',
    })
    const cookie = login.headers.get('set-cookie')!.split(';')[0]!
    expect(await (await fetch(`${url}/outbox`, { headers: { cookie } })).text()).toContain(
      'buyer@demo.example',
    )
  })

  it('counts what it does for Prometheus', async () => {
    const metrics = await (await fetch(`${server.started.url}/metrics`)).text()
    expect(metrics).toMatch(/dingdong_events_kept_total\{outcome="accepted"\} [1-9]/)
    for (const kind of ['events', 'timers', 'messages', 'inquiries'])
      expect(metrics).toMatch(new RegExp(`dingdong_lag_seconds\\{kind="${kind}"\\} \\d`))
  })
})

describe('commands beside the running server', () => {
  it('play a day of shop life from four sources and sum it up', async () => {
    const day = await dingdong('demo', '--speed', 'max', '--orders', '12', '--json')
    expect(day.err).toBe('')
    expect(day.exit).toBe(0)
    const { messages, reviewsOpen } = day.json<{
      messages: { name: string; sent: number; total: number }[]
      reviewsOpen: boolean
    }>()
    expect(reviewsOpen).toBe(true)
    expect(messages.find(({ name }) => name === 'order_paid → email')?.sent).toBeGreaterThan(0)
    expect(messages.find(({ name }) => name === 'shop_new_order → email')?.sent).toBeGreaterThan(0)
  }, 60_000)

  it('send events, tell what is wrong with them, and say why a message was not sent', async () => {
    const order = {
      no: 'CLI-1',
      total: { minor: 990, currency: 'CNY' },
      title: 'A',
      payUrl: 'https://shop.example/p',
    }
    const customer = { email: 'cli@demo.example' }
    const events = [
      { id: 'c1', type: 'order.paid', data: { order, customer, payment: { id: 'p1' } } },
      {
        id: 'c2',
        type: 'payment.failed',
        data: { order, customer, payment: { id: 'p0', failure: { code: 'x' } } },
      },
    ]
    expect(await run(['event', 'send', '-', '--json'], JSON.stringify(events))).toMatchObject({ exit: 0 })
    const bad = await run(['event', 'send', '-'], '[{"id":"x"}]')
    expect(bad).toMatchObject({ exit: 1 })
    expect(bad.err).toContain('events[0].type')

    const timeline = await until(
      async () => (await dingdong('order', 'CLI-1', '--json')).json<Timeline>(),
      (seen) => messagesIn(seen).some(({ template, state }) => template === 'order_paid' && state === 'sent'),
    )
    expect(timeline.status).toBe('paid')
    const said = await run(['order', 'CLI-1'], '', { LANG: 'zh_CN.UTF-8' })
    expect(said.out).toContain('服务商已接收')

    const sent = messagesIn(timeline).find(({ template }) => template === 'order_paid')!
    expect(await dingdong('message', 'resend', sent.message, '--json')).toMatchObject({ exit: 0 })
    expect(await dingdong('order', 'NOWHERE-1')).toMatchObject({ exit: 3 })
  }, 60_000)

  it('stop a flow and let it go on', async () => {
    expect((await dingdong('flow', 'kill', 'payment-failed-other', '--json')).json()).toEqual({
      what: 'payment-failed-other',
      killed: true,
    })
    const flows = (await dingdong('flow', 'list', '--json')).json<{ key: string; killed: boolean }[]>()
    expect(flows.filter(({ killed }) => killed).map(({ key }) => key)).toEqual(['payment-failed-other'])
    expect(await dingdong('flow', 'unkill', 'payment-failed-other')).toMatchObject({ exit: 0 })
    const typo = await dingdong('flow', 'kill', 'payment-failed-othr')
    expect(typo).toMatchObject({ exit: 3 })
    expect(typo.err).toContain('payment-failed-other')
  }, 60_000)

  it('make an API key that works, and revoke it', async () => {
    const { key, secret } = (
      await dingdong('key', 'create', 'till', '--scopes', 'orders:read', '--json')
    ).json<{ key: string; secret: string }>()
    const ask = () =>
      fetch(`${server.started.url}/v1/orders/CLI-1`, { headers: { authorization: `Bearer ${secret}` } })
    expect((await ask()).status).toBe(200)
    expect(await dingdong('key', 'revoke', key)).toMatchObject({ exit: 0 })
    // The server may know the key for five seconds more.
    await until(
      async () => (await ask()).status,
      (status) => status === 401,
    )
    const again = await dingdong('key', 'revoke', key)
    expect(again).toMatchObject({ exit: 0 })
    expect(again.out).toContain('was revoked already')
    const unknown = await dingdong('key', 'revoke', 'key_00000000000000000000000000', '--json')
    expect(unknown).toMatchObject({ exit: 3 })
    expect(unknown.json<object>()).toMatchObject({ error: { code: 'NOT_FOUND' } })
  }, 60_000)

  it('change the data key while the server goes on reading and writing', async () => {
    const rotated = (await dingdong('seal', 'rotate', '--json')).json<{ key: number; resealed: number }>()
    expect(rotated.key).toBe(2)
    expect(rotated.resealed).toBeGreaterThan(20)
    expect((await dingdong('seal', 'rotate', '--resume', '--json')).json()).toMatchObject({
      key: 2,
      resealed: 0,
    })
    const timeline = (await dingdong('order', 'CLI-1', '--json')).json<Timeline>()
    expect(timeline.status).toBe('paid')
  }, 60_000)

  it('find nothing to repair', async () => {
    const looked = await dingdong('doctor', '--json')
    const { checks } = looked.json<{ checks: { check: string; state: string; text: string }[] }>()
    expect(checks.filter(({ state }) => state === 'fail')).toEqual([])
    expect(checks.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['node', 'masterKey', 'port', 'publicUrl', 'accounts', 'disk']),
    )
  }, 60_000)

  it('list failure codes that nobody knows, and decide what they mean', async () => {
    interface Codes {
      readonly decided: readonly object[]
      readonly unknown: readonly object[]
    }
    const codes = async () => (await dingdong('code', 'list', '--json')).json<Codes>()
    const unnamed = { rail: 'unnamed', code: 'x' }
    expect((await codes()).unknown).toContainEqual(expect.objectContaining(unnamed))
    const set = await dingdong('code', 'set', 'unnamed', 'x', 'wrong_details', '--json')
    expect(set.json<object>()).toEqual({ ...unnamed, class: 'wrong_details', advice: 'NEW_METHOD' })
    expect(await codes()).toMatchObject({ decided: [unnamed], unknown: [] })
    const said = await dingdong('classify', 'unnamed', 'x', '--shop', 'demo', '--json')
    expect(said.json<object>()).toMatchObject({ class: 'wrong_details', decidedBy: { knownBy: 'shop' } })
    expect(await dingdong('code', 'unset', 'unnamed', 'x')).toMatchObject({ exit: 0 })
    expect(await run(['code', 'unset', 'unnamed', 'x'], '')).toMatchObject({ exit: 3 })
  }, 60_000)
})

describe('being stopped', () => {
  const file = path.join(home, 'all.backup')

  it('ends in order: what runs is finished, the database is closed, exit 0', async () => {
    expect(await dingdong('backup', file)).toMatchObject({ exit: 0 })
    server.child.kill('SIGTERM')
    // Ctrl-C comes twice through npm; that is still one wish.
    server.child.kill('SIGINT')
    const [exit] = await once(server.child, 'exit')
    expect(exit).toBe(0)
    expect(existsSync(path.join(dataDir, 'cluster', 'postmaster.pid'))).toBe(false)
  }, 60_000)

  it('leaves commands that need only the database working, and exit 4 for the others', async () => {
    expect(
      (await dingdong('shop', 'list', '--json')).json<{ slug: string }[]>().map(({ slug }) => slug),
    ).toEqual(['demo'])
    const refused = await run(['order', 'CLI-1'], '', { DINGDONG_URL: 'http://127.0.0.1:1' })
    expect(refused).toMatchObject({ exit: 4 })
    expect(refused.err).toContain('npm start')
  }, 60_000)

  it('restores a backup into a new place', async () => {
    const other = temp()
    const restored = await run(['restore', file, '--json'], '', { DINGDONG_DATA_DIR: other })
    expect(restored).toMatchObject({ exit: 0 })
    expect(
      (await run(['shop', 'list', '--json'], '', { DINGDONG_DATA_DIR: other })).json<object[]>(),
    ).toHaveLength(1)
    rmSync(other, { recursive: true, force: true })
  }, 60_000)

  it('does not make a new master key where the old one is missing', async () => {
    const { masterKeyFile } = server.started
    renameSync(masterKeyFile, `${masterKeyFile}.away`)
    const refused = await run(['start', '--port', '0'], '')
    expect(refused).toMatchObject({ exit: 1 })
    expect(refused.err).toContain(masterKeyFile)
    writeFileSync(
      masterKeyFile,
      'ab'.repeat(32).replace(/./g, (_, at: number) => ((at * 7) % 16).toString(16)),
    )
    const wrong = await run(['start', '--port', '0'], '')
    expect(wrong).toMatchObject({ exit: 1 })
    expect(wrong.err).toMatch(/master key/)
    renameSync(`${masterKeyFile}.away`, masterKeyFile)
  }, 60_000)

  it('starts again at once, with the same key for the demo shop and without another secret', async () => {
    const first = server.started
    server = await start()
    expect(server.started).toMatchObject({ apiKey: first.apiKey, adminSecret: null, masterKeyNew: false })
    expect(server.started.seconds).toBeLessThan(10)
  }, 60_000)
})

describe('being used wrongly', () => {
  it('ends with 2, the nearest name, and where to look', async () => {
    for (const [args, near] of [
      [['strat'], 'start'],
      [['demo', '--sped', '3'], '--speed'],
      [['order'], 'order --help'],
      [['start', '--port', 'http'], 'port'],
      [['start', '--role', 'boss'], 'role'],
    ] as const) {
      const ran = await dingdong(...args)
      expect([args, ran.exit]).toEqual([args, 2])
      expect(ran.err).toContain(near)
    }
  }, 60_000)

  it('says that it runs already, and where, when it is started twice', async () => {
    const { url } = server.started
    const same = { DINGDONG_PORT: new URL(url).port }
    for (const more of [same, {}]) {
      const ran = await run(['start'], '', more)
      expect([ran.exit, ran.err]).toEqual([1, expect.stringContaining(`runs already: ${url} (process `)])
      expect(ran.err).not.toContain('another program')
    }
    const refused = await run(['start', '--json'], '', same)
    expect(refused.json()).toMatchObject({ error: { code: 'RUNS_ALREADY' } })
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
  })

  it('names the port that is taken, and the setting', async () => {
    const port = new URL(server.started.url).port
    const other = temp()
    const ran = await run(['start', '--port', port], '', { DINGDONG_DATA_DIR: other })
    expect(ran).toMatchObject({ exit: 1 })
    expect(ran.err).toContain(`Port ${port}`)
    expect(ran.err).toContain('DINGDONG_PORT')
    rmSync(other, { recursive: true, force: true })
  }, 60_000)
})
