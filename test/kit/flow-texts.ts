/** Flows as small as tests want them. */

interface FlowText {
  readonly key: string
  readonly on: string
  readonly steps: string
  readonly more?: string
  readonly purpose?: string
}

/** A flow's YAML. `steps` and `more` are YAML themselves. */
export const flowText = ({ key, on, steps, more = '', purpose = 'service' }: FlowText): string => `
key: ${key}
family: ${key}
title: { zh: 测试, en: Test }
description: { zh: 测试, en: Test }
audience: buyer
purpose: ${purpose}
trigger: { on: [${on}] }
${more}
steps:
${steps}
`

export const sendStep = (id: string, more = ''): string =>
  `  - { id: ${id}, kind: send, to: buyer, channels: [email, inbox], template: hello${more} }`

/** A mail at once and another after an hour, until the order is paid or closed; once a burst of failures. */
export const REMIND = flowText({
  key: 'remind',
  on: 'payment.failed',
  purpose: 'reminder',
  more: 'once: { per: burst, rest: 1h }\nstopWhen: [paid, closed]',
  steps: [
    sendStep('first', ', collapse: remind'),
    '  - { id: pause, kind: wait, for: 1h }',
    sendStep('second', ', collapse: remind'),
  ].join('\n'),
})

/** One mail for each new order. */
export const RECEIVED = flowText({
  key: 'received',
  on: 'order.created',
  more: 'once: { per: order }',
  steps: sendStep('confirm'),
})

/** One mail for each refund. */
export const REFUNDED = flowText({
  key: 'refunded',
  on: 'order.refunded',
  more: 'once: { per: refund }',
  steps: sendStep('tell'),
})
