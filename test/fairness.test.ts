import { afterAll, beforeAll, expect, it } from 'vitest'
import { flowText, sendStep } from './kit/flow-texts.ts'
import { type ScriptedProvider, scriptedProvider } from './kit/scripted-provider.ts'
import { account, type Buyer, event, openWorld, type TestShop, type World } from './kit/world.ts'

let world: World
let mail: ScriptedProvider
let quiet: TestShop
let noisy: TestShop

const FEW = 20
const MANY = 75 * FEW

const RECEIPT = flowText({ key: 'receipt', on: 'order.paid', purpose: 'essential', steps: sendStep('paid') })

beforeAll(async () => {
  mail = scriptedProvider('email', 'harmless')
  world = await openWorld({ providers: [mail] })
  quiet = await world.openShop('quiet', { accounts: [account(mail)], flows: [RECEIPT] })
  noisy = await world.openShop('noisy', { accounts: [account(mail)], flows: [RECEIPT] })
  // A call takes a while, so that the road is full of the noisy shop's.
  mail.answer = () =>
    new Promise((resolve) => setImmediate(() => resolve({ kind: 'sent', providerRef: null })))
})
afterAll(() => world?.close())

/**
 * How many of the noisy shop's messages left before the quiet shop's (its p95). Counted, not timed: a machine that is
 * busy with something else is slow for both. In one queue for all it would be every one of them.
 */
function passedBy(): number {
  const ahead: number[] = []
  let left = 0
  for (const { shop } of mail.calls) {
    if (shop === noisy.id) left++
    else ahead.push(left)
  }
  expect([ahead.length, left]).toEqual([FEW, MANY])
  mail.calls.length = 0
  return ahead[Math.floor(FEW * 0.95)]!
}

it('75 times as many waiting messages of another shop do not go first', async () => {
  const email = 'buyer@example.org'
  const buyers = [await noisy.buyer({ email }), await quiet.buyer({ email })]
  const planned = (to: Buyer | undefined, n: number) =>
    Array.from({ length: n }, () => ({ ...(to ? { to } : {}), purpose: 'essential' as const }))
  await noisy.plan(planned(buyers[0], MANY))
  await quiet.plan(planned(buyers[1], FEW))
  await world.engine.worker.drain()
  const passed = passedBy()
  if (process.env.DINGDONG_TEST_LOG) console.error({ passed })
  expect(passed).toBeLessThan(MANY / 4)
})

it('75 times as many waiting events of another shop do not go first', async () => {
  const paid = (name: string, n: number) =>
    Array.from({ length: n }, (_, at) =>
      event('order.paid', `${name}-${at}`, { customer: { email: `${name}-${at}@example.org` } }),
    )
  for (let at = 0; at < MANY; at += 500) await noisy.keep(paid(`noisy-${at}`, 500))
  await quiet.keep(paid('quiet', FEW))
  await world.engine.worker.drain()
  const passed = passedBy()
  if (process.env.DINGDONG_TEST_LOG) console.error({ passed })
  expect(passed).toBeLessThan(MANY / 2)
})
