import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { commandRunner } from '../src/cli/command.test-kit.ts'
import { MINUTE } from '../src/domain/time.ts'
import { openSite, orderEvent, type Site } from './kit/site.ts'

// A shop's system that is gone for good: from the receiver's 410 to the paused account, its trace, and back.

let site: Site
let folder: string
beforeAll(async () => {
  site = await openSite()
  folder = await mkdtemp(path.join(tmpdir(), 'dingdong-gone-'))
}, 60_000)
afterAll(async () => {
  await site?.close()
  if (folder) await rm(folder, { recursive: true, force: true })
})

const run = (name: string, args: readonly string[] = [], language: 'zh' | 'en' = 'en', options = {}) =>
  commandRunner(site.engine.database.url, folder, language)(name, args, { shop: 'first', ...options })

/** Asks the shop's system to cancel an order that stays unpaid. */
async function leaveUnpaid(no: string): Promise<void> {
  const order = { total: { minor: 1_000, currency: 'CNY' } }
  const created = orderEvent(`${no}-1`, 'order.created', no, { order })
  await site.keep(site.shop, { ...created, time: site.clock.now() })
  site.clock.set(site.clock.now() + 31 * MINUTE)
  await site.engine.worker.drain()
}

/** What is told of the command that such an order led to. */
async function commandOf(no: string) {
  const { json } = await site.call('GET', `/v1/orders/${no}/timeline`, { key: site.shop.key })
  const entries = json.entries as readonly { readonly message?: { readonly channel: string } }[]
  return entries.find(({ message }) => message?.channel === 'command')?.message
}

it('a webhook that answers 410 pauses its account; what waits says why, and leaves when it is resumed', async () => {
  const { webhook } = site.lab
  const allowOrigins = [new URL(webhook.url).origin]
  await writeFile(path.join(folder, 'dingdong.config.yaml'), JSON.stringify({ allowOrigins }))
  const settings = path.join(folder, 'command.yaml')
  await writeFile(settings, JSON.stringify({ url: webhook.url, secrets: [webhook.secret] }))
  const { account } = (await run('account add', ['command'], 'en', { settings })).result
  webhook.script([{ fault: { kind: 'gone' } }])

  await leaveUnpaid('GONE-1')
  await leaveUnpaid('GONE-2')
  const calls = webhook.received.list()
  expect(calls.map(({ refusal }) => refusal)).toEqual(['GONE'])
  expect((await run('account list')).result).toContainEqual(
    expect.objectContaining({ account, state: 'paused', reason: 'endpoint_gone' }),
  )
  const shown = await Promise.all(
    (['zh', 'en'] as const).map(async (language) => (await run('account list', [], language)).shown),
  )
  expect(shown).toEqual([expect.stringContaining('410'), expect.stringContaining('410')])
  const held = {
    state: 'waiting',
    why: expect.arrayContaining([expect.stringContaining('account is paused')]),
  }
  const tries = [{ n: 1, account, fate: 'operator', code: 'endpoint_gone' }]
  expect(await commandOf('GONE-1')).toMatchObject({ ...held, tries })
  expect(await commandOf('GONE-2')).toMatchObject({ ...held, tries: [] })

  webhook.script([])
  expect((await run('account resume', [account!])).result).toMatchObject({ changed: true, released: 2 })
  await site.engine.worker.drain()
  expect(await commandOf('GONE-1')).toMatchObject({
    state: 'sent',
    tries: [tries[0], { n: 2, fate: 'sent' }],
  })
  expect(await commandOf('GONE-2')).toMatchObject({ state: 'sent', tries: [{ n: 1, fate: 'sent' }] })
  const accepted = webhook.received.list().filter(({ accepted }) => accepted)
  expect(accepted.map(({ content }) => content.type)).toEqual(['order.cancel', 'order.cancel'])
  // As the standard asks: a repeat is known by its id.
  expect(accepted.map(({ id }) => id)).toContain(calls[0]!.id)
})
