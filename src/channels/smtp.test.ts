import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { MessageId, ShopId } from '../domain/ids.ts'
import type { OutboundMessage } from '../domain/message.ts'
import { systemClock } from '../domain/time.ts'
import { type SmtpLabOptions, startSmtpLab } from '../lab/smtp-lab.ts'
import type { ProviderPorts } from './channel.ts'
import { type SmtpSettings, smtp } from './smtp.ts'

const clock = systemClock()
const NOW = Date.UTC(2026, 10, 22, 8)
const ports = {
  clock: { ...clock, now: () => NOW },
  random: (bytes: number) => randomBytes(bytes),
  http: () => Promise.reject(new Error('mail needs no HTTP')),
  log: { debug() {}, warn() {} },
  storeInboxItem: async () => {},
} satisfies ProviderPorts

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function openWithLab(changes: Partial<SmtpSettings> = {}, options: Partial<SmtpLabOptions> = {}) {
  const lab = await startSmtpLab({ clock, random: ports.random, everyId: true, ...options })
  cleanups.push(() => lab.close())
  const settings = {
    ...{ host: lab.host, port: lab.port, user: lab.user, pass: lab.pass, security: 'none' },
    ...{ from: 'orders@shop.example', fromName: '小店', replyTo: 'help@shop.example' },
    ...changes,
  }
  const sender = smtp.open(smtp.settings.parse(settings), ports)
  cleanups.push(() => sender.close())
  const send = (more: Partial<OutboundMessage> = {}) => sender.send(aMail(more), new AbortController().signal)
  return { lab, sender, send }
}

function aMail(more: Partial<OutboundMessage> = {}): OutboundMessage {
  return {
    shop: 1 as ShopId,
    id: '01949df8-1c00-7000-8000-000000000001' as MessageId,
    idempotencyKey: 'msg_01j2',
    channel: 'email',
    purpose: 'reminder',
    to: 'buyer@example.com',
    locale: 'zh-CN',
    content: {
      kind: 'email',
      subject: '订单 20261122-1 待支付 🎁',
      text: '点此付款\n',
      html: '<p>点此付款</p>',
    },
    unsubscribeUrl: 'https://shop.example/u/abc',
    attempt: 1,
    createdAt: NOW - 5_000,
    ...more,
  }
}

describe('a mail', () => {
  test('reaches its receiver as it was written', async () => {
    const { lab, send } = await openWithLab()
    expect(await send()).toEqual({
      kind: 'sent',
      providerRef: '<msg_01j2@shop.example>',
      detail: '250 2.0.0 Ok: queued as LAB1',
    })
    const mail = lab.received.list()[0]!.content!
    expect(mail).toMatchObject({
      from: 'orders@shop.example',
      to: ['buyer@example.com'],
      subject: '订单 20261122-1 待支付 🎁',
      text: expect.stringMatching(/^点此付款\s*$/),
      html: '<p>点此付款</p>',
    })
    expect(mail.headers).toMatchObject({
      'message-id': '<msg_01j2@shop.example>',
      date: 'Sun, 22 Nov 2026 08:00:00 +0000',
      'reply-to': 'help@shop.example',
      'auto-submitted': 'auto-generated',
      'content-language': 'zh-CN',
    })
    expect(mail.raw).toMatch(/^From: =\?UTF-8\?.+\?= <orders@shop\.example>\r$/m)
  })

  test('can be unsubscribed from by one POST (RFC 8058), however long the address is', async () => {
    const { lab, send } = await openWithLab()
    const unsubscribeUrl = `https://shop.example/u/${'a'.repeat(300)}?x=1&y=2`
    await send({ unsubscribeUrl })
    const { headers } = lab.received.list()[0]!.content!
    expect(headers['list-unsubscribe']?.replace(/\s/g, '')).toBe(`<${unsubscribeUrl}>`)
    expect(headers['list-unsubscribe-post']).toBe('List-Unsubscribe=One-Click')
  })

  test('that is essential carries no unsubscribe header', async () => {
    const { lab, send } = await openWithLab()
    await send({ unsubscribeUrl: null })
    expect(
      Object.keys(lab.received.list()[0]!.content!.headers).filter((name) => /^list/.test(name)),
    ).toEqual([])
  })

  test('cannot smuggle headers or receivers in', async () => {
    const { lab, send } = await openWithLab()
    const content = { kind: 'email' as const, subject: 'a\r\nBcc: spy@example.com', text: 'b', html: 'c' }
    await send({ content, locale: 'zh\r\nX-Evil: 1', unsubscribeUrl: 'https://a.example/>\r\nX-Evil: 2' })
    const mail = lab.received.list()[0]!.content!
    expect(mail.to).toEqual(['buyer@example.com'])
    expect(Object.keys(mail.headers)).not.toEqual(expect.arrayContaining(['bcc']))
    expect(Object.keys(mail.headers)).not.toEqual(expect.arrayContaining(['x-evil']))
    for (const to of [
      'a@example.com, b@example.com',
      'a@example.com\r\nRCPT TO:<b@example.com>',
      '<a@example.com>',
      '',
    ]) {
      expect(await send({ to })).toMatchObject({ kind: 'rejected', blame: 'address', code: 'bad_address' })
    }
    expect(lab.received.counts().accepted).toBe(1)
  })

  test('with a dot alone on a line arrives whole', async () => {
    const { lab, send } = await openWithLab()
    const text = 'before\n.\n..\nafter'
    await send({ content: { kind: 'email', subject: 's', text, html: '<p>h</p>' } })
    expect(lab.received.list()[0]!.content!.text.trimEnd()).toBe(text)
  })
})

describe('the connection', () => {
  test('is used again for the next mail, also after a refusal', async () => {
    const { lab, send } = await openWithLab({ connections: 1 })
    lab.script([{ fault: { kind: 'refuse_address' }, to: 'gone@example.com' }])
    await send({ idempotencyKey: 'a' })
    expect(await send({ idempotencyKey: 'b', to: 'gone@example.com' })).toMatchObject({ kind: 'rejected' })
    expect(await send({ idempotencyKey: 'c' })).toMatchObject({ kind: 'sent' })
    expect(lab.connections()).toBe(1)
    expect(lab.received.ids()).toEqual(['<a@shop.example>', '<c@shop.example>'])
  })

  test('is encrypted with STARTTLS when its certificate is trusted', async () => {
    const lab = await startSmtpLab({ clock, random: ports.random, startTls: true })
    cleanups.push(() => lab.close())
    const { host, port, user, pass, ca } = lab
    const settings = { host, port, user, pass, ca, security: 'starttls', from: 'a@shop.example' }
    const sender = smtp.open(smtp.settings.parse(settings), ports)
    cleanups.push(() => sender.close())
    expect(await sender.send(aMail(), new AbortController().signal)).toMatchObject({ kind: 'sent' })
    expect(lab.received.list()[0]?.content?.secure).toBe(true)
  })

  test('demanded to be encrypted, is given up when the server offers no encryption', async () => {
    const { lab, send } = await openWithLab({ security: 'starttls' })
    expect(await send()).toMatchObject({ kind: 'operator' })
    expect(lab.received.counts().accepted).toBe(0)
  })

  test('opens nothing once the account is closed, used before or not', async () => {
    for (const before of [0, 1]) {
      const { lab, sender, send } = await openWithLab()
      if (before === 1) await send()
      await sender.close()
      expect(await send()).toMatchObject({ kind: 'retry', code: 'aborted' })
      await lab.idle()
      expect(lab.received.counts().accepted).toBe(before)
    }
  })

  test('that the server closed while idle costs a mail nothing', async () => {
    const { lab, send } = await openWithLab({ connections: 1 })
    await send({ idempotencyKey: 'a' })
    lab.script([{ fault: { kind: 'drop', when: 'before' }, times: 1 }])
    expect(await send({ idempotencyKey: 'b' })).toMatchObject({ kind: 'sent' })
    expect(lab.received.ids()).toEqual(['<a@shop.example>', '<b@shop.example>'])
  })

  test('dropped after the mail was taken: unknown, and not sent again behind our back', async () => {
    const { lab, send } = await openWithLab({ connections: 1 })
    await send({ idempotencyKey: 'a' })
    lab.script([{ fault: { kind: 'drop', when: 'after' }, times: 1 }])
    expect(await send({ idempotencyKey: 'b' })).toMatchObject({ kind: 'unknown' })
    expect(await send({ idempotencyKey: 'c' })).toMatchObject({ kind: 'sent' })
    expect(lab.received.ids()).toEqual(['<a@shop.example>', '<b@shop.example>', '<c@shop.example>'])
  })

  test('dropped in the middle of a large mail: retry, because without its end no server delivers it', async () => {
    const sockets: Socket[] = []
    const server = net.createServer((socket) => {
      sockets.push(socket)
      let data = 0
      socket.on('error', () => {})
      socket.write('220 mail\r\n')
      socket.on('data', (chunk) => {
        if (data > 0) {
          data += chunk.length
          if (data > 200_000) socket.resetAndDestroy()
          return
        }
        const isData = /^DATA/m.test(String(chunk))
        socket.write(isData ? '354 go\r\n' : '250 ok\r\n')
        if (isData) data = 1
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    cleanups.push(async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    const { port } = server.address() as AddressInfo
    const settings = { host: '127.0.0.1', port, security: 'none', from: 'a@shop.example' }
    const sender = smtp.open(smtp.settings.parse(settings), ports)
    cleanups.push(() => sender.close())
    const content = { kind: 'email' as const, subject: 's', text: 'x'.repeat(20_000_000), html: '' }
    expect(await sender.send(aMail({ content }), new AbortController().signal)).toMatchObject({
      kind: 'retry',
    })
  })
})

describe('settings', () => {
  test('keep a password off the open network', () => {
    const base = { port: 25, security: 'none', user: 'u', pass: 'p', from: 'a@shop.example' }
    expect(smtp.settings.safeParse({ ...base, host: 'mail.example' }).success).toBe(false)
    expect(smtp.settings.safeParse({ ...base, host: '127.0.0.1' }).success).toBe(true)
    expect(
      smtp.settings.safeParse({ ...base, host: 'relay', user: undefined, pass: undefined }).success,
    ).toBe(true)
  })
})
