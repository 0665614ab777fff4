import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { eventData } from '../domain/event.ts'
import { findUnstorable } from '../domain/storable-text.ts'
import { MINUTE } from '../domain/time.ts'
import { CASES, type Case, type Headers, now } from './contract.test-kit.ts'
import { SOURCES } from './registry.ts'
import type { Received, Source, SourceRequest } from './source.ts'

function request(one: Case, body: object | Buffer, more: Headers = {}): SourceRequest {
  const bytes = one.write?.(body) ?? (Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)))
  return { method: 'POST', query: {}, headers: { ...one.sign(bytes, now), ...more }, body: bytes }
}

/** What must hold of every answer, whatever was sent. */
function checkAnswer(received: Received): Received {
  if (received.kind !== 'events') return received
  expect(received.reply.status).toBe(200)
  for (const event of received.events) {
    expect(eventData.parse(event.data)).toEqual(event.data)
    expect(event.id).toMatch(/^.{1,300}$/su)
    expect(event.type).toMatch(/^[A-Za-z][\w.:/-]{0,119}$/)
    expect(Number.isSafeInteger(event.time)).toBe(true)
    expect(findUnstorable(event)).toEqual([])
  }
  return received
}

test('every source has its case here', () => {
  expect([...SOURCES.keys()]).toEqual(Object.keys(CASES))
})

describe.each([...SOURCES.values()])('$name', (source: Source) => {
  const one = CASES[source.name]!
  const settings = source.settings.parse(one.settings)
  const other = source.settings.parse(one.otherSettings)
  const receive = (body: object | Buffer, more?: Headers) =>
    source.receive(settings, request(one, body, more), now)

  test('has a name that people know it by, in both languages', () => {
    expect(source.title.zh).not.toBe('')
    expect(source.title.en).not.toBe('')
  })

  test('names its secrets among its settings, and refuses empty ones', () => {
    const names: readonly string[] = source.secrets
    expect(names.length).toBeGreaterThan(0)
    for (const name of names) expect(settings).toHaveProperty(name)
    expect(source.settings.safeParse({}).success).toBe(false)
  })

  test('turns genuine callbacks into events that keep all the rules, nothing left out', () => {
    for (const sample of one.samples) {
      const received = checkAnswer(receive(sample))
      if (received.kind !== 'events') throw new Error(`${received.kind}: ${JSON.stringify(received)}`)
      expect(received.events.length).toBeGreaterThan(0)
      expect(new Set(received.events.map((event) => event.id)).size).toBe(received.events.length)
      for (const event of received.events) expect(event.data.extra?.left_out).toBeUndefined()
    }
  })

  test('tells a repeated callback by the same ids and the same content, minutes later', () => {
    for (const sample of one.samples) {
      const first = receive(sample)
      const later = source.receive(settings, request(one, sample), now + 4 * MINUTE)
      if (first.kind !== 'events' || later.kind !== 'events') throw new Error('expected events')
      const said = (events: typeof first.events) =>
        events.map(({ id, type, subject, data }) => ({ id, type, subject, data }))
      expect(said(later.events)).toEqual(said(first.events))
    }
  })

  test('keeps a genuine event of a type it does not know, under the sender’s name', () => {
    if (!one.stranger) return
    const received = checkAnswer(receive(one.stranger.body, one.stranger.headers))
    expect(received).toMatchObject({ kind: 'events', events: [{ type: one.stranger.type }] })
  })

  const signs = one.signed ? test : () => undefined

  signs('takes nothing that is not signed with its secret', () => {
    const sample = one.samples[0]!
    expect(source.receive(other, request(one, sample), now).kind).toBe('forged')
    for (const name of one.needed) {
      const { [name]: _, ...headers } = request(one, sample).headers
      expect(source.receive(settings, { ...request(one, sample), headers }, now).kind).toBe('forged')
      for (const odd of ['', ' ', ',', 't=,v1=', 'v1,', '💥', '-1', '1e9', 'NaN']) {
        expect(receive(sample, { [name]: odd }).kind).toBe('forged')
      }
    }
  })

  signs('takes no body with a single byte changed', () => {
    const whole = request(one, one.samples[0]!)
    for (let at = 0; at < whole.body.length; at += 7) {
      const body = Buffer.from(whole.body)
      body[at]! ^= 1
      const received = source.receive(settings, { ...whole, body }, now)
      expect(received.kind).toBe('forged')
    }
  })

  const ages = one.timed ? test : () => undefined

  ages('takes a signature for five minutes', () => {
    const genuine = request(one, one.samples[0]!)
    expect(source.receive(settings, genuine, now + 5 * MINUTE).kind).toBe('events')
    expect(source.receive(settings, genuine, now + 5 * MINUTE + 1_000).kind).toBe('forged')
    const moved = request(one, one.samples[0]!).headers
    const later = one.sign(genuine.body, now + 60 * MINUTE)
    // The time of one signature with the digest of another.
    const mixed = Object.fromEntries(
      Object.entries(moved).map(([name, value]) => [
        name,
        name === 'stripe-signature'
          ? value.replace(/t=\d+/, later[name]!.split(',')[0]!)
          : name === one.timed
            ? later[name]!
            : value,
      ]),
    )
    expect(source.receive(settings, { ...genuine, headers: mixed }, now + 60 * MINUTE).kind).toBe('forged')
  })

  test('never throws and never repeats the body in a reason, whatever bytes come, genuine or not', () => {
    const marker = 'SECRET-4242'
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .constantFrom(
          '',
          'null',
          '[]',
          '{}',
          '"x"',
          '[[',
          '[null]',
          '{"id":{}}',
          '['.repeat(100_000),
          '\ufeff{}',
        )
        .map((text) => Buffer.from(text)),
    )
    fc.assert(
      fc.property(bytes, fc.boolean(), (body, marked) => {
        const sent = marked ? Buffer.concat([body, Buffer.from(marker)]) : body
        const signed = checkAnswer(receive(sent))
        const unsigned = source.receive(settings, { ...request(one, sent), headers: {} }, now)
        for (const answer of [signed, unsigned]) {
          if (answer.kind === 'forged' || answer.kind === 'unreadable')
            expect(JSON.stringify(answer)).not.toContain(marker)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('never throws on genuine bodies with any part missing or replaced', () => {
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(
        null,
        '',
        -1,
        1e308,
        0.1,
        '\u0000',
        'x'.repeat(5_000),
        [],
        {},
        '💥',
        '\ud800',
        '__proto__',
        [[1]],
        true,
      ),
    )
    fc.assert(
      fc.property(
        fc.constantFrom(...one.samples),
        fc.array(fc.tuple(fc.nat(), odd, fc.boolean()), { minLength: 1, maxLength: 4 }),
        (sample, changes) => {
          const body = structuredClone(sample)
          for (const [pick, value, drop] of changes) change(body, pick, value, drop)
          checkAnswer(receive(body))
        },
      ),
      { numRuns: 500 },
    )
  })
})

/** Replaces or drops one of all places in a JSON value. */
function change(root: object, pick: number, value: unknown, drop: boolean): void {
  const places: (readonly [Record<string, unknown>, string])[] = []
  const visit = (node: unknown) => {
    if (typeof node !== 'object' || node === null) return
    for (const key of Object.keys(node)) {
      places.push([node as Record<string, unknown>, key])
      visit((node as Record<string, unknown>)[key])
    }
  }
  visit(root)
  const place = places[pick % Math.max(1, places.length)]
  if (!place) return
  if (drop) delete place[0][place[1]]
  else place[0][place[1]] = structuredClone(value)
}
