import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isBinary, parseBinaryEvent } from './cloudevents-binary.ts'

const now = Date.UTC(2026, 10, 22, 9)
const HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'ce-specversion': '1.0',
  'ce-type': 'order.created',
  'ce-time': '2026-11-22T08:00:00Z',
  'ce-id': '1234-1234-1234',
  'ce-source': '/mycontext/subcontext',
}
const DATA = { order: { no: 'D1' } }

const parse = (changed: Record<string, string | undefined> = {}, body = JSON.stringify(DATA)) =>
  parseBinaryEvent({ ...HEADERS, ...changed }, Buffer.from(body), { now })
const problems = (...given: Parameters<typeof parse>) => {
  const parsed = parse(...given)
  return parsed.ok ? [] : parsed.problems.map(({ path, problem }) => `${path}: ${problem}`)
}

describe('an event in binary mode', () => {
  test('is told by one of its attributes, unless the body says that it holds them itself', () => {
    expect(isBinary(HEADERS)).toBe(true)
    expect(isBinary({ 'ce-id': '1' })).toBe(true)
    expect(isBinary({ 'content-type': 'application/json', 'ce-traceparent': '00' })).toBe(false)
    for (const type of ['application/cloudevents+json', 'Application/CloudEvents-Batch+JSON; charset=utf-8'])
      expect(isBinary({ ...HEADERS, 'content-type': type })).toBe(false)
  })

  test('has its attributes from headers and its data from the body', () => {
    const parsed = parse({ 'ce-subject': 'Euro%20%E2%82%AC%20%F0%9F%98%80', 'ce-comexampleextension1': 'x' })
    expect(parsed).toMatchObject({
      ok: true,
      events: [
        {
          id: '1234-1234-1234',
          source: '/mycontext/subcontext',
          type: 'order.created',
          time: Date.UTC(2026, 10, 22, 8),
          subject: 'Euro € 😀',
          data: DATA,
        },
      ],
    })
  })

  test('may have no data, and quotes as older versions wrote them', () => {
    expect(parse({ 'ce-subject': '"a \\"b\\" %41"' }, '')).toMatchObject({
      ok: true,
      events: [{ subject: 'a "b" A', data: { refs: [] } }],
    })
  })

  test('is read back as it was encoded, whatever its subject', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 100 }).filter((each) => each.trim() !== '')
    fc.assert(
      fc.property(text, (subject) => {
        const parsed = parse({ 'ce-subject': encodeURIComponent(subject) })
        expect(parsed.ok && parsed.events[0]!.subject).toBe(subject.trim())
      }),
    )
  })

  test('says by the header’s name what is missing or wrong', () => {
    expect(problems({ 'ce-specversion': undefined, 'ce-type': undefined, 'ce-time': 'today' })).toEqual([
      'ce-specversion: expected "1.0", got nothing',
      'ce-type: expected text of 1 to 100 characters, got nothing',
      'ce-time: expected a time with zone such as 2026-11-22T08:00:00Z, got "today"',
    ])
    for (const bad of ['%C0%A0', '100%', '订单', 'caf\u00e9'])
      expect(problems({ 'ce-subject': bad })).toEqual([expect.stringMatching(/^ce-subject: expected ASCII/)])
    expect(problems({ 'ce-id': 'a%00' })[0]).toMatch(/^ce-id: /)
    expect(problems({}, '{"order":{"no":7}}')).toEqual(['data.order.no: expected text, got a number'])
    expect(problems({}, '[]')).toEqual(['data: expected an object, got a list'])
    expect(problems({}, '{')).toEqual([expect.stringContaining('expected valid JSON')])
  })
})
