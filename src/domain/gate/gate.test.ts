import { describe, expect, test } from 'vitest'
import { allow, type Policy, wait } from './answer.ts'
import { gate, MAX_MOVES } from './gate.ts'
import { cases, drop, hold, send, TODAY } from './testing/cases.ts'
import { at, type Changes, gateInput } from './testing/inputs.ts'

const NIGHT = at('2026-11-22T23:30:00+08:00')
const MORNING = at('2026-11-23T08:00:00+08:00')
const MIDNIGHT = at('2026-11-23T00:00:00+08:00')
const NOON = at('2026-11-22T12:00:00+08:00')

const full = { usedByDay: { [TODAY]: 3 } }
const paused = { pausedUntil: NOON }

cases('an ordinary reminder', [
  ['goes by day and takes a slot of the local day', {}, send()],
  ['waits until it is due', { message: { dueAt: NOON } }, hold(NOON, 'not_due')],
  ['goes when it has been due for a while', { now: NOON }, send()],
  ['waits for the last millisecond too', { message: { dueAt: NOON }, now: NOON - 1 }, hold(NOON, 'not_due')],
  ['goes when it has no order', { order: null }, send()],
])

cases('a kill switch', [
  ['for all stops everything', { killed: 'all' }, drop('killed_all')],
  ['for the shop stops everything', { killed: 'shop' }, drop('killed_shop')],
  ['for the flow stops everything', { killed: 'flow' }, drop('killed_flow')],
  ['stops even essential messages', { killed: 'all', message: { purpose: 'essential' } }, drop('killed_all')],
  ['stops even commands to the shop', { killed: 'all', message: { channel: 'command' } }, drop('killed_all')],
])

const order = { paid: false, closed: null, expiresAt: null } as const
cases('an order', [
  ['that is paid ends reminders', { order: { ...order, paid: true } }, drop('paid')],
  [
    'that is paid still gets its receipt',
    { order: { ...order, paid: true }, message: { stopsWhenPaid: false } },
    send(),
  ],
  [
    'that was cancelled ends what needs it alive',
    { order: { ...order, closed: 'cancelled' } },
    drop('order_cancelled'),
  ],
  [
    'that expired ends what needs it alive',
    { order: { ...order, closed: 'expired' } },
    drop('order_expired'),
  ],
  [
    'that was refunded ends what needs it alive',
    { order: { ...order, closed: 'refunded' } },
    drop('order_refunded'),
  ],
  [
    'that was cancelled still gets the news of it',
    { order: { ...order, closed: 'cancelled' }, message: { stopsWhenClosed: false } },
    send(),
  ],
  [
    'whose life is over ends reminders even before the shop says so',
    { order: { ...order, expiresAt: at('2026-11-22T10:00:00+08:00') } },
    drop('order_life_over'),
  ],
  [
    'has a reminder in its last millisecond',
    { order: { ...order, expiresAt: at('2026-11-22T10:00:00.001+08:00') } },
    send(),
  ],
  [
    'whose life ends during the night gets no reminder next morning',
    { now: NIGHT, order: { ...order, expiresAt: at('2026-11-23T07:00:00+08:00') } },
    drop('quiet_hours', 'order_life_over'),
  ],
  [
    'that was paid in time has no end of life',
    { order: { paid: true, closed: null, expiresAt: 0 }, message: { stopsWhenPaid: false } },
    send(),
  ],
  [
    'that is paid and refunded names both',
    { order: { ...order, paid: true, closed: 'refunded' } },
    drop('paid', 'order_refunded'),
  ],
])

cases('expiry', [
  ['drops at its instant', { message: { expiresAt: at('2026-11-22T10:00:00+08:00') } }, drop('expired')],
  ['lets the last millisecond go', { message: { expiresAt: at('2026-11-22T10:00:00.001+08:00') } }, send()],
  [
    'before the due time is found at once',
    { message: { dueAt: NOON, expiresAt: NOON } },
    drop('not_due', 'expires_first'),
  ],
  [
    'during the night drops at once, so that the next channel need not wait',
    { now: NIGHT, message: { expiresAt: MORNING } },
    drop('quiet_hours', 'expires_first'),
  ],
  [
    'one millisecond after the night holds',
    { now: NIGHT, message: { expiresAt: MORNING + 1 } },
    hold(MORNING, 'quiet_hours'),
  ],
])

const essentialSms = { purpose: 'essential' } as const
const essentialEmail = { purpose: 'essential', channel: 'email' } as const
cases('a contact', [
  ['that is missing drops', { contact: null }, drop('no_contact')],
  ['is not needed to command the shop', { contact: null, message: { channel: 'command' } }, send(null)],
  ['is not needed for a webhook', { contact: null, message: { channel: 'webhook' } }, send(null)],
  ['that is suppressed drops', { contact: { usable: 'suppressed' } }, drop('suppressed')],
  [
    'that is suppressed drops essential messages too',
    { contact: { usable: 'suppressed' }, message: essentialEmail },
    drop('suppressed'),
  ],
  [
    'that is suppressed drops webhooks too',
    { contact: { usable: 'suppressed' }, message: { channel: 'webhook' } },
    drop('suppressed'),
  ],
  ['that unsubscribed drops', { contact: { usable: 'unsubscribed' } }, drop('unsubscribed')],
  [
    'that unsubscribed from email still gets receipts and keys',
    { contact: { usable: 'unsubscribed' }, message: essentialEmail },
    send(null, 'essential'),
  ],
  [
    'that texted STOP gets no SMS at all',
    { contact: { usable: 'unsubscribed' }, message: essentialSms },
    drop('unsubscribed'),
  ],
  ['that nobody verified gets no SMS', { contact: { usable: 'unverified' } }, drop('unverified')],
  [
    'that nobody verified gets email about the order',
    { contact: { usable: 'unverified' }, message: { channel: 'email' } },
    send(),
  ],
  [
    'that nobody verified gets no promotion by email',
    {
      contact: { usable: 'unverified' },
      consent: { promotion: true },
      message: { channel: 'email', purpose: 'promotion' },
    },
    drop('unverified'),
  ],
  [
    'that nobody verified gets the code that verifies it',
    { contact: { usable: 'unverified' }, message: essentialSms },
    send(null, 'essential'),
  ],
])

cases('consent', [
  ['is needed for promotion', { message: { purpose: 'promotion' } }, drop('no_consent')],
  [
    'once given lets promotion go',
    { message: { purpose: 'promotion' }, consent: { promotion: true } },
    send(),
  ],
  ['refused for reminders ends them', { consent: { promotion: false, reminder: false } }, drop('no_consent')],
  [
    'refused for reminders leaves service alone',
    { consent: { promotion: false, reminder: false }, message: { purpose: 'service' } },
    send(),
  ],
  [
    'refused for service ends it',
    { consent: { promotion: true, service: false }, message: { purpose: 'service' } },
    drop('no_consent'),
  ],
  [
    'is a matter of people, not of the shop’s own endpoint',
    { consent: { promotion: false, service: false }, message: { channel: 'webhook', purpose: 'service' } },
    send(null),
  ],
  ['is never needed for essential messages', { message: essentialSms }, send(null)],
])

const off = (...entries: string[]): Changes => ({ preferences: { off: entries } })
cases('preferences', [
  ['turn everything off', off('everything'), drop('turned_off')],
  ['turn a channel off', off('sms'), drop('turned_off')],
  ['turn another channel off without effect here', off('email'), send()],
  ['turn a purpose off', off('reminder'), drop('turned_off')],
  ['turn a category off', off('payment_failed'), drop('turned_off')],
  ['turn a purpose off on one channel', off('sms:reminder'), drop('turned_off')],
  ['turn a category off on one channel', off('sms:payment_failed'), drop('turned_off')],
  ['turn a purpose off on another channel only', off('email:reminder', 'smsx:reminder', 'sms:'), send()],
  ['with unknown words harm nothing', off('fax', ''), send()],
  [
    'turned off do not stop essential messages',
    { ...off('everything'), message: essentialSms },
    send(null, 'essential'),
  ],
  ['pause until an instant', { preferences: paused }, hold(NOON, 'pref_paused')],
  ['resume at that instant', { preferences: paused, now: NOON }, send()],
  ['pause not essential messages', { preferences: paused, message: essentialSms }, send(null, 'essential')],
  [
    'paused beyond the expiry drop',
    { preferences: { pausedUntil: at('2027-01-01T00:00:00Z') } },
    drop('pref_paused', 'expires_first'),
  ],
  [
    'of a buyer do not stop commands to the shop',
    { ...off('everything'), message: { channel: 'command' } },
    send(null),
  ],
])

cases('the account', [
  [
    'missing drops to the next channel',
    { account: { state: 'missing', resumesAt: null } },
    drop('account_missing'),
  ],
  [
    'that reaches no country of the receiver’s drops, so that the next channel gets its chance',
    { account: { state: 'elsewhere', resumesAt: null } },
    drop('account_country'),
  ],
  [
    'paused for a known time holds',
    { account: { state: 'paused', resumesAt: NOON } },
    hold(NOON, 'account_paused'),
  ],
  ['whose pause is over sends', { account: { state: 'paused', resumesAt: NOON }, now: NOON }, send()],
  [
    'paused for nobody knows how long drops',
    { account: { state: 'paused', resumesAt: null } },
    drop('account_paused'),
  ],
])

cases('the daily cap', [
  ['lets the third message go', { caps: { usedByDay: { [TODAY]: 2 } } }, send()],
  [
    'moves the fourth to the next morning, past midnight and night',
    { caps: full },
    hold(MORNING, 'cap_reached', 'quiet_hours'),
  ],
  [
    'moves it to local midnight where no night is set',
    { caps: full, quiet: [] },
    hold(MIDNIGHT, 'cap_reached'),
  ],
  [
    'passes over full days',
    { caps: { usedByDay: { [TODAY]: 3, '2026-11-23': 5 } }, quiet: [] },
    hold(at('2026-11-24T00:00:00+08:00'), 'cap_reached'),
  ],
  [
    'beyond the expiry drops',
    { caps: { usedByDay: { [TODAY]: 3, '2026-11-23': 3, '2026-11-24': 3, '2026-11-25': 3 } } },
    drop('cap_reached', 'expires_first'),
  ],
  ['does not count yesterday', { caps: { usedByDay: { '2026-11-21': 3 } } }, send()],
  ['of zero drops', { caps: { perDay: 0 } }, drop('cap_zero')],
  ['does not hold essential messages', { caps: full, message: essentialSms }, send(null, 'essential')],
  [
    'of zero does not drop essential messages',
    { caps: { perDay: 0 }, message: essentialSms },
    send(null, 'essential'),
  ],
  ['of buyers does not count for members', { caps: full, message: { audience: 'member' } }, send(null)],
  ['does not hold commands', { caps: full, message: { channel: 'command' } }, send(null)],
  [
    'uses the day at the receiver, not at the shop',
    { caps: full, timeZone: 'Pacific/Kiritimati', quiet: [], now: at('2026-11-22T10:00:00Z') },
    send('2026-11-23'),
  ],
])

describe('the fixpoint', () => {
  const never: Policy = (_input, t) => wait(t + 1, 'not_due')

  test('that policies never reach is a drop with its own reason', () => {
    expect(gate(gateInput(), [never])).toEqual(drop('not_due', 'unsettled'))
  })

  test('is searched for in no more than the stated number of moves', () => {
    let calls = 0
    const counting: Policy = (input, t) => {
      calls++
      return never(input, t)
    }
    gate(gateInput(), [counting])
    expect(calls).toBe(MAX_MOVES + 1)
  })

  test('may lie at the very last move', () => {
    const start = gateInput().now
    const stepping: Policy = (_input, t) => (t < start + MAX_MOVES ? wait(t + 1, 'not_due') : allow(t))
    expect(gate(gateInput(), [stepping])).toEqual(hold(start + MAX_MOVES, 'not_due'))
  })
})

const held = { ...order, heldUntil: at('2026-11-22T10:15:00+08:00') }
cases('an order that a person has to decide about', [
  ['keeps its reminders waiting', { order: held }, hold(held.heldUntil, 'under_review')],
  [
    'keeps promotions waiting',
    { order: held, message: { purpose: 'promotion' }, consent: { promotion: true } },
    hold(held.heldUntil, 'under_review'),
  ],
  ['still has its news told', { order: held, message: { purpose: 'service', channel: 'email' } }, send()],
  ['still has its keys delivered', { order: held, message: { purpose: 'essential' } }, send(null)],
  ['is told to those who decide', { order: held, message: { audience: 'member' } }, send(null)],
  ['that is paid meanwhile is not reminded at all', { order: { ...held, paid: true } }, drop('paid')],
  [
    'whose life ends before anybody looks again drops its reminders',
    { order: { ...held, expiresAt: at('2026-11-22T10:10:00+08:00') } },
    drop('under_review', 'order_life_over'),
  ],
])
