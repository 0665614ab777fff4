import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FACT_FIELDS, TYPE_FIELDS } from './facts.ts'
import { flowSchema } from './flow.ts'
import { STEP_KINDS } from './steps/registry.ts'
import { COMMANDS, ONCE_PER, ROLES, STOP_FACTS } from './words.ts'

const readme = readFileSync(new URL('../../../flows/README.md', import.meta.url), 'utf8')

test('the page about flows names every field, step kind, fact and word', () => {
  const rows = new Map(
    [...readme.matchAll(/^\| `([\w.]+)` \| (.*) \|$/gm)].map(([, name, text]) => [name, text ?? '']),
  )
  const facts = { ...FACT_FIELDS, 'order.lastFailure': TYPE_FIELDS.Failure! }
  for (const [name, fields] of Object.entries(facts))
    for (const field of Object.keys(fields))
      expect(rows.get(name), `${name}.${field}`).toContain(`\`${field}\``)
  for (const { kind, schema } of STEP_KINDS) {
    const fields = Object.keys((schema as unknown as { shape: object }).shape)
    for (const field of fields.filter((each) => !['id', 'kind', 'next'].includes(each)))
      expect(rows.get(kind), `${kind}.${field}`).toMatch(new RegExp(`\`${field}\\b`))
  }
  for (const field of Object.keys(flowSchema.shape))
    expect(readme, field).toMatch(new RegExp(`^${field}:`, 'm'))
  for (const word of [...COMMANDS, ...ONCE_PER, ...ROLES, ...STOP_FACTS]) expect(readme).toContain(word)
})
