import { expect, it } from 'vitest'
import { stumble } from '../../test/kit/healing-case.ts'
import { explainNotHealed, type Obstacle } from '../domain/healing/not-healed.ts'
import { cureOf, obstacles } from './heal.ts'

const found = (more: Parameters<typeof stumble>[0] = {}) => [...obstacles(stumble(more))]

it('nothing stands in the way of a named card’s stumble at a Stripe that can be asked and told to try', () => {
  expect(found()).toEqual([])
  expect(cureOf(stumble())).toBe('platform')
})

const CASES: readonly (readonly [Parameters<typeof stumble>[0], readonly Obstacle[]])[] = [
  [{ asked: false, byShop: 'ask', command: true }, ['sender_unasked']],
  [{ asked: false, card: null }, ['sender_unasked', 'card_unnamed']],
  [{ card: null }, ['card_unnamed']],
  [{ byUs: 'never' }, ['switched_off']],
  [{ byUs: 'never', byShop: 'ask' }, ['no_command_account']],
  [{ acts: false }, ['nobody_can']],
  [{ acts: false, byShop: 'ask', command: true }, []],
  [
    { source: 'epay', acts: false, byShop: 'ask', command: true, card: null },
    ['card_unnamed', 'tries_untold'],
  ],
  [{ source: 'epay' }, ['provider_retries', 'tries_untold']],
  [{ trust: 'browser' }, ['untrusted']],
  [{ late: 25 }, ['too_old']],
  [{ restored: true }, ['restored']],
  [{ healed: true }, ['healed_before']],
  [{ paid: true }, ['paid']],
]

it.each(CASES)('%j is not healed for %j, and why has words with what would help', (more, wanted) => {
  expect(found(more)).toEqual(wanted)
  if (wanted.length > 0) expect(cureOf(stumble(more))).toBeNull()
  for (const language of ['zh', 'en'] as const) {
    const sender = { source: 'epay', id: 'conn_1', paused: null, shop: 'demo' }
    const { why, wouldHelp } = explainNotHealed(wanted, sender, language)
    expect(why).toHaveLength(wanted.length)
    expect([...why, ...wouldHelp].join()).not.toMatch(/\{(sender|id|paused|shop|rule)\}/)
  }
})

it('an outcome to be asked about first is asked about where nobody can try again', () => {
  expect(cureOf(stumble({ byUs: 'never', advice: 'QUERY_FIRST' }))).toBe('unknown')
  expect(cureOf(stumble({ byUs: 'never' }))).toBeNull()
  expect(cureOf(stumble({ asked: false, advice: 'QUERY_FIRST' }))).toBeNull()
})

it('a ceiling of the card’s scheme is named as its rule', () => {
  expect(found({ ceiling: 'visa_category_1' })).toEqual(['visa_category_1'])
  const sender = { source: 'stripe', id: 'conn_1', paused: null, shop: 'demo' }
  expect(explainNotHealed(['visa_category_1'], sender, 'zh').why).toEqual([
    '卡组织的规则不允许再试：visa_category_1（rails/ceilings.yaml）。',
  ])
})
