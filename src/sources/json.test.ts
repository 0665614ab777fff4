import fc from 'fast-check'
import { expect, test } from 'vitest'
import { at, readJson, readJsonAsSent, textAt } from './json.ts'

const read = (text: string) => readJson(Buffer.from(text))

test('any JSON of ordinary depth reads as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      if (!/\\u(0000|d[89a-f])|\uFFFD/.test(text))
        expect(read(text)).toEqual({ ok: true, value: JSON.parse(text) })
    }),
  )
})

test('nesting beyond 64 levels is refused before it is parsed, brackets in strings do not count', () => {
  expect(read('['.repeat(64) + ']'.repeat(64)).ok).toBe(true)
  expect(read('['.repeat(65) + ']'.repeat(65)).ok).toBe(false)
  expect(read('{"a":'.repeat(200_000)).ok).toBe(false)
  expect(read(JSON.stringify({ text: `\\"${'['.repeat(500)}` })).ok).toBe(true)
})

test('text that cannot be kept is mended, an escaped backslash before u0000 is no such text', () => {
  expect(read('{"a\\u0000b":"c\\ud800\\\\u0000"}')).toEqual({
    ok: true,
    value: { 'a\uFFFD0000b': 'c\uFFFDd800\\u0000' },
  })
  expect(readJsonAsSent(Buffer.from('"c\\ud800"'))).toMatchObject({ value: 'c\ud800', unstorable: true })
  expect(readJsonAsSent(Buffer.from('"😀"'))).toMatchObject({ value: '😀', unstorable: false })
})

test('problems say what was expected and never quote the body', () => {
  for (const [body, problem] of [
    ['', 'empty'],
    ['{"card": SECRET}', 'valid JSON'],
    ['SECRET', 'valid JSON'],
  ] as const) {
    const answer = read(body)
    expect(answer).toMatchObject({ ok: false, problem: expect.stringContaining(problem) })
    expect(JSON.stringify(answer)).not.toContain('SECRET')
  }
  expect(readJson(Buffer.from([0x22, 0xc3, 0x28, 0x22]))).toEqual({
    ok: false,
    problem: 'expected text in UTF-8',
  })
})

test('a path that breaks, or leads to what every object has, finds nothing', () => {
  expect(at({ a: [{ b: 1 }] }, 'a', 0, 'b')).toBe(1)
  expect(at({ a: null }, 'a', 'b')).toBeUndefined()
  expect(at({}, 'constructor')).toBeUndefined()
  expect(textAt({ id: 42 }, 'id')).toBe('42')
  expect(textAt({ id: 1.5 }, 'id')).toBeUndefined()
  expect(textAt({ id: '  ' }, 'id')).toBeUndefined()
})
