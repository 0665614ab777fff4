import { createHmac, randomBytes } from 'node:crypto'
import { createTransport } from 'nodemailer'
import { Webhook } from 'standardwebhooks'
import { Agent, request } from 'undici'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../domain/time.ts'
import { type Lab, startLab } from './lab.ts'
import { startSmsLab } from './sms-lab.ts'
import { startWebhookLab } from './webhook-lab.ts'

const clock = systemClock()
const random = (bytes: number) => randomBytes(bytes)

let lab: Lab
beforeEach(async () => {
  lab = await startLab({ clock, random })
})
afterEach(() => lab.close())

async function post(url: string, body: string, headers: Record<string, string>) {
  const answer = await request(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  })
  const text = await answer.body.text()
  return {
    status: answer.statusCode,
    headers: answer.headers,
    code: text ? JSON.parse(text).code : null,
    text,
  }
}

test.each(['sms', 'webhook'] as const)(
  '%s: over https for whoever trusts it, until bad TLS strikes',
  async (name) => {
    const { secureUrl, ca, scriptConnections } = lab[name]
    const dispatcher = new Agent({ connect: { ca } })
    const ask = async () => (await request(secureUrl, { method: 'GET', dispatcher, reset: true })).statusCode
    expect(await ask()).toBeGreaterThan(200)
    scriptConnections([{ fault: { kind: 'bad_tls' }, times: 1 }])
    await expect(ask()).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    expect(await ask()).toBeGreaterThan(200)
    await dispatcher.close()
  },
)

describe('the SMS gateway', () => {
  const submit = (sms: unknown, changes: Record<string, string> = {}) => {
    const body = typeof sms === 'string' ? sms : JSON.stringify(sms)
    const stamp = changes['x-timestamp'] ?? String(Math.floor(Date.now() / 1_000))
    const sign = createHmac('sha256', lab.sms.apiSecret).update(`${stamp}.${body}`).digest('hex')
    const headers = { 'x-api-key': lab.sms.apiKey, 'x-timestamp': stamp, 'x-signature': sign, ...changes }
    return post(lab.sms.url, body, headers)
  }
  const GOOD = { to: '+8613800138000', text: '您好', id: 'msg_1' }

  test('takes a good submit', async () => {
    expect(await submit(GOOD)).toMatchObject({ status: 200, code: 'OK' })
    expect(lab.sms.received.list()).toMatchObject([
      {
        sequence: 1,
        id: 'msg_1',
        to: '+8613800138000',
        accepted: true,
        content: { text: '您好', ref: 'sms-1' },
      },
    ])
  })

  test.each([
    ['a wrong key', GOOD, { 'x-api-key': 'nobody' }, 401, 'BAD_KEY'],
    ['a wrong signature', GOOD, { 'x-signature': 'ab'.repeat(32) }, 401, 'BAD_SIGNATURE'],
    ['no signature', GOOD, { 'x-signature': '' }, 401, 'MISSING_HEADER'],
    ['an old time stamp', GOOD, { 'x-timestamp': '1000000000' }, 401, 'STALE'],
    ['no JSON', 'to=1', {}, 400, 'NOT_JSON'],
    ['a missing field', { to: GOOD.to, text: 'x' }, {}, 400, 'BAD_FIELD'],
    ['an unknown field', { ...GOOD, extra: 1 }, {}, 400, 'BAD_FIELD'],
    ['an empty text', { ...GOOD, text: '' }, {}, 400, 'BAD_FIELD'],
    ['a number without country', { ...GOOD, to: '13800138000' }, {}, 200, 'BAD_NUMBER'],
  ])('refuses %s, and records it', async (_what, sms, headers, status, code) => {
    expect(await submit(sms, headers as Record<string, string>)).toMatchObject({ status, code })
    expect(lab.sms.received.list()).toMatchObject([{ accepted: false, refusal: code }])
  })

  test('refuses what comes too fast', async () => {
    await lab.sms.close()
    const slow = await startSmsLab({
      clock: { ...clock, now: () => 1_795_334_400_000 },
      random,
      perSecond: 2,
    })
    const body = JSON.stringify(GOOD)
    const sign = createHmac('sha256', slow.apiSecret).update(`1795334400.${body}`).digest('hex')
    const headers = { 'x-api-key': slow.apiKey, 'x-timestamp': '1795334400', 'x-signature': sign }
    const answers = [
      await post(slow.url, body, headers),
      await post(slow.url, body, headers),
      await post(slow.url, body, headers),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429])
    expect(answers[2]!.headers['retry-after']).toBe('1')
    await slow.close()
  })
})

describe('the webhook receiver', () => {
  const sign = (body: string, { secret = lab.webhook.secret, at = new Date(), id = 'msg_1' } = {}) => ({
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret).sign(id, at, body),
  })
  const GOOD = JSON.stringify({ type: 'order.paid', timestamp: '2026-11-22T08:00:00Z', data: {} })

  test('takes what the official library signed, and counts repeats by id', async () => {
    await post(lab.webhook.url, GOOD, sign(GOOD))
    expect(await post(lab.webhook.url, GOOD, sign(GOOD))).toMatchObject({ status: 204 })
    expect(lab.webhook.received.counts()).toEqual({ accepted: 2, refused: 0, repeats: 1 })
    expect(lab.webhook.received.list()[1]).toMatchObject({ repeat: true, content: { type: 'order.paid' } })
  })

  test('takes one of two signatures', async () => {
    const headers = sign(GOOD)
    const two = `${sign(GOOD, { secret: `whsec_${'A'.repeat(32)}` })['webhook-signature']} ${headers['webhook-signature']}`
    expect(await post(lab.webhook.url, GOOD, { ...headers, 'webhook-signature': two })).toMatchObject({
      status: 204,
    })
  })

  test.each([
    ['another body', (body: string) => sign(`${body} `), 401, 'BAD_SIGNATURE'],
    ['another id', (body: string) => ({ ...sign(body), 'webhook-id': 'msg_2' }), 401, 'BAD_SIGNATURE'],
    [
      'an old time stamp',
      (body: string) => sign(body, { at: new Date(Date.now() - 301_000) }),
      401,
      'BAD_TIMESTAMP',
    ],
    [
      'a time stamp that is none',
      (body: string) => ({ ...sign(body), 'webhook-timestamp': 'now' }),
      401,
      'BAD_TIMESTAMP',
    ],
    ['no id', (body: string) => ({ ...sign(body), 'webhook-id': '' }), 400, 'MISSING_HEADER'],
    [
      'another media type',
      (body: string) => ({ ...sign(body), 'content-type': 'text/plain' }),
      415,
      'NOT_JSON',
    ],
  ])('refuses %s', async (_what, headers, status, code) => {
    expect(await post(lab.webhook.url, GOOD, headers(GOOD) as Record<string, string>)).toMatchObject({
      status,
      code,
    })
    expect(lab.webhook.received.list()).toMatchObject([{ accepted: false, refusal: code }])
  })

  test.each(['{"type":"x"', '{"data":{}}', '"text"', '{"type":"x","timestamp":"t","data":1}'])(
    'refuses a signed body that is no event: %s',
    async (body) => {
      expect(await post(lab.webhook.url, body, sign(body))).toMatchObject({ status: 400, code: 'BAD_BODY' })
    },
  )
})

describe('the mail server', () => {
  const mail = { from: 'a@shop.example', to: 'b@example.com', subject: 'Hi', text: 'there' }

  test('demands its log-in', async () => {
    const { host, port, user, pass } = lab.smtp
    const open = (auth?: { user: string; pass: string }) =>
      createTransport({ host, port, ...(auth ? { auth } : {}) })
    await expect(open().sendMail(mail)).rejects.toMatchObject({ responseCode: 530 })
    await expect(open({ user, pass: 'x' }).sendMail(mail)).rejects.toMatchObject({ responseCode: 535 })
    await open({ user, pass }).sendMail(mail)
    expect(lab.smtp.received.counts()).toEqual({ accepted: 1, refused: 1, repeats: 0 })
  })

  test('refuses a log-in and drops a connection when told to', async () => {
    const { host, port, user, pass } = lab.smtp
    const send = () => createTransport({ host, port, auth: { user, pass } }).sendMail(mail)
    lab.smtp.scriptConnections([{ fault: { kind: 'refuse_credentials' }, nth: 1 }])
    await expect(send()).rejects.toMatchObject({ responseCode: 535 })
    lab.smtp.script([{ fault: { kind: 'drop', when: 'before' }, nth: 1 }])
    await expect(send()).rejects.toMatchObject({ code: 'ECONNECTION' })
    await send()
    expect(lab.smtp.received.counts()).toMatchObject({ accepted: 1 })
  })
})

test('a slow simulator takes the message at once and answers when its clock says so', async () => {
  const wakes: { delay: number; wake: () => void }[] = []
  const asked = Promise.withResolvers<void>()
  const still = {
    now: () => Date.now(),
    after(delay: number, wake: () => void) {
      wakes.push({ delay, wake })
      asked.resolve()
      return () => {}
    },
  }
  const slow = await startWebhookLab({ clock: still, random })
  slow.script([{ fault: { kind: 'slow', ms: 30_000 } }])
  const body = JSON.stringify({ type: 'x', timestamp: '2026-11-22T08:00:00Z', data: {} })
  const at = new Date()
  const headers = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(slow.secret).sign('msg_1', at, body),
  }
  let answered = false
  const posting = post(slow.url, body, headers).then((answer) => {
    answered = true
    return answer
  })
  await asked.promise
  expect(slow.received.counts().accepted).toBe(1)
  expect({ answered, delay: wakes[0]!.delay }).toEqual({ answered: false, delay: 30_000 })
  wakes[0]!.wake()
  expect(await posting).toMatchObject({ status: 204 })
  await slow.close()
})

test('the lab listens on this machine only, and on the ports it was given', async () => {
  const { port } = lab.smtp
  await lab.close()
  const again = await startLab({ clock, random, ports: { smtp: port } })
  expect(again.smtp.port).toBe(port)
  expect(again.origins.every((origin) => new URL(origin).hostname === '127.0.0.1')).toBe(true)
  await expect(startLab({ clock, random, ports: { smtp: port } })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  })
  await again.close()
})
