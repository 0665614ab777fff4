import { type Instant, MINUTE } from '../../time.ts'
import type { GateInput } from '../input.ts'

/** The rules of the gate said a second time, as slowly and plainly as possible: the judge of the property tests. */

interface Local {
  readonly day: string
  /** Minutes since midnight by the wall clock. */
  readonly minute: number
}

const formats = new Map<string, Intl.DateTimeFormat>()
const quarters = new Map<string, Local>()

/** Wall clock by Intl alone. Zones change their clocks on whole quarters of an hour, so one look-up serves fifteen minutes. */
export function local(zone: string, t: Instant): Local {
  const quarter = Math.floor(t / (15 * MINUTE)) * 15 * MINUTE
  const key = `${zone} ${quarter}`
  let known = quarters.get(key)
  if (known === undefined) {
    known = read(zone, quarter)
    quarters.set(key, known)
  }
  return { day: known.day, minute: known.minute + Math.floor((t - quarter) / MINUTE) }
}

function read(zone: string, t: Instant): Local {
  let format = formats.get(zone)
  if (format === undefined) {
    const parts = {
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    } as const
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', ...parts })
    formats.set(zone, format)
  }
  const field = Object.fromEntries(format.formatToParts(t).map(({ type, value }) => [type, value]))
  return {
    day: `${field.year}-${field.month}-${field.day}`,
    minute: Number(field.hour) * 60 + Number(field.minute),
  }
}

const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))

const isQuiet = (input: GateInput, t: Instant) => isIn(input.quiet, input, t)

function isIn(windows: GateInput['quiet'], input: GateInput, t: Instant): boolean {
  const { minute } = local(input.timeZone, t)
  return windows.some((window) => {
    const from = minutes(window.from)
    const to = minutes(window.to)
    return from <= to ? minute >= from && minute < to : minute >= from || minute < to
  })
}

function mayRingNow(input: GateInput, t: Instant): boolean {
  const { channel, purpose, anyHour, inSessionUntil } = input.message
  if (!isQuiet(input, t)) return true
  if (channel === 'sms') return purpose === 'essential' && anyHour
  if (purpose === 'essential' || purpose === 'service') return true
  const answersTheBuyer = inSessionUntil !== null && t < inSessionUntil && t < input.now + 10 * MINUTE
  return purpose === 'reminder' && answersTheBuyer
}

function mayUseContact(input: GateInput): boolean {
  const { channel, purpose } = input.message
  const essential = purpose === 'essential'
  if (input.contact === null || input.contact.usable === 'suppressed') return false
  if (input.contact.usable === 'unsubscribed') return essential && channel !== 'sms'
  if (input.contact.usable === 'unverified')
    return essential || (channel !== 'sms' && purpose !== 'promotion')
  return true
}

function isWanted(input: GateInput, t: Instant): boolean {
  const { channel, purpose, category } = input.message
  if (purpose === 'essential') return true
  if (purpose === 'promotion' && !input.consent.promotion) return false
  if (purpose !== 'promotion' && input.consent[purpose] === false) return false
  const off = new Set(input.preferences.off)
  const names = ['everything', channel, purpose, category, `${channel}:${purpose}`, `${channel}:${category}`]
  if (names.some((name) => off.has(name))) return false
  return input.preferences.pausedUntil === null || t >= input.preferences.pausedUntil
}

/** Any stretch of a window's length that ends with this message holds at most `max` others before it. */
function hasRoom(input: GateInput, t: Instant): boolean {
  return input.caps.rules.every(({ max, within, taken, usedByDay }) =>
    within === null
      ? (usedByDay[local(input.timeZone, t).day] ?? 0) < max
      : taken.filter((at) => at > t - within).length < max,
  )
}

/** When people like to read it, for what may wait for that; a window nobody ever gets to is none. */
function isReadingTime(input: GateInput, t: Instant): boolean {
  const { message, order, windows, now } = input
  if (message.audience !== 'buyer' || message.purpose === 'essential' || message.purpose === 'service')
    return true
  const session = message.inSessionUntil === null ? 0 : Math.min(message.inSessionUntil, now + 10 * MINUTE)
  if (message.purpose === 'reminder' && t < session) return true
  const life = message.stopsWhenClosed && order !== null && !order.paid ? order.expiresAt : null
  if (t + 10 * MINUTE >= Math.min(message.expiresAt, life ?? Infinity)) return false
  return isIn(windows, input, t)
}

function mayByLaw({ law, timeZone }: GateInput, t: Instant): boolean {
  if (law === undefined) return true
  if (law.banned || (law.needsConsent && !law.consented)) return false
  const { minute } = local(timeZone, t)
  return law.hours.every(({ from, to }) => minute >= minutes(from) && minute < minutes(to))
}

function isBelowDailyCap({ message, caps, timeZone }: GateInput, t: Instant): boolean {
  const capped = message.purpose !== 'essential' && message.audience === 'buyer'
  return !capped || (caps.usedByDay[local(timeZone, t).day] ?? 0) < caps.perDay
}

/** Whether clock and calendar would let it go at `t`. */
function goesThen(input: GateInput, t: Instant): boolean {
  const { message, order, windows } = input
  if (!isBelowDailyCap(input, t) || !hasRoom(input, t)) return false
  if (t >= message.expiresAt || !mayRingNow(input, t) || !mayByLaw(input, t)) return false
  if (message.stopsWhenClosed && order && !order.paid && order.expiresAt !== null && t >= order.expiresAt)
    return false
  return windows.length === 0 || isReadingTime(input, t)
}

/** May the message leave at `t`, by every rule at once? For email, inbox, SMS and readable windows. */
export function allowedAt(input: GateInput, t: Instant): boolean {
  const { message, order, account } = input
  if (input.killed !== null || t < message.dueAt || t >= message.expiresAt) return false
  if (message.stopsWhenPaid && order?.paid) return false
  if (message.stopsWhenClosed && order !== null) {
    if (order.closed !== null) return false
    if (!order.paid && order.expiresAt !== null && t >= order.expiresAt) return false
  }
  const courted = message.purpose === 'reminder' || message.purpose === 'promotion'
  if (courted && message.audience === 'buyer' && t < (order?.heldUntil ?? 0)) return false
  const charges = message.channel === 'command' && message.category === 'retry_payment'
  if (charges && t < (order?.heldUntil ?? 0)) return false
  if (account.state === 'missing' || account.state === 'elsewhere') return false
  if (account.state === 'paused' && (account.resumesAt === null || t < account.resumesAt)) return false
  if (!isBelowDailyCap(input, t)) return false
  const levels = ['urgent', 'high', 'normal', 'low']
  const tooLow =
    input.dropBelow !== null &&
    message.purpose !== 'essential' &&
    levels.indexOf(message.level) > levels.indexOf(input.dropBelow)
  if (tooLow || !hasRoom(input, t)) return false
  if (input.told && t < input.told.until && goesThen(input, input.told.until)) return false
  if (!mayByLaw(input, t)) return false
  return mayUseContact(input) && isWanted(input, t) && mayRingNow(input, t)
}

/**
 * The first whole minute from now at which the message may leave, `null` when there is none before it expires. With a
 * send window: the first within it, and where there is none, the first without it.
 */
export function firstAllowed(input: GateInput): Instant | null {
  const windowed = input.windows.length > 0
  for (let t = input.now; windowed && t < input.message.expiresAt; t += MINUTE)
    if (allowedAt(input, t) && isReadingTime(input, t)) return t
  const freely = { ...input, windows: [] }
  for (let t = input.now; t < input.message.expiresAt; t += MINUTE) if (allowedAt(freely, t)) return t
  return null
}
