import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseDocument } from 'yaml'
import { loadTemplates } from '../templates/load.ts'
import { readCeilings } from './failure/ceilings-file.ts'
import { parseFlowYaml } from './flow/yaml.ts'
import { loadLaw } from './law/load.ts'
import { parseRuleYaml } from './review/compile.ts'
import { openYaml } from './yaml-text.ts'

const TWO = 'one: 1\n---\ntwo: 2\n'

it('refuses a file with a second document, which would be dropped in silence', () => {
  const said = {
    flow: parseFlowYaml(TWO),
    rule: parseRuleYaml(TWO),
    template: loadTemplates({ 'two.yaml': TWO }),
    law: loadLaw({ 'two.yaml': TWO }),
    rail: readCeilings('two.yaml', TWO),
  }
  for (const [kind, answer] of Object.entries(said)) {
    expect(JSON.stringify(answer), kind).toMatch(/a second document begins here \(after ---\)/)
    expect(JSON.stringify(answer), kind).not.toMatch(/unknown|no such field/)
  }
  expect(JSON.stringify(parseFlowYaml(TWO, 'zh'))).toContain('第二个文档')
})

const key = fc.constantFrom(
  'a',
  'b',
  '1',
  '"1"',
  '"a"',
  "'b'",
  'null',
  '~',
  'true',
  '[x]',
  '&n c',
  '*n',
  '<<',
)
const flat = fc.constantFrom('x', '1', '[a, b]', '{ a: 1, "a": 2 }', '[{ b: 1, b: 2 }, { 1: x, "1": y }]')
/** Maps of a few keys, in maps and in lists. */
const { block } = fc.letrec<{ block: string; value: string }>((tie) => ({
  block: fc
    .array(fc.tuple(key, tie('value')), { minLength: 1, maxLength: 4 })
    .map((pairs) => pairs.map(([name, value]) => `${name}:${value}`).join('\n')),
  value: fc.oneof(
    { maxDepth: 2 },
    flat.map((text) => ` ${text}`),
    tie('block').map((text) => `\n${text.replace(/^/gm, '  ')}`),
    fc
      .array(tie('block'), { minLength: 1, maxLength: 2 })
      .map((items) => `\n${items.map((item) => `  - ${item.replace(/\n/g, '\n    ')}`).join('\n')}`),
  ),
}))

it('finds every key that stands twice in one map, where the parser itself would', () => {
  const twice = (
    errors: readonly { readonly code: string; readonly pos: readonly number[] }[],
    text: string,
  ) => errors.map(({ code, pos }) => `${code} ${text.slice(0, pos[0]).split('\n').length}`).toSorted()
  fc.assert(
    fc.property(block, (text) => {
      const parsed = parseDocument(text, { prettyErrors: false, logLevel: 'error' })
      fc.pre(parsed.errors.every(({ code }) => code === 'DUPLICATE_KEY'))
      expect(twice(openYaml(text).document.errors, text)).toEqual(twice(parsed.errors, text))
    }),
    { numRuns: 1_000 },
  )
})

const NAMES = Array.from({ length: 40_000 }, (_, at) => at.toString(36))

it.each([
  ['of a map', NAMES.join(': 1\n').slice(0, 190_000)],
  ['of a map below', `params: { ${NAMES.slice(0, 20_000).join(': 1, ')}: 1 }`],
  ['that are lists in lists', '['.repeat(90_000) + ']'.repeat(90_000)],
])('tens of thousands of keys %s cost no more than reading them', (_what, text) => {
  const flow = parseFlowYaml(text)
  const problems = flow.ok ? [] : flow.problems
  expect(problems.length).toBeGreaterThan(0)
  expect(problems.length).toBeLessThanOrEqual(101)
})

it('of a hundred faults and more the first are told, and how many there are', () => {
  const { problems } = loadTemplates({ 'many.yaml': NAMES.slice(0, 500).join(': 1\n').concat(': 1\n') })
  expect(problems).toHaveLength(101)
  expect(problems.at(-1)!.problem).toMatch(/and \d{3} more/)
})
