import { expect, it } from 'vitest'
import { eventData } from '../event.ts'
import { flowContext } from '../flow/story.test-kit.ts'
import { compileRule, validateRule } from './compile.ts'
import { whyConditionFalse } from './why-false.ts'

const told = (trigger: object, total: { minor: number; currency: string } | null) => {
  const rule = validateRule({
    key: 'x',
    title: { zh: '测试', en: 'Test' },
    description: { zh: '测试', en: 'Test' },
    trigger: { on: ['order.created'], ...trigger },
    does: 'flag',
    severity: 'low',
    tell: ['support'],
    params: { limit: { title: { zh: '限额', en: 'Limit' }, value: { USD: 3000 } } },
  })
  if (!rule.ok) throw new Error(JSON.stringify(rule.problems))
  const context = flowContext()
  const data = eventData.parse({})
  const event = { key: 'e', type: 'order.created', source: 's', time: 0, trust: 'signed' as const, data }
  const looked = { event, at: 0, orderId: 'o', items: [], customerId: null }
  const whole = { ...looked, context: { ...context, order: { ...context.order!, total } } }
  return (['en', 'zh'] as const).map((language) =>
    whyConditionFalse(compileRule(rule.value), whole, 0, language),
  )
}
const usd = (minor: number) => ({ minor, currency: 'USD' })

it('a total below the limit is told with both figures, one that is not known as such', () => {
  const trigger = { totalFrom: 'params.limit' }
  expect(told(trigger, usd(80_000))).toEqual([
    ['order 800 USD, below 3,000 USD'],
    ['订单金额 800 USD，低于 3,000 USD'],
  ])
  expect(told(trigger, null)).toEqual([['nobody has said the order’s total'], ['订单金额未知']])
})

it('of a condition the parts that are false are told', () => {
  const when = 'order.total.minor > 100 && order.attempts > 3 && order.status == "open"'
  expect(told({ totalFrom: 'params.limit', when }, usd(300_000))).toEqual([
    ['Not true: order.attempts > 3'],
    ['不成立：order.attempts > 3'],
  ])
})
