import { type ChildProcess, spawn } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../src/domain/time.ts'
import { type Lab, startLab } from '../src/lab/lab.ts'

// A real shop as its owner connects it: the guides of docs/guides, in order. Only the mail server is a simulator.

const BIN = fileURLToPath(new URL('../bin/dingdong.mjs', import.meta.url))
const dataDir = mkdtempSync(path.join(tmpdir(), 'dingdong-connect-'))
const home = mkdtempSync(path.join(tmpdir(), 'dingdong-connect-home-'))
const env = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(DINGDONG_|DATABASE_URL|XDG_|LANG|LC_)/.test(name)),
  ),
  HOME: home,
  LANG: 'C.UTF-8',
  NO_COLOR: '1',
  DINGDONG_DATA_DIR: dataDir,
  DINGDONG_DEMO: 'off',
  DINGDONG_BACKUP_EVERY: 'off',
}

let server: ChildProcess
let lab: Lab

beforeAll(async () => {
  lab = await startLab({ clock: systemClock(), random: (bytes) => randomBytes(bytes) })
  server = spawn(process.execPath, [BIN, 'start', '--json', '--port', '0'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(createInterface({ input: server.stdout! }), 'line')
  await dingdong(['shop', 'create', 'my-shop', '--locale', 'en', '--time-zone', 'UTC'])
}, 60_000)

afterAll(async () => {
  if (server.exitCode === null) {
    server.kill('SIGTERM')
    await once(server, 'exit')
  }
  await lab.close()
  for (const dir of [dataDir, home]) rmSync(dir, { recursive: true, force: true })
})

async function dingdong<T>(
  args: readonly string[],
  input = '',
): Promise<{ exit: unknown; json: T; err: string }> {
  const child = spawn(process.execPath, [BIN, ...args, '--json'], { env, stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.end(input)
  const [out, err, [exit]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { exit, err, json: JSON.parse(out) as T }
}

interface Connected {
  readonly connection: string
  readonly url: string
  readonly secret: string
}

function order(id: number) {
  // What failed days ago is not spoken of.
  const now = new Date().toISOString().slice(0, 19)
  return JSON.stringify({
    id,
    number: String(id),
    status: 'failed',
    currency: 'USD',
    total: '25.00',
    date_created_gmt: now,
    date_modified_gmt: now,
    payment_url: `https://shop.example/pay/${id}`,
    billing: { first_name: 'Lin', email: 'lin@example.org' },
    line_items: [{ name: 'VIP 90 d', quantity: 1 }],
  })
}

function post({ url, secret }: Connected, body: string) {
  const signature = createHmac('sha256', secret).update(body).digest('base64')
  const headers = { 'x-wc-webhook-topic': 'order.updated', 'x-wc-webhook-signature': signature }
  return fetch(url, { method: 'POST', body, headers: { ...headers, 'content-type': 'application/json' } })
}

it('turns a signed WooCommerce callback into a mail in a real server’s hands', async () => {
  const { smtp } = lab
  const mail = {
    host: smtp.host,
    port: smtp.port,
    security: 'none',
    user: smtp.user,
    pass: smtp.pass,
    from: 'shop@my.example',
  }
  expect((await dingdong(['account', 'add', 'smtp', '--settings', '-'], JSON.stringify(mail))).exit).toBe(0)
  const arrived = new Promise<string>((resolve) => smtp.received.onMessage(({ to }) => resolve(to)))
  const { json } = await dingdong<Connected>(['connection', 'add', 'woocommerce'])
  expect((await post(json, order(1))).status).toBe(200)
  expect(await arrived).toBe('lin@example.org')
})

it('answers 410 once the connection is off, and takes callbacks again once it is on', async () => {
  const { json } = await dingdong<Connected>(['connection', 'add', 'woocommerce', '--name', 'second'])
  expect((await dingdong(['connection', 'off', json.connection])).exit).toBe(0)
  expect((await post(json, order(2))).status).toBe(410)
  await dingdong(['connection', 'on', json.connection])
  let status = 410
  // Noticed within five seconds.
  while (status === 410) status = (await post(json, order(2))).status
  expect(status).toBe(200)
})
