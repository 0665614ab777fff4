import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testRandom } from '../../test/kit/fixed.ts'
import { openSite, orderEvent, type Site } from '../../test/kit/site.ts'
import { addConnection } from '../db/connections.ts'
import type { Trust } from '../domain/event.ts'
import { type ConnectionId, newId } from '../domain/ids.ts'
import { SOURCES } from '../sources/registry.ts'
import { commandRunner } from './command.test-kit.ts'
import { type Sent, senderWords } from './sender-words.ts'

const both = (sent: Sent) => [senderWords(sent, 'zh'), senderWords(sent, 'en')]

describe('who said something', () => {
  it('is the source with what makes it certain, by the name of the connection where it has one of its own', () => {
    const stripe: Sent = { type: 'order.paid', trust: 'signed', source: 'stripe', name: 'stripe' }
    expect(both(stripe)).toEqual(['Stripe，有签名', 'Stripe, signed'])
    expect(both({ ...stripe, name: 'Stripe EU' })[1]).toBe('Stripe “Stripe EU”, signed')
    expect(both({ ...stripe, trust: 'queried' })).toEqual(['Stripe，答复我们的查询', 'Stripe, answering us'])
    const secret: Sent = { type: 'order.paid', trust: 'authenticated', source: 'dujiaoka', name: 'dujiaoka' }
    expect(both(secret)).toEqual(['独角数卡，凭保密地址', '独角数卡, secret address'])
    expect(both({ ...secret, source: 'api', name: 'web' })).toEqual(['接口密钥“web”', 'API key “web”'])
  })

  it('is Dingdong for its own events, and nobody else’s connection for what it concluded or a browser said', () => {
    const own: Sent = { type: 'review.opened', trust: 'signed', source: 'dingdong', name: 'Dingdong' }
    expect(both(own)).toEqual(['叮咚自己', 'Dingdong itself'])
    expect(both({ ...own, trust: 'browser', type: 'link.clicked' })[0]).toBe('浏览器所说，不采信')
    expect(both({ ...own, trust: 'authenticated', type: 'message.receipt' })[0]).toBe('发送服务商')
    expect(both({ ...own, trust: 'inferred', source: 'stripe', name: 'stripe' })).toEqual([
      '叮咚推断',
      'inferred by Dingdong',
    ])
    expect(both({ ...own, source: null, name: null })[0]).toBe('已不存在的连接')
  })

  it('has words without a gap for every source', () => {
    for (const { name, trust } of SOURCES.values())
      for (const words of both({ type: 'order.paid', trust, source: name, name }))
        expect(words).not.toMatch(/[{}?]/)
  })
})

describe('an order in the terminal', () => {
  let site: Site
  let folder: string
  beforeAll(async () => {
    site = await openSite()
    folder = await mkdtemp(path.join(tmpdir(), 'dingdong-sender-'))
  }, 60_000)
  afterAll(async () => {
    await site?.close()
    await rm(folder, { recursive: true, force: true })
  })

  async function connection(source: string, name: string): Promise<ConnectionId> {
    const { db, clock } = site.deps
    const id = newId('conn', clock.now(), testRandom)
    const row = { id, source, name, path_hash: null, settings: Buffer.from('-'), created_at: clock.now() }
    await addConnection(db, site.shop.id, row)
    return id
  }

  it('names the sender of each event', async () => {
    const said = async (by: ConnectionId, trust: Trust, type: string) =>
      site.engine.intake.keep({ shop: site.shop.id, connection: by, trust }, [
        orderEvent(type, type, 'W-1', { order: { no: 'W-1' } }),
      ])
    await said(await connection('stripe', 'Stripe EU'), 'signed', 'payment.started')
    await said(await connection('dujiaoka', 'dujiaoka'), 'authenticated', 'order.paid')
    await said(site.shop.internal, 'signed', 'order.delivered')
    await site.engine.worker.drain()
    const options = { url: site.url, key: site.shop.key }
    const run = commandRunner(site.engine.database.url, folder, 'en')
    const { shown } = await run('order', ['W-1'], options)
    expect(shown).toMatch(/payment\.started Stripe “Stripe EU”, signed/)
    expect(shown).toMatch(/order\.paid 独角数卡, secret address/)
    expect(shown).toMatch(/order\.delivered Dingdong itself/)
    const { json } = await site.call('GET', '/v1/orders/W-1/timeline', { key: site.shop.key })
    expect(json.entries.find(({ type }: { type: string }) => type === 'payment.started')).toMatchObject({
      trust: 'signed',
      source: 'stripe',
      name: 'Stripe EU',
    })
  })
})
