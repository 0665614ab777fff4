import { MINUTE } from '../time.ts'
import { cases, drop, hold, send, TODAY } from './testing/cases.ts'
import { at, type Changes } from './testing/inputs.ts'

const NIGHT = at('2026-11-22T23:30:00+08:00')
const MORNING = at('2026-11-23T08:00:00+08:00')
const MIDNIGHT = at('2026-11-23T00:00:00+08:00')

const full = { usedByDay: { [TODAY]: 3 } }
const inSession = { inSessionUntil: NIGHT + 10 * MINUTE }
const essentialSms = { purpose: 'essential' } as const

const emailAtNight = (message: Changes['message'] = {}): Changes => ({
  now: NIGHT,
  message: { channel: 'email', ...message },
})
cases('at night', [
  ['a reminder by SMS waits for morning', { now: NIGHT }, hold(MORNING, 'quiet_hours')],
  ['a service SMS waits too', { now: NIGHT, message: { purpose: 'service' } }, hold(MORNING, 'quiet_hours')],
  ['a receipt by SMS waits too', { now: NIGHT, message: essentialSms }, hold(MORNING, 'quiet_hours')],
  [
    'a code or keys by SMS go at once',
    { now: NIGHT, message: { purpose: 'essential', anyHour: true } },
    send(null, 'essential'),
  ],
  [
    'a reminder that calls itself urgent still waits',
    { now: NIGHT, message: { anyHour: true } },
    hold(MORNING, 'quiet_hours'),
  ],
  ['an essential email goes', emailAtNight({ purpose: 'essential' }), send(null)],
  ['a service email goes', emailAtNight({ purpose: 'service' }), send()],
  ['a service item in the inbox goes', emailAtNight({ purpose: 'service', channel: 'inbox' }), send()],
  ['a reminder by email waits', emailAtNight(), hold(MORNING, 'quiet_hours')],
  [
    'a reminder by email goes within ten minutes of the buyer’s act',
    emailAtNight(inSession),
    send(TODAY, 'in_session'),
  ],
  [
    'a reminder in the inbox goes likewise',
    emailAtNight({ ...inSession, channel: 'inbox' }),
    send(TODAY, 'in_session'),
  ],
  ['a reminder by SMS waits even then', { now: NIGHT, message: inSession }, hold(MORNING, 'quiet_hours')],
  [
    'the tenth minute is over when it is over',
    emailAtNight({ inSessionUntil: NIGHT }),
    hold(MORNING, 'quiet_hours'),
  ],
  [
    'a due time after the session is judged after the session',
    emailAtNight({ inSessionUntil: NIGHT + 5 * MINUTE, dueAt: NIGHT + 6 * MINUTE }),
    hold(MORNING, 'not_due', 'quiet_hours'),
  ],
  [
    'a due time within the session is only waited for',
    emailAtNight({ inSessionUntil: NIGHT + 5 * MINUTE, dueAt: NIGHT + 4 * MINUTE }),
    hold(NIGHT + 4 * MINUTE, 'not_due'),
  ],
  [
    'a session from an act in the future counts for ten minutes at most',
    emailAtNight({ inSessionUntil: NIGHT + 60 * MINUTE, dueAt: NIGHT + 10 * MINUTE }),
    hold(MORNING, 'not_due', 'quiet_hours'),
  ],
  [
    'promotion is no answer to anything',
    { ...emailAtNight({ ...inSession, purpose: 'promotion' }), consent: { promotion: true } },
    hold(MORNING, 'quiet_hours'),
  ],
  [
    'the session does not lift the cap',
    { ...emailAtNight(inSession), caps: full },
    hold(MORNING, 'cap_reached', 'quiet_hours'),
  ],
  ['a command goes', { now: NIGHT, message: { channel: 'command' } }, send(null)],
  ['a member’s SMS waits', { now: NIGHT, message: { audience: 'member' } }, hold(MORNING, 'quiet_hours')],
])

const quiet = (from: string, to: string, now: string, timeZone = 'Asia/Shanghai'): Changes => ({
  quiet: [{ from, to }],
  timeZone,
  now: at(now),
  message: { dueAt: 0, expiresAt: at(now) + 72 * 60 * MINUTE },
})
cases('quiet hours', [
  [
    'begin at their first minute',
    quiet('22:00', '08:00', '2026-11-22T22:00:00+08:00'),
    hold(MORNING, 'quiet_hours'),
  ],
  ['have not begun a millisecond before', quiet('22:00', '08:00', '2026-11-22T21:59:59.999+08:00'), send()],
  ['end at their last minute', quiet('22:00', '08:00', '2026-11-23T08:00:00+08:00'), send('2026-11-23')],
  [
    'last until a millisecond before',
    quiet('22:00', '08:00', '2026-11-23T07:59:59.999+08:00'),
    hold(MORNING, 'quiet_hours'),
  ],
  [
    'within one day',
    quiet('12:00', '14:00', '2026-11-22T13:00:00+08:00'),
    hold(at('2026-11-22T14:00:00+08:00'), 'quiet_hours'),
  ],
  [
    'that begin at midnight',
    quiet('00:00', '08:00', '2026-11-23T00:00:00+08:00'),
    hold(MORNING, 'quiet_hours'),
  ],
  [
    'that end at midnight',
    quiet('22:00', '00:00', '2026-11-22T23:00:00+08:00'),
    hold(MIDNIGHT, 'quiet_hours'),
  ],
  ['that end at 24:00', quiet('22:00', '24:00', '2026-11-22T23:00:00+08:00'), hold(MIDNIGHT, 'quiet_hours')],
  ['whose ends are equal are none', quiet('08:00', '08:00', '2026-11-22T08:00:00+08:00'), send()],
  [
    'that follow one another count as one',
    {
      now: NIGHT,
      quiet: [
        { from: '23:00', to: '02:00' },
        { from: '02:00', to: '08:00' },
      ],
    },
    hold(MORNING, 'quiet_hours'),
  ],
  [
    'that cover the whole day drop',
    {
      quiet: [
        { from: '00:00', to: '12:00' },
        { from: '12:00', to: '24:00' },
      ],
    },
    drop('quiet_all_day'),
  ],
  [
    'that nobody can read drop rather than wake anyone',
    { quiet: [{ from: '10pm', to: '8' }] },
    drop('quiet_unreadable'),
  ],
  [
    'follow the receiver to New York',
    { ...quiet('22:00', '08:00', '2026-11-22T22:00:00+08:00', 'America/New_York') },
    send(TODAY),
  ],
  [
    'fall back to the shop’s zone',
    { ...quiet('22:00', '08:00', '2026-11-22T22:00:00+08:00', 'Mars/Base') },
    hold(MORNING, 'quiet_hours'),
  ],
  [
    'fall back to UTC when that is unknown too',
    { ...quiet('22:00', '08:00', '2026-11-22T22:00:00+08:00', ''), shopTimeZone: 'nowhere' },
    send(TODAY),
  ],
])

cases('when the clocks change', [
  [
    'a night with a skipped hour ends at eight by the wall clock',
    quiet('22:00', '08:00', '2026-03-07T22:00:00-05:00', 'America/New_York'),
    hold(at('2026-03-08T08:00:00-04:00'), 'quiet_hours'),
  ],
  [
    'a night with a repeated hour ends at eight by the wall clock',
    quiet('22:00', '08:00', '2026-10-31T22:00:00-04:00', 'America/New_York'),
    hold(at('2026-11-01T08:00:00-05:00'), 'quiet_hours'),
  ],
  [
    'a window that would end in the skipped hour ends at the jump',
    quiet('01:00', '02:30', '2026-03-08T01:30:00-05:00', 'America/New_York'),
    hold(at('2026-03-08T03:00:00-04:00'), 'quiet_hours'),
  ],
  [
    'a window inside the skipped hour does not happen',
    quiet('02:00', '02:59', '2026-03-08T03:00:00-04:00', 'America/New_York'),
    send('2026-03-08'),
  ],
  [
    'a window inside the repeated hour happens twice, and the time between is free',
    quiet('01:10', '01:20', '2026-11-01T01:20:00-04:00', 'America/New_York'),
    send('2026-11-01'),
  ],
  [
    'a window inside the repeated hour happens a second time',
    quiet('01:10', '01:20', '2026-11-01T01:15:00-05:00', 'America/New_York'),
    hold(at('2026-11-01T01:20:00-05:00'), 'quiet_hours'),
  ],
  [
    'a window that begins in the repeated hour is interrupted by the repetition',
    quiet('01:30', '01:45', '2026-11-01T01:45:00-04:00', 'America/New_York'),
    send('2026-11-01'),
  ],
  [
    'a window that ends after the repeated hour is quiet all through it',
    quiet('01:00', '02:30', '2026-11-01T01:00:00-04:00', 'America/New_York'),
    hold(at('2026-11-01T02:30:00-05:00'), 'quiet_hours'),
  ],
  [
    'half an hour is enough (Lord Howe)',
    quiet('22:00', '08:00', '2026-04-04T22:00:00+11:00', 'Australia/Lord_Howe'),
    hold(at('2026-04-05T08:00:00+10:30'), 'quiet_hours'),
  ],
  [
    'a full day of 23 hours ends at its midnight',
    {
      ...quiet('00:00', '00:00', '2026-03-08T00:30:00-05:00', 'America/New_York'),
      caps: { usedByDay: { '2026-03-08': 3 } },
    },
    hold(at('2026-03-09T00:00:00-04:00'), 'cap_reached'),
  ],
  [
    'a full day of 25 hours ends at its midnight',
    {
      ...quiet('00:00', '00:00', '2026-11-01T00:30:00-04:00', 'America/New_York'),
      caps: { usedByDay: { '2026-11-01': 3 } },
    },
    hold(at('2026-11-02T00:00:00-05:00'), 'cap_reached'),
  ],
  [
    'a whole day can be missing (Apia, 2011-12-30)',
    { ...quiet('22:00', '08:00', '2011-12-29T23:00:00-10:00', 'Pacific/Apia') },
    hold(at('2011-12-31T08:00:00+14:00'), 'quiet_hours'),
  ],
  [
    'a full day ends where the missing day would begin',
    {
      ...quiet('00:00', '00:00', '2011-12-29T23:00:00-10:00', 'Pacific/Apia'),
      caps: { usedByDay: { '2011-12-29': 3 } },
    },
    hold(at('2011-12-31T00:00:00+14:00'), 'cap_reached'),
  ],
  [
    'a day may begin at one (Havana)',
    {
      ...quiet('00:00', '00:00', '2026-03-07T12:00:00-05:00', 'America/Havana'),
      caps: { usedByDay: { '2026-03-07': 3 } },
    },
    hold(at('2026-03-08T01:00:00-04:00'), 'cap_reached'),
  ],
  [
    'the only opening of a day can be swallowed, and the next day counts its own cap',
    {
      ...quiet('03:00', '02:00', '2026-03-07T12:00:00-05:00', 'America/New_York'),
      caps: { usedByDay: { '2026-03-07': 3, '2026-03-09': 3 } },
    },
    hold(at('2026-03-10T02:00:00-04:00'), 'cap_reached', 'quiet_hours'),
  ],
])
