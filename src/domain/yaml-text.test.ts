import { expect, it } from 'vitest'
import { loadTemplates } from '../templates/load.ts'
import { readCeilings } from './failure/ceilings-file.ts'
import { parseFlowYaml } from './flow/yaml.ts'
import { loadLaw } from './law/load.ts'
import { parseRuleYaml } from './review/compile.ts'

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
