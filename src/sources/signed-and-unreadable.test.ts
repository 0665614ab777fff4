import { expect, test } from 'vitest'
import { CASES, now } from './contract.test-kit.ts'
import { SOURCES } from './registry.ts'
import { isStale } from './reply.ts'

function receive(name: string, body: object, at = now) {
  const [source, one] = [SOURCES.get(name)!, CASES[name]!]
  const bytes = one.write?.(body) ?? Buffer.from(JSON.stringify(body))
  const request = { method: 'POST', query: {}, headers: one.sign(bytes, at), body: bytes }
  return source.receive(source.settings.parse(one.settings), request, now)
}

test('an event of Stripe’s that is about nothing is told so, whatever its type', () => {
  expect(receive('stripe', { id: 'evt_1', type: 'payment_intent.succeeded', data: {} })).toEqual({
    kind: 'unreadable',
    path: 'data.object',
    problem: 'expected what payment_intent.succeeded is about',
  })
  expect(receive('stripe', { id: 'evt_2', type: 'v2.core.account.updated' }).kind).toBe('events')
})

test.each(['standard-webhooks', 'wechat-pay'])('%s: a time in the future is told as such', (name) => {
  const [sample] = CASES[name]!.samples
  const told = (at: number) => {
    const received = receive(name, sample!, at)
    return received.kind === 'forged' ? received.why : null
  }
  expect(told(now + 4_000_000)).toBe('signed 4000 s in the future, at most 300 either way are allowed')
  expect(told(now - 4_000_000)).toBe('signed 4000 s ago, at most 300 either way are allowed')
  expect(told(now + 300_000)).toBeNull()
  expect(isStale(told(now + 4_000_000)!)).toBe(true)
})
