import { type OrderId, uuidText, writeUuid } from '../ids.ts'
import { DAY, type Instant, parseIso, toIso } from '../time.ts'
import { type CapRule, isCounted, windowOf } from './cap-rules.ts'
import type { GateInput, GateLaw } from './input.ts'
import type { LastTold } from './orders-apart.ts'
import { covers } from './policies/preferences-kept.ts'
import type { CounterState, GatePolicy, MessageFacts, Moment } from './policy.ts'

/**
 * A moment on one line of ASCII, behind the verdict it led to: `mfx3k0;AbC…;u0.2;o+1c8`. First when (base 36), then
 * the policy's id, then a field for each thing that was not as usual, a letter each. Instants count from the first.
 * What cannot change the verdict is left out, so that most take 40 bytes.
 */
export function encodeMoment(
  moment: Moment,
  policy: { readonly id: string; readonly body: GatePolicy },
  message: MessageFacts,
): string {
  const { now } = moment
  const fields = [now.toString(36), policy.id]
  const from = (instant: Instant) => (instant - now).toString(36)
  if (moment.timeZone !== null && moment.timeZone !== policy.body.timeZone) fields.push(`z${moment.timeZone}`)
  if (moment.segment !== null) fields.push(`g${moment.segment}`)
  if (moment.dueAt > now) fields.push(`d${from(moment.dueAt)}`)
  if (moment.killed !== null) fields.push(`k${moment.killed}`)
  if (moment.order !== null) {
    const { paid, closed, expiresAt } = moment.order
    fields.push(`o${paid ? 'p' : '-'}${closed?.[0] ?? '-'}${expiresAt === null ? '' : from(expiresAt)}`)
  }
  const held = moment.order?.heldUntil ?? null
  if (held !== null) fields.push(`h${from(held)}`)
  if (moment.law) fields.push(`l${lawText(moment.law)}`)
  if (moment.contact?.usable !== 'ok') fields.push(`c${moment.contact?.usable ?? ''}`)
  const { off, pausedUntil } = moment.preferences
  const closing = off.find((entry) => covers(entry, message))
  if (closing !== undefined) fields.push(`f${closing.replace(':', '~')}`)
  if (pausedUntil !== null && pausedUntil > now) fields.push(`w${from(pausedUntil)}`)
  const { promotion, reminder, service } = moment.consent
  if (promotion || reminder === false || service === false)
    fields.push(`y${promotion ? 'p' : ''}${reminder === false ? 'r' : ''}${service === false ? 's' : ''}`)
  const used = daysText(moment.usedByDay, now)
  if (used !== '') fields.push(`u${used}`)
  for (const [at, cap] of policy.body.caps.entries()) {
    const state = isCounted(cap, message) ? moment.counters.get(cap.name) : undefined
    const text = state === undefined ? '' : counterText(cap, state, now)
    if (text !== '') fields.push(`r${at.toString(36)}_${text}`)
  }
  if (moment.told !== null) {
    fields.push(`t${toldText(moment.told, now)}`)
  }
  const { state, resumesAt } = moment.account
  if (state !== 'ok') fields.push(`a${state}${resumesAt === null ? '' : `_${from(resumesAt)}`}`)
  return fields.join(';')
}

/** The moment inside `encodeMoment`'s line; `null` when it is not one. */
export function decodeMoment(text: string, policy: GatePolicy): Moment | null {
  const [when = '', , ...fields] = text.split(';')
  const now = Number.parseInt(when, 36)
  if (!Number.isSafeInteger(now) || now.toString(36) !== when) return null
  const by = new Map(fields.filter((field) => field[0] !== 'r').map((field) => [field[0], field.slice(1)]))
  const after = (offset: string) => now + Number.parseInt(offset, 36)
  const time = (letter: string) => (by.has(letter) ? after(by.get(letter)!) : null)
  const consents = by.get('y') ?? ''
  const closing = by.get('f')
  const [state = 'ok', resumes] = (by.get('a') ?? 'ok').split('_')
  return {
    now,
    dueAt: time('d') ?? now,
    killed: (by.get('k') ?? null) as GateInput['killed'],
    order: by.has('o') ? orderOf(by.get('o')!, after, time('h')) : null,
    contact: by.get('c') === '' ? null : { usable: (by.get('c') ?? 'ok') as 'ok' },
    preferences: { pausedUntil: time('w'), off: closing === undefined ? [] : [closing.replace('~', ':')] },
    consent: {
      promotion: consents.includes('p'),
      ...(consents.includes('r') ? { reminder: false } : {}),
      ...(consents.includes('s') ? { service: false } : {}),
    },
    timeZone: by.get('z') ?? null,
    segment: by.get('g') ?? null,
    usedByDay: daysOf(by.get('u') ?? '', now),
    counters: countersOf(fields, policy.caps, now),
    account: { state: state as 'ok', resumesAt: resumes === undefined ? null : after(resumes) },
    told: by.has('t') ? toldIn(by.get('t')!, now) : null,
    ...(by.has('l') ? { law: lawIn(by.get('l')!) } : {}),
  }
}

/** `bn_0800-2000`: banned, needs a consent, was consented, then the hours that all must agree. */
function lawText({ banned, needsConsent, consented, hours }: GateLaw): string {
  const flags = `${banned ? 'b' : ''}${needsConsent ? 'n' : ''}${consented ? 'c' : ''}`
  const clock = (time: string) => time.replace(':', '')
  return [flags, ...hours.map(({ from, to }) => `${clock(from)}-${clock(to)}`)].join('_')
}

function lawIn(text: string): GateLaw {
  const [flags = '', ...hours] = text.split('_')
  const clock = (digits: string) => `${digits.slice(0, 2)}:${digits.slice(2)}`
  return {
    banned: flags.includes('b'),
    needsConsent: flags.includes('n'),
    consented: flags.includes('c'),
    hours: hours.map((each) => ({ from: clock(each.slice(0, 4)), to: clock(each.slice(5)) })),
  }
}

/** `5k_AZ…`: how long ago, and the order that spoke. */
function toldText({ order, at }: LastTold, now: Instant): string {
  const bytes = Buffer.alloc(16)
  writeUuid(order, bytes, 0)
  return `${(now - at).toString(36)}_${bytes.toString('base64url')}`
}

function toldIn(text: string, now: Instant): LastTold {
  const [ago = '', ...order] = text.split('_')
  const bytes = Buffer.from(order.join('_'), 'base64url')
  return { at: now - Number.parseInt(ago, 36), order: uuidText(bytes) as OrderId }
}

/** The id of the policy in force. */
export const policyIn = (text: string): string | null => text.split(';')[1] || null

function orderOf(
  text: string,
  after: (offset: string) => Instant,
  heldUntil: Instant | null,
): GateInput['order'] {
  const closed = (['cancelled', 'expired', 'refunded'] as const).find((word) => word[0] === text[1])
  return {
    paid: text[0] === 'p',
    closed: closed ?? null,
    expiresAt: text.length > 2 ? after(text.slice(2)) : null,
    heldUntil,
  }
}

const today = (now: Instant) => Math.floor(now / DAY)

const known = new Map<string, number>()

/** Days since 1970 of `2026-11-22`. Batches name the same few days over and over, and reading one takes a microsecond. */
function dayNumber(day: string): number {
  let found = known.get(day)
  if (found === undefined) {
    found = parseIso(`${day}T00:00:00Z`)! / DAY
    if (known.size >= 100) known.clear()
    known.set(day, found)
  }
  return found
}

/** `0.2,1.3`: two on the UTC day of `now`, three on the next. A verdict looks back one day and no further. */
function daysText(used: Readonly<Record<string, number>>, now: Instant): string {
  const days: [offset: number, count: number][] = []
  for (const day of Object.keys(used)) {
    const offset = dayNumber(day) - today(now)
    if (used[day] !== 0 && offset >= -1) days.push([offset, used[day]!])
  }
  if (days.length > 1) days.sort(([a], [b]) => a - b)
  return days.map(([offset, count]) => `${offset}.${count}`).join(',')
}

function daysOf(text: string, now: Instant): Readonly<Record<string, number>> {
  if (text === '') return {}
  const days = text.split(',').map((each) => {
    const [offset, count] = each.split('.').map(Number)
    return [toIso((today(now) + offset!) * DAY).slice(0, 10), count!] as const
  })
  return Object.fromEntries(days)
}

/** So many of the latest slots are written; of a fuller window, the one that decides besides. */
const LATEST = 4

function counterText(cap: CapRule, { taken, usedByDay }: CounterState, now: Instant): string {
  if (windowOf(cap) === null) return daysText(usedByDay, now)
  const latest = taken.toSorted((a, b) => b - a)
  const deciding = cap.max > LATEST && latest.length >= cap.max ? [latest[cap.max - 1]!] : []
  return [...latest.slice(0, LATEST), ...deciding].map((at) => (now - at).toString(36)).join('.')
}

function countersOf(
  fields: readonly string[],
  caps: readonly CapRule[],
  now: Instant,
): ReadonlyMap<string, CounterState> {
  const counters = new Map<string, CounterState>()
  for (const field of fields) {
    const found = /^r(\w+?)_(.+)$/.exec(field)
    const cap = found ? caps[Number.parseInt(found[1]!, 36)] : undefined
    if (!found || !cap) continue
    if (windowOf(cap) === null) counters.set(cap.name, { taken: [], usedByDay: daysOf(found[2]!, now) })
    else {
      const taken = found[2]!.split('.').map((text) => now - Number.parseInt(text, 36))
      const deciding = taken.length > LATEST ? taken[LATEST]! : null
      // Those between are not written: none of them decides.
      while (deciding !== null && taken.length < cap.max) taken.push(deciding)
      counters.set(cap.name, { taken, usedByDay: {} })
    }
  }
  return counters
}
