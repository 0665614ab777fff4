import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ShopId } from '../domain/ids.ts'
import { parseMasterKey } from '../domain/seal.ts'
import { systemClock } from '../domain/time.ts'
import { type Lab, startLab } from '../lab/lab.ts'
import { standardWebhooks } from '../sources/standard-webhooks.ts'
import { demoConnections, demoSecrets } from './demo-secrets.ts'
import { COMMANDS_PATH } from './demo-shop.ts'
import { signStandard } from './demo-sign.ts'
import { answerCommands } from './demo-system.ts'

const clock = systemClock()
const master = parseMasterKey(randomBytes(32).toString('hex'))
const shop = 3 as ShopId
let lab: Lab

beforeAll(async () => {
  lab = await startLab({
    clock,
    random: randomBytes,
    secrets: { webhookSecret: demoSecrets(master).webhook },
  })
})
afterAll(() => lab?.close())

const order = async (path: string, command: string, type: string) => {
  const body = JSON.stringify({
    type,
    timestamp: new Date().toISOString(),
    data: { command, order: { no: 'A-7' } },
  })
  const headers = signStandard(lab.webhook.secret, command, Math.floor(clock.now() / 1000), body)
  return fetch(new URL(path, lab.webhook.url), { method: 'POST', headers, body })
}

describe('the demo shop’s own system', () => {
  it('answers an order to cancel with one signed event that the shop’s source takes for true', async () => {
    const posted: { url: string; headers: Readonly<Record<string, string>>; body: string }[] = []
    const post = async (url: string, headers: Readonly<Record<string, string>>, body: string) => {
      posted.push({ url, headers, body })
      return 200
    }
    const end = answerCommands({
      lab,
      shop,
      master,
      clock,
      url: 'http://here',
      post,
      log: { warn: () => {} },
    })
    await order('/elsewhere', 'msg_0', 'order.cancel')
    await order(COMMANDS_PATH, 'msg_1', 'order.reopen')
    await order(COMMANDS_PATH, 'msg_2', 'order.cancel')
    await order(COMMANDS_PATH, 'msg_2', 'order.cancel')
    end()
    await order(COMMANDS_PATH, 'msg_3', 'order.cancel')

    expect(posted).toHaveLength(1)
    const { url, headers, body } = posted[0]!
    const own = demoConnections(master, shop).find(({ source }) => source === 'standard-webhooks')!
    expect(url).toBe(`http://here/in/3/${own.token}`)
    const request = { method: 'POST', query: {}, headers, body: Buffer.from(body) }
    const settings = standardWebhooks.settings.parse(own.settings)
    expect(standardWebhooks.receive(settings, request, clock.now())).toMatchObject({
      kind: 'events',
      events: [{ type: 'order.cancelled', data: { order: { no: 'A-7' } } }],
    })
  })

  it('has secrets that follow from the master key and the shop', () => {
    const tokens = (key: typeof master, of: number) =>
      demoConnections(key, of as ShopId).map(({ token }) => token)
    expect(tokens(master, 3)).toEqual(tokens(master, 3))
    const all = [
      ...tokens(master, 3),
      ...tokens(master, 4),
      ...tokens(parseMasterKey(randomBytes(32).toString('hex')), 3),
    ]
    expect(new Set(all).size).toBe(12)
  })
})
