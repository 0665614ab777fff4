import { describe, expect, test } from 'vitest'
import { compileFlow } from './compile.ts'
import { type Flow, flowSchema } from './flow.ts'
import { flowInput, sendTo } from './story.test-kit.ts'
import { validateFlow } from './validate.ts'

function problemsOf(changes: Record<string, unknown>, language: 'en' | 'zh' = 'en'): string[] {
  const flow = validateFlow(flowInput(changes), language)
  return flow.ok ? [] : flow.problems.map(({ path, problem }) => `${path}: ${problem}`)
}

const wait = (id: string, more: Record<string, unknown> = { for: '1h' }) => ({ id, kind: 'wait', ...more })
const branch = (id: string, yes: string, no?: string) => ({
  id,
  kind: 'branch',
  when: 'order.attempts > 1',
  // biome-ignore lint/suspicious/noThenProperty: a step id, never a function
  then: yes,
  else: no,
})

test('a small flow is valid, gets its defaults and compiles', () => {
  const flow = validateFlow(flowInput())
  expect(flow).toMatchObject({
    ok: true,
    value: { subject: 'order', once: { per: 'order' }, stopWhen: [], afterExpiry: 'end', holdout: 0 },
  })
  if (flow.ok) expect(validateFlow(JSON.parse(JSON.stringify(flow.value)))).toEqual(flow)
})

test('all problems of the shape come at once, with the nearest known names', () => {
  expect(
    problemsOf({
      triger: 1,
      purpose: 'reminders',
      stopWhen: ['payd'],
      title: { zh: '试' },
      steps: [
        { id: 'a', kind: 'sned' },
        sendTo('b', { chanels: ['email'], channels: ['emial'] }),
        wait('C', { for: '1 hour' }),
      ],
    }),
  ).toEqual([
    'title.en: missing; expected string',
    'purpose: expected one of essential, service, reminder, promotion; came reminders: did you mean "reminder"?',
    'stopWhen[0]: expected one of paid, closed, cancelled, expired, refunded, delivered; came payd: did you mean "paid"?',
    'steps[0].kind: expected one of send, cascade, wait, waitFor, branch, split, stop, act; came sned: did you mean "send"?',
    'steps[1].channels[0]: expected one of email, sms, inbox, webhook; came emial: did you mean "email"?',
    'steps[1].chanels: unknown key "chanels"; did you mean "channels"?',
    'steps[2].id: expected an id such as first_mail: a small letter, then a-z 0-9 _, at most 40 characters',
    'steps[2].for: expected a length of time such as 30m, 1h30m or 7d (at most 400d), or params.<name> of one',
    'triger: unknown key "triger"; did you mean "trigger"?',
  ])
})

test('a length of time that is a bare number is told what one looks like', () => {
  const length = 'expected a length of time such as 30m, 1h30m or 7d (at most 400d), or params.<name> of one'
  expect(problemsOf({ steps: [wait('a', { for: 30 })] })).toEqual([`steps[0].for: ${length}`])
  expect(problemsOf({ startWithin: 5 })).toEqual([
    'startWithin: expected a length of time such as 90s, 30m, 1h30m or 7d, at most 400d',
  ])
  expect(problemsOf({ startWithin: 5 }, 'zh')).toEqual([
    'startWithin: 应为时长，例如 90s、30m、1h30m、7d，最长 400d',
  ])
})

test('a cascade’s amount by currency must be a table that is there and whole', () => {
  const last = (smsFrom: string, value: unknown) =>
    problemsOf({
      stopWhen: ['paid'],
      params: { from: { title: { zh: '从', en: 'From' }, value } },
      steps: [{ id: 'last', kind: 'cascade', channels: ['sms'], template: 'x', smsFrom }],
    })
  expect(last('params.from', { CNY: 200, USD: 30 })).toEqual([])
  // Flows that were kept before there were tables go on.
  expect(last('money(params.from, shop.currency)', 200)).toEqual([])
  expect(last('params.form', { CNY: 200 })).toEqual([
    'steps[0].smsFrom: unknown name "form" at character 8; did you mean "from"?',
  ])
  expect(last('params.from', 200)).toEqual([
    'steps[0].smsFrom: the parameter "from" is one value (200); expected a table by currency such as { CNY: 200, USD: 30 }, or write money(params.from, "CNY") here',
  ])
  expect(last('money(params.from, shop.currency)', { CNY: 200 })).toEqual([
    expect.stringMatching(/^steps\[0\]\.smsFrom: .*params\.from is a table by currency/),
  ])
  expect(last('params.from', {})).toEqual([
    expect.stringMatching(/^params\.from\.value: expected an amount .* CNY: 5000; came \{\}/),
  ])
  expect(last('params.from', { JPY: 0.5 })).toEqual([
    expect.stringMatching(/^params\.from\.value\.JPY: .*no more decimals.*came 0\.5/),
  ])
  expect(last('params.from', { RMB: 200, USD: 30, XXX: 1 })).toEqual([
    'params.from.value.RMB: expected a currency of ISO 4217; came RMB, did you mean CNY?',
    expect.stringMatching(/^params\.from\.value\.XXX: expected a currency of ISO 4217.*came XXX/),
  ])
  // One that was kept all the same goes on: its shop has to load.
  expect(
    flowSchema.safeParse(
      flowInput({ params: { from: { title: { zh: '从', en: 'From' }, value: { RMB: 200 } } } }),
    ).success,
  ).toBe(true)
  expect(last('params.from', { rmb: 5 })).toEqual([
    expect.stringMatching(/^params\.from\.value: .*CNY: 5000/),
  ])
})

test('a table where a length of time is wanted is refused with what came', () => {
  const params = { from: { title: { zh: '从', en: 'From' }, value: { CNY: 200 } } }
  expect(problemsOf({ params, steps: [wait('a', { for: 'params.from' }), sendTo('b')] })).toEqual([
    expect.stringMatching(/^params\.from\.value: .*length of time.*came \{"CNY":200\}$/),
  ])
})

test('what is not a flow at all is one clear problem', () => {
  expect(validateFlow(null)).toMatchObject({ ok: false, problems: [{ path: 'flow' }] })
  expect(validateFlow([])).toMatchObject({ ok: false, problems: [{ path: 'flow' }] })
})

test('problems are also told in Chinese', () => {
  expect(problemsOf({ purpose: 'reminders', key: 'UPPER', holdout: 'x' }, 'zh').join('\n')).toMatch(
    /^key: 应为类似 payment-failed 的键[^\n]+\npurpose: 应为[^\n]+是否想写“reminder”？\nholdout: .*\p{Script=Han}/u,
  )
})

test('ids are unique and ways lead somewhere', () => {
  expect(problemsOf({ steps: [sendTo('a'), sendTo('a')] })).toEqual([
    'steps[1].id: the id "a" is used by two steps; give each its own',
  ])
  expect(problemsOf({ steps: [branch('first', 'secnd'), sendTo('second')] })).toEqual([
    'steps[0].then: there is no step "secnd"; did you mean "second"?',
  ])
})

test('a step that nothing leads to is refused', () => {
  expect(problemsOf({ steps: [sendTo('a', { next: 'c' }), sendTo('b'), sendTo('c')] })[0]).toMatch(
    /^steps\[1\]: no step leads here/,
  )
  expect(problemsOf({ steps: [{ id: 'a', kind: 'stop' }, sendTo('b')] })[0]).toMatch(/^steps\[1\]: no step/)
})

test('of several steps that nothing leads to the first is named and the others counted', () => {
  const steps = [{ id: 'a', kind: 'stop' }, ...['b', 'c', 'd'].map((id) => sendTo(id))]
  expect(problemsOf({ steps })).toEqual([
    expect.stringMatching(/^steps\[1\]: no step leads here, nor to 2 further steps; .*a stop before them/),
  ])
  expect(problemsOf({ steps }, 'zh')).toEqual([expect.stringMatching(/^steps\[1\]: .*另有 2 个步骤/)])
})

describe('a wait for a healing', () => {
  const steps = [
    {
      id: 'a',
      kind: 'waitFor',
      event: ['payment.heal_failed'],
      timeout: 'params.healing',
      onTimeout: 'b',
      next: 'b',
    },
    sendTo('b'),
  ]
  const problems = (value: string) =>
    problemsOf({ steps, params: { healing: { title: { zh: '等', en: 'Wait' }, value } } })

  test('blames the parameter that says how long', () => {
    expect(problems('0s')).toEqual(['params.healing: the timeout must be longer than nothing'])
  })

  test('is no shorter than a healing may take', () => {
    expect(problems('1m')).toEqual([
      expect.stringMatching(
        /^params\.healing: a payment that is being healed is waited for 10m at least; .*came 1m$/,
      ),
    ])
    expect(problems('10m')).toEqual([])
    const other = [{ ...steps[0], event: ['order.paid'], timeout: '1m' }, steps[1]]
    expect(problemsOf({ steps: other })).toEqual([])
  })
})

test('a circle needs a length of time in it', () => {
  const circle = (middle: Record<string, unknown>, params = {}) =>
    problemsOf({ params, steps: [sendTo('a'), middle, branch('c', 'a', 'd'), sendTo('d')] })
  expect(circle(sendTo('b'))).toEqual([
    'steps[0]: the steps a → b → c → a run in a circle without a pause; put a wait with a length of time into it',
  ])
  expect(circle(wait('b'))).toEqual([])
  expect(circle(wait('b', { for: '0s' }))).toHaveLength(1)
  // A moment may be past each time round.
  expect(circle(wait('b', { until: 'order.expiresAt' }))).toHaveLength(1)
  const params = (value: string) => ({ pause: { title: { zh: '停', en: 'Pause' }, value } })
  expect(circle(wait('b', { for: 'params.pause' }), params('1h'))).toEqual([])
  expect(circle(wait('b', { for: 'params.pause' }), params('0s'))).toHaveLength(1)
})

test('a circle that two ways of a step close is told once', () => {
  const steps = [branch('a', 'b', 'b'), branch('b', 'a', 'a')]
  expect(problemsOf({ steps })).toEqual([expect.stringContaining('a → b → a run in a circle')])
})

test('a way taken when the order’s life is too short does not count as a pause', () => {
  const steps = [sendTo('a'), wait('b', { for: '1h', ifTooLate: 'a' })]
  expect(problemsOf({ steps })[0]).toContain('a → b → a run in a circle')
})

test('a wait says exactly one of for and until', () => {
  expect(problemsOf({ steps: [wait('a', {})] })).toEqual(['steps[0]: expected exactly one of for and until'])
  expect(problemsOf({ steps: [wait('a', { for: '1h', until: 'now' })] })).toHaveLength(1)
})

test('parameters must exist and be lengths of time where one is meant', () => {
  const params = { after: { title: { zh: '后', en: 'After' }, value: 30 } }
  expect(problemsOf({ params, steps: [wait('a', { for: 'params.aftr' })] })).toEqual([
    'steps[0].for: there is no parameter "aftr"; did you mean "after"?',
  ])
  expect(problemsOf({ params, steps: [wait('a', { for: 'params.after' })] })).toEqual([
    expect.stringMatching(
      /^params\.after\.value: the parameter "after" is used as a length of time; expected such as 30m or 1h, at most 400d; came /,
    ),
  ])
})

test('reminders about an order must stop on payment, whoever set their purpose', () => {
  const refusal = /^stopWhen: a flow with reminders or promotions about an order must stop when it is paid/
  expect(problemsOf({ purpose: 'reminder' })[0]).toMatch(refusal)
  expect(problemsOf({ steps: [sendTo('a', { purpose: 'promotion' })] })[0]).toMatch(refusal)
  expect(problemsOf({ purpose: 'reminder', stopWhen: ['paid'] })).toEqual([])
})

test('rules about the subject, bursts and holdout are checked together', () => {
  expect(
    problemsOf({
      subject: 'event',
      stopWhen: ['paid'],
      once: { per: 'order', rest: '1h' },
      holdout: 10,
      steps: [
        { id: 'a', kind: 'act', command: 'cancel_order' },
        { id: 'b', kind: 'waitFor', event: ['order.paid'], timeout: '0s', onTimeout: 'c' },
        sendTo('c'),
      ],
    }).map((problem) => problem.slice(0, problem.indexOf(':'))),
  ).toEqual(['holdout', 'once.rest', 'stopWhen', 'once.per', 'steps[0]', 'steps[1].timeout'])
})

test('compiling a flow that was never valid says where it is wrong', () => {
  const flow = {
    ...(flowInput() as unknown as Flow),
    params: {},
    once: { per: 'order' as const },
    stopWhen: [],
  }
  expect(() => compileFlow({ ...flow, trigger: { on: ['order.created'], when: 'order.totl > 1' } })).toThrow(
    'flow probe: trigger.when: unknown name "totl" at character 7; did you mean "total"?',
  )
})

test('a reminder that waits longer than any order lives is refused, by its parameter, too', () => {
  const steps = [{ id: 'pause', kind: 'wait', for: 'params.after' }, sendTo('late')]
  const after = (value: string) =>
    validateFlow(
      flowInput({
        purpose: 'reminder',
        stopWhen: ['paid'],
        params: { after: { title: { zh: '等', en: 'After' }, value } },
        steps,
      }),
    )
  expect(after('90d').ok).toBe(true)
  expect(after('91d')).toMatchObject({
    problems: [{ path: 'params.after', problem: expect.stringContaining('no unpaid order lives that long') }],
  })
})

test('a class of failure that there is not is refused where it stands, in both languages', () => {
  const wrong = flowInput({ while: 'order.lastFailure.class == "expired-card"' })
  expect(validateFlow(wrong, 'zh')).toMatchObject({
    problems: [{ path: 'while', problem: expect.stringContaining('是否想写“expired_card”') }],
  })
  expect(validateFlow(wrong, 'en')).toMatchObject({
    problems: [{ path: 'while', problem: expect.stringContaining('did you mean "expired_card"') }],
  })
})

test('an event type that is nearly one we know is refused; one of the shop’s own is not', () => {
  const waits = {
    id: 'w',
    kind: 'waitFor',
    event: ['order.payd'],
    timeout: '1h',
    onTimeout: 'over',
    next: 'over',
  }
  const steps = [waits, { id: 'over', kind: 'stop', reason: 'said_enough' }]
  expect(problemsOf({ trigger: { on: ['payment.fialed', 'stock.low'] }, steps })).toEqual([
    expect.stringMatching(
      /^trigger\.on\[0\]: no event is called "payment\.fialed"; did you mean "payment\.failed"\?/,
    ),
    expect.stringMatching(/^steps\[0\]\.event\[0\]: .*did you mean "order\.paid"\?/),
  ])
  expect(problemsOf({ trigger: { on: ['order.packed', 'ticket.opened', 'payment.reviewed'] } })).toEqual([])
})

test('news that may be told only when it is kept no longer is refused', () => {
  const waits = { id: 'w', kind: 'waitFor', timeout: '1d', onTimeout: 'b', next: 'b' }
  const problems = (atLeast: string, event = ['stock.low'], language: 'en' | 'zh' = 'en') =>
    problemsOf({ steps: [{ ...waits, event, atLeast }, sendTo('b')] }, language)
  expect(problems('2h')).toEqual([])
  expect(problems('3h')).toEqual([
    expect.stringMatching(/^steps\[0\]\.atLeast: news of goods is kept for 120m; .*came 180m$/),
  ])
  expect(problems('3h', ['stock.low'], 'zh')).toEqual([expect.stringMatching(/商品消息最多保留 120m/)])
  expect(problems('3h', ['order.paid'])).toEqual([])
})
