import { fork } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { testRandom } from '../../test/kit/fixed.ts'
import type { RelayStart } from '../../test/kit/relay-process.ts'
import { openSite, type Site } from '../../test/kit/site.ts'
import { signStripe } from '../app/demo-sign.ts'
import { addConnection, listConnections } from '../db/connections.ts'
import { newId } from '../domain/ids.ts'
import { hashSecret } from '../domain/seal.ts'
import { SECOND } from '../domain/time.ts'
import { signEpay } from '../lab/epay-lab.ts'
import { type HttpListener, type LabReaction, type LabRequest, listenHttp } from '../lab/http-listener.ts'
import { SOURCES } from '../sources/registry.ts'
import { stripe } from '../sources/stripe.ts'

// A rail with one callback address, a Dingdong between it and the shop, and a shop that is a real server.

let site: Site
let shop: HttpListener
let asked: LabRequest[] = []
let react: (request: LabRequest) => LabReaction
const secret = 'whsec_relay_secret'
const token = 'd'.repeat(40)
const blockedToken = 'e'.repeat(40)

beforeAll(async () => {
  shop = await listenHttp({
    port: 0,
    react: async (request) => {
      asked.push(request)
      return react(request)
    },
  })
  site = await openSite([shop.origin])
  // Signed like Stripe, with the time limit of a rail that has one.
  const epay = { ...stripe, name: 'epay' }
  Object.assign(site.deps, {
    sources: (name: string) => (name === 'epay-signed-like-stripe' ? epay : SOURCES.get(name)),
  })
  await connect(token, `${shop.origin}/notify.php?shop=7`)
  await connect(blockedToken, 'http://127.0.0.1:9/')
}, 60_000)
afterAll(async () => {
  await site?.close()
  await shop?.close()
})
beforeEach(() => {
  asked = []
  react = () => ({ status: 200, headers: { 'content-type': 'text/plain' }, body: 'success' })
})

async function connect(
  path: string,
  relayTo: string,
  {
    source = 'epay-signed-like-stripe',
    settings: own = { secrets: [secret] },
  }: { source?: string; settings?: object } = {},
): Promise<void> {
  const id = newId('conn', site.clock.now(), testRandom)
  const { sealer } = await site.deps.keyring.open(site.shop.id)
  const settings = JSON.stringify({ ...own, relayTo })
  await addConnection(site.deps.db, site.shop.id, {
    id,
    source,
    name: 'epay',
    path_hash: hashSecret(path),
    settings: sealer.seal(settings, { shop: site.shop.id, column: 'connection.settings', row: id }),
    created_at: site.clock.now(),
  })
}

let count = 0
function callback(): { readonly no: string; readonly body: string } {
  const no = `R-${++count}`
  const object = {
    id: `pi_relay${count}`,
    object: 'payment_intent',
    amount: 100,
    amount_received: 100,
    currency: 'usd',
    status: 'succeeded',
    description: '会员 ¥',
    metadata: { order_no: no },
  }
  const created = Math.floor(site.clock.now() / SECOND)
  return {
    no,
    body: JSON.stringify({
      id: `evt_relay${count}`,
      type: 'payment_intent.succeeded',
      created,
      data: { object },
    }),
  }
}
const send = (body: string, more: { path?: string; key?: string; headers?: Record<string, string> } = {}) =>
  site.call('POST', `/in/${site.shop.id}/${more.path ?? token}?b=2&a=1`, {
    body,
    headers: { ...signStripe(more.key ?? secret, site.clock.now() / SECOND, body), ...more.headers },
  })
const isPaid = async (no: string) =>
  (
    await site.deps.db.query<{ n: number }>(
      `select count(*)::int as n from order_ref where shop_id = $1 and value = $2 and paid_at is not null`,
      [site.shop.id, no],
    )
  ).rows[0]!.n === 1

describe('a callback that is passed on', () => {
  it('reaches the shop as it came, after it was kept, and the rail gets the shop’s own answer', async () => {
    let keptBefore: Promise<boolean> | undefined
    const { no, body } = callback()
    react = () => {
      keptBefore = isPaid(no)
      return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'success' }
    }
    const answer = await send(body, { headers: { 'x-vendor': 'kept', 'content-type': 'application/json' } })
    expect([answer.status, answer.text]).toEqual([200, 'success'])
    expect(await keptBefore).toBe(true)
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatchObject({ method: 'POST', path: '/notify.php', query: 'shop=7&b=2&a=1', body })
    expect(asked[0]!.headers).toMatchObject({
      'x-vendor': 'kept',
      'content-type': 'application/json',
      host: new URL(shop.origin).host,
    })
    expect(asked[0]!.headers['stripe-signature']).toMatch(/^t=/)
  })

  it('is passed on again when the rail repeats it', async () => {
    const { body } = callback()
    await send(body)
    const answer = await send(body)
    expect([answer.text, asked.length]).toEqual(['success', 2])
  })

  it('is never one that was forged', async () => {
    const { no, body } = callback()
    expect((await send(body, { key: 'whsec_of_another' })).status).toBe(401)
    expect([asked.length, await isPaid(no)]).toEqual([0, false])
  })

  it('reaches the shop also while the connection is off; forged ones do not, and nothing is kept', async () => {
    const off = (enabled: boolean) =>
      site.deps.db.query('update connection set enabled = $2 where shop_id = $1', [site.shop.id, enabled])
    site.clock.set(site.clock.now() + 5 * SECOND)
    await off(false)
    const { no, body } = callback()
    expect((await send(body)).text).toBe('success')
    expect((await send(body, { key: 'whsec_of_another' })).status).toBe(401)
    expect([asked.length, await isPaid(no)]).toEqual([1, false])
    await off(true)
    site.clock.set(site.clock.now() + 5 * SECOND)
    await send(body)
    expect(await isPaid(no)).toBe(true)
  })

  it('does not go round in a circle', async () => {
    const { body } = callback()
    const answer = await send(body, { headers: { 'x-dingdong-relay': '1' } })
    expect([answer.json, asked.length]).toEqual([{ received: true }, 0])
  })

  it('reaches no address inside our own network, and the rail is told that it failed', async () => {
    const { no, body } = callback()
    const answer = await send(body, { path: blockedToken })
    expect([answer.status, await isPaid(no)]).toEqual([502, true])
  })

  it('brings no page of the shop’s under our address', async () => {
    react = () => ({
      status: 500,
      headers: { 'content-type': 'text/html' },
      body: '<script>alert(1)</script>',
    })
    const answer = await send(callback().body)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([500, 'text/plain; charset=utf-8'])
  })

  it.each(['text/xml', 'application/xml; charset=utf-8', 'text/plain'])(
    'brings no script of the shop’s under our address as %s',
    async (type) => {
      const script = '<script xmlns="http://www.w3.org/1999/xhtml">document.title = location.origin</script>'
      react = () => ({ status: 200, headers: { 'content-type': type }, body: script })
      const answer = await send(callback().body)
      expect([answer.status, answer.headers.get('content-type'), answer.text]).toEqual([200, type, script])
      expect(answer.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    },
  )

  it('is given up in time for the rail, when the shop does not answer', async () => {
    react = () => 'stall'
    const { no, body } = callback()
    const started = performance.now()
    const answer = await send(body)
    expect([answer.status, await isPaid(no)]).toEqual([502, true])
    expect(performance.now() - started).toBeLessThan(5 * SECOND)
  }, 20_000)
})

describe('a shop that takes no callbacks', () => {
  const noted = async () =>
    (await listConnections(site.deps.db, site.shop.id))
      .filter(({ path_hash }) => path_hash?.equals(hashSecret(token)))
      .map(({ relay_failed_at, relay_failed_why }) => [relay_failed_at, relay_failed_why])[0]
  const writes = async () =>
    (
      await site.deps.db.query<{ xmin: string }>(
        'select xmin::text from connection where shop_id = $1 and path_hash = $2',
        [site.shop.id, hashSecret(token)],
      )
    ).rows[0]!.xmin

  it('stands on the connection with since when and how, is written when that changes, and goes when it is back', async () => {
    const later = () => site.clock.set(site.clock.now() + 6 * SECOND)
    later()
    await send(callback().body)
    expect(await noted()).toEqual([null, null])
    react = () => ({ status: 503, headers: {}, body: '' })
    const since = site.clock.now()
    await send(callback().body)
    expect(await noted()).toEqual([since, 'http_503'])
    later()
    const before = await writes()
    await send(callback().body)
    await send(callback().body)
    expect(await writes()).toBe(before)
    react = () => ({ status: 404, headers: {}, body: '' })
    await send(callback().body)
    expect(await noted()).toEqual([since, 'http_404'])
    later()
    react = () => ({ status: 200, headers: { 'content-type': 'text/plain' }, body: 'success' })
    await send(callback().body)
    expect(await noted()).toEqual([null, null])
  })
})

describe('what is no callback about a payment', () => {
  const path = '9'.repeat(40)
  const relayTo = () => `${shop.origin}/woo`
  const post = (body: string, signature: string | null) =>
    site.call('POST', `/in/${site.shop.id}/${path}`, {
      body,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(signature === null ? {} : { 'x-wc-webhook-signature': signature }),
        'x-wc-webhook-topic': 'order.updated',
      },
    })

  it('WooCommerce’s unsigned ping on saving a webhook, is answered by us; a signed order goes on to the shop', async () => {
    const key = 'woo secret of the test'
    await connect(path, relayTo(), { source: 'woocommerce', settings: { secrets: [key] } })
    react = () => ({ status: 500, headers: { 'content-type': 'text/plain' }, body: 'what is this?' })
    const ping = await post('webhook_id=12', null)
    expect([ping.status, ping.text, asked.length]).toEqual([200, 'ok', 0])
    const body = JSON.stringify({ id: 7, number: '7', status: 'pending', total: '1.00', currency: 'EUR' })
    const signature = createHmac('sha256', key).update(body).digest('base64')
    expect((await post(body, signature)).status).toBe(500)
    expect(asked).toHaveLength(1)
  })
})

/** 易支付's form: everything in the address of a GET, signed in the order of the names. */
describe('a callback that is a GET', () => {
  const epayKey = '89unJUB8HZ54Hj7x4nUj56HN4nUzUJ8i'
  const path = 'f'.repeat(40)
  const notice = (no: string) => {
    const trade = { pid: '1001', trade_no: `T${no}`, out_trade_no: no, type: 'alipay', name: '会员 月卡' }
    const fields = signEpay({ ...trade, money: '12.80', trade_status: 'TRADE_SUCCESS' }, epayKey)
    return `/in/${site.shop.id}/${path}?${new URLSearchParams(fields)}`
  }
  beforeAll(async () => {
    await connect(path, `${shop.origin}/notify.php?shop=7`, {
      source: 'epay',
      settings: { pid: '1001', keys: [epayKey] },
    })
  })

  it('reaches the shop with the same address, so that its own check of the signature holds', async () => {
    const url = notice('G-1')
    const answer = await site.call('GET', url)
    expect([answer.status, answer.text, await isPaid('G-1')]).toEqual([200, 'success', true])
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatchObject({
      method: 'GET',
      path: '/notify.php',
      query: `shop=7&${url.split('?')[1]}`,
      body: '',
    })
    const { shop: _, ...passed } = Object.fromEntries(new URLSearchParams(asked[0]!.query))
    expect(signEpay(passed, epayKey)).toEqual(passed)
  })

  it('is never one that was changed on the way', async () => {
    const answer = await site.call('GET', notice('G-2').replace('12.80', '0.01'))
    expect([answer.status, answer.text, asked.length, await isPaid('G-2')]).toEqual([401, 'fail', 0, false])
  })

  it('is not lost to the shop when we are killed between keeping it and passing it on', async () => {
    const told = { url: site.engine.database.url, now: site.clock.now(), origins: [shop.origin] }
    const url = notice('G-3')
    const first = await startRelay({ ...told, dies: true })
    await expect(fetch(first.url + url)).rejects.toThrow()
    await first.ended
    // Kept, and the rail has heard nothing: it repeats.
    expect([await isPaid('G-3'), asked.length]).toEqual([true, 0])
    const second = await startRelay({ ...told, dies: false })
    try {
      const answer = await fetch(second.url + url)
      expect([answer.status, await answer.text(), asked.length]).toEqual([200, 'success', 1])
    } finally {
      second.stop()
      await second.ended
    }
  }, 30_000)
})

async function startRelay(start: RelayStart) {
  const script = fileURLToPath(new URL('../../test/kit/relay-process.ts', import.meta.url))
  const child = fork(script, [JSON.stringify(start)], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const ended = once(child, 'exit')
  const [url] = (await Promise.race([
    once(child, 'message'),
    ended.then(() => Promise.reject(new Error('the process ended before it listened'))),
  ])) as [string]
  return { url, ended, stop: () => child.disconnect() }
}

describe('whatever the shop is doing', () => {
  const text = { 'content-type': 'text/plain' }
  const taken: LabReaction = { status: 200, headers: text, body: 'success' }
  const moods = fc.constantFrom<LabReaction>(
    'drop',
    { status: 500, headers: text, body: 'down' },
    { status: 404, headers: text },
    taken,
  )

  it('it never misses a callback: the rail hears of every failure, and what it repeats arrives', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(moods, { maxLength: 5 }), async (troubles) => {
        asked = []
        const { no, body } = callback()
        const left = [...troubles]
        const seen: LabReaction[] = []
        react = () => {
          const reaction = left.shift() ?? taken
          seen.push(reaction)
          return reaction
        }
        // A rail repeats until it hears that the shop took it.
        let repeats = 0
        for (let heard = false; !heard; repeats++) {
          const answer = await send(body)
          heard = answer.status === 200
          const last = seen.at(-1)!
          // It hears "taken" if, and only if, the shop said so.
          expect(heard).toBe(typeof last === 'object' && last.status === 200)
        }
        expect(asked).toHaveLength(repeats)
        expect(asked.every((request) => request.body === body)).toBe(true)
        expect(await isPaid(no)).toBe(true)
      }),
      { numRuns: 25 },
    )
  })
})
