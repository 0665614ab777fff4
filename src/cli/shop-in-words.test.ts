import { expect, it } from 'vitest'
import { COMMANDS } from './registry.ts'
import { parseFor } from './shop-in-words.ts'

const said = (of: string, text: string) =>
  (parseFor(of, JSON.stringify({ entries: [{ why: [text] }] })) as { entries: [{ why: [string] }] })
    .entries[0].why[0]

it('the commands in a server’s sentences name the shop that was asked about, and nothing else does', () => {
  for (const [before, after] of [
    [
      'Look: dingdong flow show x --yaml, then dingdong flow set.',
      'Look: dingdong flow show --shop a-1 x --yaml, then dingdong flow set --shop a-1.',
    ],
    [
      '请运行 dingdong member add 姓名 --role finance。',
      '请运行 dingdong member add --shop a-1 姓名 --role finance。',
    ],
    [
      'set payUrlTemplate (dingdong shop set), or send',
      'set payUrlTemplate (dingdong shop set a-1), or send',
    ],
    ['dingdong shop set a-1 --settings FILE', 'dingdong shop set a-1 --settings FILE'],
    ['ordersApart（dingdong policy set；never', 'ordersApart（dingdong policy set a-1；never'],
    ['see "dingdong tail"', 'see "dingdong tail --shop a-1"'],
    ['works: dingdong customer unblock ADDRESS.', 'works: dingdong customer unblock --shop a-1 ADDRESS.'],
    ['dingdong flow kill --everything', 'dingdong flow kill --everything'],
    ['run "dingdong doctor".', 'run "dingdong doctor".'],
  ] as const) {
    expect(said(' --shop a-1', before)).toBe(after)
    expect(said('', before)).toBe(before)
  }
  const kept = { title: 'dingdong flow show', nested: { name: 'dingdong tail' } }
  expect(parseFor(' --shop a', JSON.stringify(kept))).toEqual(kept)
})

it('every command that is told so takes it so', () => {
  const named = COMMANDS.filter(({ name }) => said(' --shop a', `dingdong ${name}`).endsWith(' --shop a'))
  expect(named.length).toBeGreaterThan(30)
  for (const { name, options = [] } of named)
    expect(
      options.map(({ flags }) => flags),
      name,
    ).toContain('--shop <slug>')
})
