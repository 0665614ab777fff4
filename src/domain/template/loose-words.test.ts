import { expect, it } from 'vitest'
import { membershipVars, renewLinkOf, stockVars } from './loose-words.ts'

it('calls goods by their name, else by what else the sender calls them', () => {
  expect(stockVars({ name: '月卡', sku: 'M-1', left: 0 }, 'M-1')).toEqual({ name: '月卡', left: 0 })
  expect(stockVars({ item: '月卡' }, null)).toEqual({ name: '月卡' })
  expect(stockVars({ sku: 'M-1', left: 'few' }, null)).toEqual({ name: 'M-1' })
  expect(stockVars(undefined, 'M-1')).toEqual({ name: 'M-1' })
  for (const nothing of [undefined, null, 3, [], { name: ' ' }]) expect(stockVars(nothing, null)).toEqual({})
})

it('reads the end of a membership as a moment, however it is written', () => {
  const end = Date.UTC(2027, 1, 3)
  for (const said of [{ expires_at: end }, { expiresAt: end }, { expiresAt: '2027-02-03T00:00:00Z' }])
    expect(membershipVars({ name: 'VIP', ...said })).toEqual({ name: 'VIP', expires_at: end })
  expect(membershipVars({ expires_at: 'soon' })).toEqual({})
})

it('leads to a web page or nowhere', () => {
  expect(renewLinkOf({ renewUrl: 'https://shop.example/renew?of=1' })).toBe('https://shop.example/renew?of=1')
  for (const renewUrl of ['javascript:alert(1)', 'shop.example', '', 7, null, 'data:text/html,x'])
    expect(renewLinkOf({ renewUrl })).toBeNull()
  expect(renewLinkOf('https://shop.example')).toBeNull()
})
