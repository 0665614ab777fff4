import { randomBytes } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import type { MessageId, ShopId } from '../domain/ids.ts'
import type { OutboundMessage } from '../domain/message.ts'
import { systemClock } from '../domain/time.ts'
import { type LabRequest, listenHttp } from '../lab/http-listener.ts'
import { startSmsLab } from '../lab/sms-lab.ts'
import type { Callback, ProviderPorts } from './channel.ts'
import { createHttpClient } from './http-client.ts'
import { smsHttp } from './sms-http.ts'

const clock = systemClock()
const random = (bytes: number) => randomBytes(bytes)
const SECRET = 'a-callback-secret-of-27-chars'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** A gateway, a sender, and our side of its callbacks, with real HTTP between them. */
async function start() {
  const lab = await startSmsLab({ clock, random })
  const client = createHttpClient({ allowOrigins: [lab.origin] })
  const heard: Callback[] = []
  const order: string[] = []
  const react = async (request: LabRequest) => {
    const raw = { ...request, query: {}, body: Buffer.from(request.body), remoteAddress: '127.0.0.1' }
    const read = smsHttp.readCallback!(settings, raw, clock.now())
    if (!read) return { status: 401 }
    heard.push(...read.callbacks)
    order.push(...read.callbacks.map(({ kind }) => kind))
    return { status: 200, body: read.reply }
  }
  const ours = await listenHttp({ port: 0, react })
  lab.sendCallbacksTo({ url: `${ours.origin}/callbacks`, secret: SECRET })
  const settings = smsHttp.settings.parse(lab.account())
  const ports: ProviderPorts = {
    clock,
    random,
    http: client.request,
    log: { debug() {}, warn() {} },
    storeInboxItem: async () => {},
  }
  const sender = smsHttp.open(settings, ports)
  cleanups.push(
    () => client.close(),
    () => ours.close(),
    () => lab.close(),
  )
  const send = async (idempotencyKey: string) => {
    const fate = await sender.send(anSms(idempotencyKey), new AbortController().signal)
    order.push(fate.kind)
    return fate
  }
  /** The receipts of an accepted message leave in the turn after its answer. */
  const settle = async () => {
    await new Promise((resolve) => setImmediate(resolve))
    await lab.callbacksDone()
  }
  return { lab, send, heard, order, settle }
}

function anSms(idempotencyKey: string): OutboundMessage {
  return {
    shop: 1 as ShopId,
    id: '01949df8-1c00-7000-8000-000000000001' as MessageId,
    idempotencyKey,
    channel: 'sms',
    purpose: 'service',
    to: '+8613800138000',
    locale: 'zh-CN',
    content: { kind: 'sms', text: '【小店】已付款' },
    unsubscribeUrl: null,
    attempt: 1,
    createdAt: 0,
  }
}

describe('through the lab’s gateway', () => {
  test('a receipt names the message by both ids', async () => {
    const { send, heard, settle } = await start()
    expect(await send('msg_1')).toMatchObject({ kind: 'sent', providerRef: 'sms-1' })
    await settle()
    expect(heard).toMatchObject([
      { kind: 'receipt', providerRef: 'sms-1', idempotencyKey: 'msg_1', status: 'delivered', code: '000' },
    ])
  })

  test('a repeat gets the first answer, one SMS and one receipt', async () => {
    const { lab, send, heard, settle } = await start()
    await send('msg_1')
    expect(await send('msg_1')).toMatchObject({ kind: 'sent', providerRef: 'sms-1' })
    await settle()
    expect(heard).toHaveLength(1)
    expect(lab.received.counts()).toEqual({ accepted: 2, refused: 0, repeats: 1 })
  })

  test('receipts come twice, early, never, or say failed, as scripted', async () => {
    const { lab, send, heard, order, settle } = await start()
    lab.script([{ fault: { kind: 'duplicate_receipt' } }])
    await send('msg_1')
    await settle()
    expect(heard).toHaveLength(2)
    expect(heard[1]).toEqual({ ...heard[0], at: expect.any(Number) })

    lab.script([{ fault: { kind: 'no_receipt' } }])
    await send('msg_2')
    await settle()
    expect(heard).toHaveLength(2)

    lab.script([{ fault: { kind: 'failed_receipt' } }])
    await send('msg_3')
    await settle()
    expect(heard[2]).toMatchObject({ idempotencyKey: 'msg_3', status: 'failed', code: 'ABSENT' })

    lab.script([{ fault: { kind: 'early_receipt' } }])
    order.length = 0
    await send('msg_4')
    await settle()
    expect(order).toEqual(['receipt', 'sent'])
  })

  test('a person’s answer comes back, and 退订 is understood', async () => {
    const { lab, heard } = await start()
    expect(await lab.reply({ from: '+8613800138000', text: '收到，谢谢' })).toBe(200)
    expect(await lab.reply({ from: '+8613800138000', text: '退订' })).toBe(200)
    expect(heard).toMatchObject([
      { kind: 'reply', from: '+8613800138000', text: '收到，谢谢', stop: false },
      { kind: 'reply', stop: true },
    ])
  })
})
