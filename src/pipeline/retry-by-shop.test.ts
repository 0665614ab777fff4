import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type HealingWorld, openHealingWorld } from '../../test/kit/healing-world.ts'
import { type ScriptedProvider, scriptedProvider } from '../../test/kit/scripted-provider.ts'
import { account, event, MONDAY, type TestShop } from '../../test/kit/world.ts'
import type { ConnectionId } from '../domain/ids.ts'
import { DAY, HOUR, MINUTE, type Millis } from '../domain/time.ts'
import type { LabIntent } from '../lab/stripe-lab.ts'

// Only the shop can try the payment again, and the buyer tries another card while it is being asked.

const PAYMENT_RETRY = readFileSync(new URL('../../flows/payment-retry.yaml', import.meta.url), 'utf8')
const FIRST = 'fp_first'

let healing: HealingWorld
let command: ScriptedProvider
let shop: TestShop
let connection: ConnectionId
let intent: LabIntent
let count = 0

beforeAll(async () => {
  command = scriptedProvider('command', 'harmless')
  healing = await openHealingWorld({ providers: [command] })
})
afterAll(() => healing.close())
beforeEach(async () => {
  await healing.fresh()
  command.calls.length = 0
  shop = await healing.world.openShop(`by-shop-${++count}`, {
    flows: [PAYMENT_RETRY],
    accounts: [account(command)],
    settings: { retries: { byShop: 'ask' } },
  })
  connection = await healing.connect(shop)
  intent = healing.lab.failed({
    id: `pi_shop${count}`,
    orderNo: `SHOP-${count}`,
    method: { id: 'pm_lab', customer: null },
    card: { brand: 'visa', fingerprint: FIRST },
  })
  await fails(intent.charges[0]!.id, FIRST, 'processing_error', MONDAY)
})

async function fails(id: string, card: string, declineCode: string, time: number): Promise<void> {
  const amount = { minor: intent.amount, currency: 'USD' }
  const failure = { code: 'card_declined', declineCode }
  const payment = { id, rail: 'stripe', scheme: 'visa', card, amount, failure }
  const refs = [{ kind: 'stripe_pi', value: intent.id } as const]
  await shop.keep([event('payment.failed', intent.orderNo, { refs, payment }, { time })], { connection })
  await healing.world.engine.worker.drain()
}
const otherCardFails = (at: Millis) => {
  healing.world.clock.set(MONDAY + at)
  const charge = healing.lab.pay(intent.id, 'stolen_card')!
  return fails(charge.id, 'fp_stolen', 'stolen_card', MONDAY + at)
}
const setAccount = async (state: 'ok' | 'paused') => {
  await healing.world.db.query('update account set state = $2 where shop_id = $1', [shop.id, state])
  await healing.world.db.query('update shop set config_version = config_version + 1 where id = $1', [shop.id])
}
const asked = () =>
  command.calls.map(
    ({ content }) => content.kind === 'webhook' && (content.body as { payment: string }).payment,
  )

it('the shop is asked once, for the payment that failed', async () => {
  await healing.live([2 * MINUTE, 3 * MINUTE, HOUR, DAY])
  expect(asked()).toEqual([intent.charges[0]!.id])
})

it('the shop is not asked once the buyer has tried again himself', async () => {
  await otherCardFails(MINUTE)
  await healing.live([2 * MINUTE, 3 * MINUTE, 9 * MINUTE, HOUR, DAY])
  expect([asked(), healing.confirms(intent)]).toEqual([[], []])
})

it('a command that leaves late names the payment that is meant, not the one that failed since', async () => {
  await setAccount('paused')
  await healing.go(2 * MINUTE)
  await otherCardFails(2 * MINUTE + 1)
  await setAccount('ok')
  await healing.go(6 * MINUTE - 1)
  expect(asked()).toEqual([intent.charges[0]!.id])
})
