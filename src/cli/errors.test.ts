import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { DatabaseUnreachable, reach } from '../app/database.ts'
import { railsOf } from '../domain/failure/rails.ts'
import { presetFlows, presetRules } from '../pipeline/presets.ts'
import { failureOf } from './errors.ts'
import { UNREACHABLE } from './texts/errors.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database?.close())

/** What is said about the database at this address. */
async function said(url: string, language: 'zh' | 'en' = 'en') {
  const settings = { databaseUrl: url, databaseFrom: 'DATABASE_URL' }
  const error: unknown = await reach(settings).then(
    () => new Error('it was reached'),
    (thrown: unknown) => thrown,
  )
  return failureOf(error, language)
}

/** The test's own database over TCP, which asks for a password, changed in one place. */
function changed(change: (url: URL) => void): string {
  const url = new URL(database.url)
  change(url)
  return url.href
}

const WRONG = [
  ['nothing listens', () => 'postgres://me:hunter2@127.0.0.1:1/shop', 'nothing listens there', 4],
  ['the host has no such name', () => 'postgres://me:hunter2@nowhere.invalid/shop', 'cannot be looked up', 4],
  ['the user is unknown', () => changed((url) => (url.username = 'nobody1')), 'does not let nobody1', 1],
  [
    'the database is not there',
    () => changed((url) => (url.pathname = '/hunter1')),
    'no database hunter1',
    1,
  ],
  [
    'the server has no TLS',
    () => changed((url) => url.searchParams.set('sslmode', 'require')),
    'sslmode=disable',
    1,
  ],
] as const

it.each(WRONG)(
  'says of DATABASE_URL where it leads and what to check when %s, never the password',
  async (_case, url, words, exit) => {
    const failure = await said(url())
    expect(failure).toMatchObject({ code: 'DATABASE_UNREACHABLE', exit })
    expect(failure.text).toMatch(/^The database that DATABASE_URL names \(\S+:\d+\) cannot be used: /)
    expect(failure.text).toContain(words)
    const { text } = await said(url(), 'zh')
    expect(text).toMatch(/^DATABASE_URL 指定的数据库（\S+:\d+）无法使用：\p{Script=Han}|用户|服务器/u)
    for (const each of [failure.text, text]) {
      expect(each).not.toContain('hunter2')
      expect(each).not.toMatch(/\{\w+\}/)
    }
  },
)

it('says so of a password that is wrong, and of a server that does not answer', () => {
  const text = (code: string) =>
    failureOf(
      new DatabaseUnreachable(
        'postgres://me:hunter2@db/shop',
        'DATABASE_URL',
        Object.assign(new Error('no'), { code }),
      ),
      'en',
    ).text
  expect(text('28P01')).toContain('the password of me is wrong')
  expect(text('ETIMEDOUT')).toContain('whether a firewall keeps this machine from port 5432')
  expect(text('DEPTH_ZERO_SELF_SIGNED_CERT')).toContain('sslrootcert')
})

it('has a sentence for each reason in both languages', () => {
  for (const { zh, en } of Object.values(UNREACHABLE).filter((text) => text !== UNREACHABLE.other)) {
    expect(zh).toMatch(/\p{Script=Han}/u)
    expect(en).not.toMatch(/\p{Script=Han}/u)
  }
})

it('heads mistakes in the program’s own files of data with whose they are, in both languages', () => {
  const thrown = (work: () => unknown, language: 'zh' | 'en') => {
    try {
      work()
    } catch (error) {
      return failureOf(error, language)
    }
    throw new Error('it was not refused')
  }
  for (const language of ['zh', 'en'] as const) {
    const found = [
      thrown(() => railsOf({ 'ceilings.yaml': 'rules: []' }, language), language),
      thrown(() => presetRules({ 'big.yaml': 'key: big', 'other.yaml': 'x: [' }, language), language),
      thrown(() => presetFlows({ 'a.yaml': 'key: a' }, [], language), language),
    ]
    expect(found.map(({ exit, code }) => [exit, code])).toEqual([
      [2, 'RAILS'],
      [2, 'RULES'],
      [2, 'FLOWS'],
    ])
    const [rails, rules, flows] = found.map(({ text }) => text)
    expect(rails).toMatch(/\nrails\/ceilings\.yaml:1: rules: /)
    expect(rules).toMatch(/\nrules\/big\.yaml: [\s\S]*\nrules\/other\.yaml: /)
    expect(flows).toMatch(/\nflows\/a\.yaml: /)
    for (const text of [rails, rules, flows]) {
      expect(text).not.toMatch(/went wrong|出错了|Invalid|received|Too small|期望/)
      expect(/\p{Script=Han}/u.test(text!)).toBe(language === 'zh')
    }
  }
})
