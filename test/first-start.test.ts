import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { waitUntil } from './kit/wait-until.ts'

// The whole program as its user has it: real processes, the embedded database, nothing replaced. Commands that do not
// wait for each other run side by side, and what is waited for is asked of the server, without a process for each look.

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

interface Timeline {
  readonly status: string
  readonly entries: {
    kind: string
    message?: { message: string; template: string; channel: string; state: string; why: string[] }
  }[]
}
const messagesIn = (timeline: Timeline) =>
  timeline.entries.flatMap((entry) => entry.message ?? []).filter((message) => typeof message === 'object')

/** What the command says of an order, once the server says that this message is sent. */
async function orderOnceSent(no: string, template: string): Promise<Timeline> {
  const { url, apiKey } = server.started
  const headers = { authorization: `Bearer ${apiKey}` }
  await waitUntil(`${template} of ${no} is sent`, async () => {
    const answer = await fetch(`${url}/v1/orders/${no}/timeline`, { headers })
    if (!answer.ok) return `HTTP ${answer.status}`
    const messages = messagesIn((await answer.json()) as Timeline)
    return messages.some((each) => each.template === template && each.state === 'sent')
  })
  return (await dingdong('order', no, '--json')).json<Timeline>()
}

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
    const timeline = await orderOnceSent(no, 'payment_failed_details')
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
    const [good, bad, broken] = await Promise.all([
      run(['event', 'send', '-', '--json'], JSON.stringify(events)),
      run(['event', 'send', '-'], '[{"id":"x"}]'),
      run(['event', 'send', '-', '--json'], '[{"id":'),
    ])
    expect(good).toMatchObject({ exit: 0 })
    expect(bad).toMatchObject({ exit: 1 })
    expect(bad.err).toContain('events[0].type')
    expect(broken).toMatchObject({ exit: 1 })
    expect(broken.json<object>()).toMatchObject({ error: { code: 'BODY_NOT_JSON' } })

    const timeline = await orderOnceSent('CLI-1', 'order_paid')
    expect(timeline.status).toBe('paid')
    const sent = messagesIn(timeline).find(({ template }) => template === 'order_paid')!
    const [said, resent, nowhere] = await Promise.all([
      run(['order', 'CLI-1'], '', { LANG: 'zh_CN.UTF-8' }),
      dingdong('message', 'resend', sent.message, '--json'),
      dingdong('order', 'NOWHERE-1'),
    ])
    expect(said.out).toContain('服务商已接收')
    expect(resent).toMatchObject({ exit: 0 })
    expect(nowhere).toMatchObject({ exit: 3 })
    const twice = await dingdong('message', 'resend', sent.message, '--json')
    expect(twice).toMatchObject({ exit: 1 })
    expect(twice.json<object>()).toMatchObject({ error: { code: 'RESEND_REPEATED' } })
    expect(await dingdong('message', 'resend', sent.message, '--again')).toMatchObject({ exit: 0 })
  }, 60_000)

  it('stop a flow and let it go on', async () => {
    const [killed, typo] = await Promise.all([
      dingdong('flow', 'kill', 'payment-failed-other', '--json'),
      dingdong('flow', 'kill', 'payment-failed-othr'),
    ])
    expect(killed.json()).toEqual({ what: 'payment-failed-other', killed: true })
    const flows = (await dingdong('flow', 'list', '--json')).json<{ key: string; killed: boolean }[]>()
    expect(flows.filter(({ killed }) => killed).map(({ key }) => key)).toEqual(['payment-failed-other'])
    expect(await dingdong('flow', 'unkill', 'payment-failed-other')).toMatchObject({ exit: 0 })
    expect(typo).toMatchObject({ exit: 3 })
    expect(typo.err).toContain('payment-failed-other')
  }, 60_000)

  let askByRevoked: () => Promise<Response>

  it('make an API key that works, and revoke it', async () => {
    const { key, secret } = (
      await dingdong('key', 'create', 'till', '--scopes', 'orders:read', '--json')
    ).json<{ key: string; secret: string }>()
    const headers = { authorization: `Bearer ${secret}` }
    askByRevoked = () => fetch(`${server.started.url}/v1/orders/CLI-1`, { headers })
    expect((await askByRevoked()).status).toBe(200)
    expect(await dingdong('key', 'revoke', key)).toMatchObject({ exit: 0 })
    const [again, unknown] = await Promise.all([
      dingdong('key', 'revoke', key),
      dingdong('key', 'revoke', 'key_00000000000000000000000000', '--json'),
    ])
    expect(again).toMatchObject({ exit: 0 })
    expect(again.out).toContain('was revoked already')
    expect(unknown).toMatchObject({ exit: 3 })
    expect(unknown.json<object>()).toMatchObject({ error: { code: 'NOT_FOUND' } })
  }, 60_000)

  it('change the data key while the server goes on reading and writing', async () => {
    const rotated = (await dingdong('seal', 'rotate', '--json')).json<{ key: number; resealed: number }>()
    expect(rotated.key).toBe(2)
    expect(rotated.resealed).toBeGreaterThan(20)
    const [resumed, order] = await Promise.all([
      dingdong('seal', 'rotate', '--resume', '--json'),
      dingdong('order', 'CLI-1', '--json'),
    ])
    expect(resumed.json()).toMatchObject({ key: 2, resealed: 0 })
    const timeline = order.json<Timeline>()
    expect(timeline.status).toBe('paid')
    // The server may know a revoked key for five seconds; a change of the data key takes longer.
    expect((await askByRevoked()).status).toBe(401)
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
    const [listed, refused] = await Promise.all([
      dingdong('shop', 'list', '--json'),
      run(['order', 'CLI-1'], '', { DINGDONG_URL: 'http://127.0.0.1:1' }),
    ])
    expect(listed.json<{ slug: string }[]>().map(({ slug }) => slug)).toEqual(['demo'])
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

describe('being started where it cannot', () => {
  it('says that it runs already, and where, when it is started twice', async () => {
    const { url } = server.started
    const same = { DINGDONG_PORT: new URL(url).port }
    const [samePort, anyPort] = await Promise.all([run(['start'], '', same), run(['start', '--json'], '')])
    expect([samePort.exit, samePort.err]).toEqual([
      1,
      expect.stringContaining(`runs already: ${url} (process `),
    ])
    expect(samePort.err).not.toContain('another program')
    expect(anyPort.exit).toBe(1)
    expect(anyPort.json()).toMatchObject({
      error: { code: 'RUNS_ALREADY', message: expect.stringContaining(`runs already: ${url} (process `) },
    })
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
