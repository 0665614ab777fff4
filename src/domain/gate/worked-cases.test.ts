import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseDuration } from '../flow/duration.ts'
import type { OrderId } from '../ids.ts'
import type { Channel, Purpose } from '../message.ts'
import { DAY, type Instant, MINUTE, toIso } from '../time.ts'
import { gate } from './gate.ts'
import type { GateCapRule, GateInput, GateLaw, Level } from './input.ts'
import { levelOf } from './level.ts'
import { offsetSpan } from './local-time.ts'
import { toldBefore } from './orders-apart.ts'
import { gateInput } from './testing/inputs.ts'

const guide = readFileSync(new URL('../../../docs/guides/who-hears-what-when.md', import.meta.url), 'utf8')

interface Row {
  readonly message: string
  readonly now: string
  readonly given: readonly string[]
  readonly outcome: string
  readonly because: readonly string[]
}

const rows = [...guide.matchAll(/^\| \d+ \| (.*) \|$/gm)].map(([line, cells]): Row => {
  const [message = '', now = '', given = '', outcome = '', because = '', ...more] = cells!
    .split('|')
    .map((cell) => cell.trim())
  if (more.length > 0) throw new Error(`too many cells: ${line}`)
  const phrases = given === '' ? [] : given.split(';').map((phrase) => phrase.trim())
  return {
    message,
    now,
    given: phrases,
    outcome,
    because: [...because.matchAll(/`(\w+)`/g)].map(([, code]) => code!),
  }
})

/** An instant from the wall clock of a zone; of a repeated hour the first, of a skipped one the end of the gap. */
function wall(text: string, zone: string): Instant {
  const asUtc = Date.parse(`${text.replace(' ', 'T')}:00Z`)
  for (const near of [asUtc - DAY, asUtc + DAY]) {
    const instant = asUtc - offsetSpan(zone, 'UTC', near).offset
    if (shown(instant, zone) === text) return instant
  }
  throw new Error(`no such time: ${text} ${zone}`)
}

const shown = (instant: Instant, zone: string) =>
  toIso(instant + offsetSpan(zone, 'UTC', instant).offset)
    .slice(0, 16)
    .replace('T', ' ')

function inputOf({ message, now: at, given }: Row): { readonly input: GateInput; readonly zone: string } {
  const [, purpose, channel, member] = /^(\w+) by (\w+)( to a member)?$/.exec(message)!
  const [, local, zone = 'Asia/Shanghai'] = /^(\S+ \S+)(?: (\S+))?$/.exec(at)!
  const now = wall(local!, zone)
  const plain = gateInput({
    now,
    timeZone: zone,
    quiet: [],
    message: {
      purpose: purpose as Purpose,
      channel: channel as Channel,
      dueAt: now,
      expiresAt: now + 3 * DAY,
      stopsWhenPaid: purpose !== 'essential',
      stopsWhenClosed: purpose !== 'essential',
      audience: member ? 'member' : 'buyer',
      level: levelOf({ purpose: purpose as Purpose, category: 'payment_failed' }, {}),
    },
  })
  return { zone, input: given.reduce((input, phrase) => applied(input, phrase, zone), plain) }
}

const LAWFUL: GateLaw = { banned: false, needsConsent: false, consented: false, hours: [] }

type Change = (input: GateInput, found: RegExpExecArray, zone: string) => Partial<GateInput>

const PHRASES: readonly (readonly [RegExp, Change])[] = [
  [/^quiet (\S+)-(\S+)$/, (_, [, from, to]) => ({ quiet: [{ from: from!, to: to! }] })],
  [/^window (\S+)-(\S+)$/, (_, [, from, to]) => ({ windows: [{ from: from!, to: to! }] })],
  [
    /^(\d) (today|tomorrow)$/,
    ({ caps, now, timeZone }, [, n, day]) => {
      const at = now + offsetSpan(timeZone, 'UTC', now).offset + (day === 'today' ? 0 : DAY)
      return { caps: { ...caps, usedByDay: { ...caps.usedByDay, [toIso(at).slice(0, 10)]: Number(n) } } }
    },
  ],
  [
    /^(cap_\w+) (\d) of (\d) today$/,
    ({ caps, now, timeZone }, [, because, n, max]) => {
      const day = toIso(now + offsetSpan(timeZone, 'UTC', now).offset).slice(0, 10)
      return {
        caps: {
          ...caps,
          rules: [...caps.rules, { ...rule(because!, max!), within: null, usedByDay: { [day]: Number(n) } }],
        },
      }
    },
  ],
  [
    /^(cap_\w+) (\d) of (\d) in (\w+) since (.+)$/,
    ({ caps }, [, because, n, max, length, since], zone) => {
      const taken = Array.from({ length: Number(n) }, () => wall(since!, zone))
      return {
        caps: {
          ...caps,
          rules: [...caps.rules, { ...rule(because!, max!), within: parseDuration(length!), taken }],
        },
      }
    },
  ],
  [
    /^expires (.+)$/,
    ({ message }, [, at], zone) => ({ message: { ...message, expiresAt: wall(at!, zone) } }),
  ],
  [/^in session$/, ({ message, now }) => ({ message: { ...message, inSessionUntil: now + 9 * MINUTE } })],
  [/^keys$/, ({ message }) => ({ message: { ...message, anyHour: true } })],
  [/^consent$/, () => ({ consent: { promotion: true } })],
  [/^off (\S+)$/, ({ preferences }, [, what]) => ({ preferences: { ...preferences, off: [what!] } })],
  [
    /^paused until (.+)$/,
    ({ preferences }, [, at], zone) => ({ preferences: { ...preferences, pausedUntil: wall(at!, zone) } }),
  ],
  [/^(unsubscribed|unverified|suppressed)$/, (_, [, usable]) => ({ contact: { usable: usable as 'ok' } })],
  [/^order paid$/, () => ({ order: { paid: true, closed: null, expiresAt: null } })],
  [
    /^order (cancelled|expired|refunded)$/,
    (_, [, closed]) => ({ order: { paid: false, closed: closed as 'cancelled', expiresAt: null } }),
  ],
  [
    /^order ends (.+)$/,
    (_, [, at], zone) => ({ order: { paid: false, closed: null, expiresAt: wall(at!, zone) } }),
  ],
  [
    /^order held until (.+)$/,
    (_, [, at], zone) => ({
      order: { paid: false, closed: null, expiresAt: null, heldUntil: wall(at!, zone) },
    }),
  ],
  [
    /^law (\S+)-(\S+)$/,
    ({ law = LAWFUL }, [, from, to]) => ({
      law: { ...law, hours: [...law.hours, { from: from!, to: to! }] },
    }),
  ],
  [/^template banned$/, ({ law = LAWFUL }) => ({ law: { ...law, banned: true } })],
  [/^drop below (\w+)$/, (_, [, level]) => ({ dropBelow: level as Level })],
  [
    /^another order spoke (.+)$/,
    ({ now }, [, at], zone) => {
      const last = { order: '01900000-0000-7000-8000-000000000001' as OrderId, at: wall(at!, zone) }
      return { told: toldBefore(last, 10 * MINUTE, now) }
    },
  ],
  [/^flow stopped$/, () => ({ killed: 'flow' })],
]

const rule = (because: string, max: string): GateCapRule => ({
  name: because.replace('_', '-'),
  max: Number(max),
  within: null,
  taken: [],
  usedByDay: {},
  because: because as GateCapRule['because'],
})

function applied(input: GateInput, phrase: string, zone: string): GateInput {
  for (const [pattern, change] of PHRASES) {
    const found = pattern.exec(phrase)
    if (found) return { ...input, ...change(input, found, zone) }
  }
  throw new Error(`the guide says something this test does not understand: ${phrase}`)
}

test.each(rows.map((row) => [`${row.message} at ${row.now}: ${row.given.join('; ')}`, row] as const))(
  '%s',
  (_title, row) => {
    const { input, zone } = inputOf(row)
    const verdict = gate(input)
    const outcome =
      verdict.kind === 'send'
        ? 'goes'
        : verdict.kind === 'drop'
          ? 'is dropped'
          : `waits until ${shown(verdict.until, zone)}`
    expect({ outcome, because: verdict.reasons }).toEqual({ outcome: row.outcome, because: row.because })
  },
)

test('the table has the cases it is known for', () => {
  expect(rows.length).toBeGreaterThanOrEqual(62)
  const codes = new Set(rows.flatMap(({ because }) => because))
  for (const code of [
    'quiet_hours',
    'cap_reached',
    'cap_purpose',
    'cap_channel',
    'cap_window',
    'send_window',
    'window_skipped',
    'in_session',
    'essential',
    'turned_off',
    'low_priority',
    'paid',
    'law',
    'law_hours',
    'under_review',
    'other_order_told',
  ])
    expect(codes).toContain(code)
})
