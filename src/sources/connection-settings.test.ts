import { describe, expect, it } from 'vitest'
import { RAILS } from '../domain/inquiry/rails.ts'
import { openSettings } from './connection-settings.ts'
import { SOURCES } from './registry.ts'

const stripe = SOURCES.get('stripe')!
const open = (settings: object) => openSettings(stripe, JSON.stringify(settings))

describe('a connection’s settings', () => {
  it('are its source’s own, and beside them the address to pass callbacks on to', () => {
    const opened = open({ secrets: ['whsec_12345678'], relayTo: 'https://shop.example/notify' })
    expect(opened?.common).toEqual({ relayTo: 'https://shop.example/notify' })
    expect(opened?.settings).not.toHaveProperty('relayTo')
  })
  it('are refused when either part does not fit', () => {
    expect(open({ secrets: [] })).toBe(null)
    expect(open({ secrets: ['whsec_12345678'], relayTo: 'ftp://shop.example' })).toBe(null)
  })
  it('let Stripe be asked only with a key for it', () => {
    const asks = (settings: object) => stripe.asks?.(open(settings)!.settings)
    expect(asks({ secrets: ['whsec_12345678'] })).toBe(false)
    expect(asks({ secrets: ['whsec_12345678'], apiKey: 'rk_test_1' })).toBe(true)
  })
  it.each(['wechat-pay', 'alipay', 'epay'])('let %s be asked only where they say through whom', (name) => {
    const { asks } = SOURCES.get(name)!
    const asked = (['off', 'shop', 'rail'] as const).map((queryThrough) => asks?.({ queryThrough }))
    expect(asked).toEqual([false, true, true])
  })
})

describe('the rules for asking', () => {
  const rails = RAILS.flatMap(({ rail, sources }) => sources.map((source) => [rail, source] as const))
  it.each(rails)('of %s are for a source there is, %s, which can ask', (_, source) => {
    expect(SOURCES.get(source)?.query).toBeDefined()
  })
  it('hold for every source that can ask', () => {
    const asking = [...SOURCES.values()].filter(({ query }) => query !== undefined).map(({ name }) => name)
    expect(rails.map(([, source]) => source).sort()).toEqual(asking.sort())
  })
})
