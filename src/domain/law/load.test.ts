import { describe, expect, test } from 'vitest'
import { BOOK, LAW_FILES } from './law.test-kit.ts'
import { loadLaw } from './load.ts'

const RULE = (id: string, more = '') => `
  - id: ${id}
    kind: hours
    from: '08:00'
    to: '20:00'
    severity: refuse
    says: { zh: 错, en: wrong }
    instead: { zh: 对, en: right }
    source: { title: A page }
    checked: '2026-11-25'${more}`
const FILE = (rules: string) =>
  `law: '*'\ntitle: { zh: 甲, en: A }\nchannel: sms\ncountries: [CN]\nrules:${rules}\n`

function problems(files: Record<string, string>, language: 'en' | 'zh' = 'en') {
  const loaded = loadLaw(files, language)
  return loaded.ok ? [] : loaded.problems
}

describe('the program’s own law', () => {
  test('loads, and every rule says what is wrong and what may be done, in both languages, with its source', () => {
    expect(loadLaw(LAW_FILES).ok).toBe(true)
    expect(BOOK.rules.length).toBeGreaterThan(80)
    for (const { says, instead, source, checked, unverified } of BOOK.rules) {
      for (const words of [says, instead]) {
        expect(words.zh).toMatch(/\p{Script=Han}/u)
        expect(words.en).toMatch(/^[^\n]*[A-Za-z]/)
      }
      expect(['2026-11-25', '2026-11-26']).toContain(checked)
      // What nobody could read again says so.
      expect(
        source.url !== undefined || source.dated !== undefined || unverified || /GPP|RFC/.test(source.title),
      ).toBe(true)
    }
  })
})

describe('a law file with a mistake', () => {
  test('is refused with file, line, field and what was expected', () => {
    const text = FILE(RULE('a', '')).replace('severity: refuse', 'severity: refuze')
    expect(problems({ 'a.yaml': text })).toEqual([
      { file: 'a.yaml', line: 10, path: 'rules.0.severity', problem: expect.stringContaining('refuse') },
    ])
    expect(problems({ 'a.yaml': text }, 'zh')[0]?.problem).toMatch(/\p{Script=Han}/u)
  })

  test('says in Chinese what rules expect', () => {
    const dated = FILE(RULE('a', "\n    since: '2026'"))
    expect(problems({ 'a.yaml': dated }, 'zh')[0]?.problem).toBe('应为日期，如 2026-10-25')
    const named = FILE(RULE('a', '')).replace('countries: [CN]', 'countries: [china]')
    expect(problems({ 'a.yaml': named }, 'zh')[0]?.problem).toBe('应为国家代码，如 CN，或 *')
  })

  test('names a day that there is', () => {
    for (const [field, day] of [
      ['since', '2026-13-45'],
      ['until', '2026-02-30'],
      ['since', '2027-02-29'],
      ['until', '2026-00-10'],
    ]) {
      const text = FILE(RULE('a', `\n    ${field}: ${day}`))
      expect(problems({ 'a.yaml': text })).toEqual([
        { file: 'a.yaml', line: 15, path: `rules.0.${field}`, problem: `there is no day ${day}` },
      ])
      expect(problems({ 'a.yaml': text }, 'zh')[0]?.problem).toBe(`没有 ${day} 这一天`)
    }
    const checked = FILE(RULE('a')).replace('2026-11-25', '2026-13-45')
    expect(problems({ 'a.yaml': checked })[0]).toMatchObject({ line: 14, path: 'rules.0.checked' })
    expect(problems({ 'a.yaml': FILE(RULE('a', '\n    since: 2028-02-29')) })).toEqual([])
  })

  test('in its YAML, too', () => {
    expect(problems({ 'a.yaml': 'law: [\n' })[0]).toMatchObject({ file: 'a.yaml', line: 2 })
  })

  test('names an unknown field and its nearest known one', () => {
    const [first] = problems({ 'a.yaml': FILE(RULE('a', '\n    untill: 2027-01-01')) })
    expect(first).toMatchObject({
      line: 15,
      path: 'rules.0.untill',
      problem: expect.stringContaining('until'),
    })
  })

  test('says all mistakes of all files at once', () => {
    const bad = FILE(RULE('a')).replace("from: '08:00'", "from: '8'")
    expect(problems({ 'a.yaml': bad, 'b.yaml': bad }).map(({ file }) => file)).toEqual(['a.yaml', 'b.yaml'])
  })

  test('whose window ends before it begins is refused', () => {
    const [first] = problems({
      'a.yaml': FILE(RULE('a', "\n    since: '2027-01-01'\n    until: '2026-01-01'")),
    })
    expect(first).toMatchObject({ path: 'rules.0.until', line: 16 })
    const night = FILE(RULE('a')).replace("to: '20:00'", "to: '07:00'")
    expect(problems({ 'a.yaml': night })[0]).toMatchObject({ path: 'rules.0.to' })
  })

  test('that gives one id twice, or two hours, for the same time is refused; one after the other is fine', () => {
    expect(problems({ 'a.yaml': FILE(RULE('a')), 'b.yaml': FILE(RULE('a')) })[0]).toMatchObject({
      file: 'b.yaml',
      path: 'rules.0.id',
    })
    expect(problems({ 'a.yaml': FILE(RULE('a') + RULE('b')) })[0]?.problem).toContain(
      'contradicts the hours of a.yaml: a',
    )
    const after = FILE(RULE('a', "\n    until: '2026-01-01'") + RULE('a', "\n    since: '2026-01-01'"))
    expect(problems({ 'a.yaml': after })).toEqual([])
  })

  test('whose word groups contain each other, or name none, is refused', () => {
    const group = (name: string, member: string) =>
      `  ${name}:\n    title: { zh: 甲, en: A }\n    with: [${member}]\n`
    const found = problems({
      'words.yaml': `groups:\n${group('a', 'b')}${group('b', 'a')}${group('c', 'x')}`,
    })
    expect(found.map(({ line, path }) => `${line} ${path}`)).toEqual([
      '4 groups.a.with.0',
      '7 groups.b.with.0',
      '10 groups.c.with.0',
    ])
  })

  test('whose word names a choice that the file does not give is refused; one that it gives is read', () => {
    const words = (word: string) =>
      `choices:\n  pay: 付款|支付\ngroups:\n  a:\n    title: { zh: 甲, en: A }\n    words: ['请(=${word})']\n`
    expect(problems({ 'words.yaml': words('pay') })).toEqual([])
    expect(problems({ 'words.yaml': words('play') })).toEqual([
      {
        file: 'words.yaml',
        line: 6,
        path: 'groups.a.words.0',
        problem: 'there is no choice "play"; there are pay',
      },
    ])
  })
})
