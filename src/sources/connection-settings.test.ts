import { describe, expect, it } from 'vitest'
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
})
