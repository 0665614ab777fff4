import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ENDS } from './run.ts'
import { explainStop, OWN_WORD_TEXTS, STOP_TEXTS } from './stop-texts.ts'
import { STOP_FACTS } from './words.ts'
import { parseFlowYaml } from './yaml.ts'

const flows = new URL('../../../flows/', import.meta.url)
const presets = readdirSync(flows)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => parseFlowYaml(readFileSync(new URL(name, flows), 'utf8')))
/** `stopped`: of a stop step that gives no reason. */
const ownWords = new Set([
  'stopped',
  ...presets.flatMap((flow) =>
    flow.ok ? flow.value.steps.flatMap((step) => ('reason' in step && step.reason ? [step.reason] : [])) : [],
  ),
])

/** What is written into `run.stop_reason` anywhere, as the sources have it. */
const written = ['domain/flow/steps', 'domain/flow', 'pipeline', 'db'].flatMap((folder) => {
  const place = new URL(`../../${folder}/`, import.meta.url)
  const sources = readdirSync(place).filter((name) => name.endsWith('.ts') && !name.includes('.test'))
  return sources.flatMap((name) => {
    const source = readFileSync(new URL(name, place), 'utf8')
    const found = source.matchAll(
      /go: 'end',[^}]*reason: '(\w+)'|ended\((?:scene\.)?run, (?:'stopped', )?'(?!done'|stopped')(\w+)'|coalesce\(stop_reason, '(\w+)'/g,
    )
    return [...found].map((match) => match.slice(1).find(Boolean)!)
  })
})

describe('why a run ended', () => {
  test('every reason that the program or a preset flow can write has its text', () => {
    expect(new Set(written)).toEqual(new Set(ENDS))
    expect(Object.keys(STOP_TEXTS).sort()).toEqual([...STOP_FACTS, ...ENDS].sort())
    expect(Object.keys(OWN_WORD_TEXTS).sort()).toEqual([...ownWords].sort())
  })

  test.each([...STOP_FACTS, ...ENDS, ...ownWords, 'a_word_of_the_shop'])(
    '%s is told in whole sentences in both languages',
    (reason) => {
      const zh = explainStop({ flow: 'my-flow', reason }, 'zh')
      const en = explainStop({ flow: 'my-flow', reason }, 'en')
      for (const sentence of [zh.why, zh.change ?? '改。'])
        expect(sentence).toMatch(/^\p{Script=Han}[^{}]*。$/u)
      for (const sentence of [en.why, en.change ?? 'Change.'])
        expect(sentence).toMatch(/^[A-Z][^\p{Script=Han}{}]*\.$/u)
    },
  )

  test('a word of the shop’s own is shown as it is, with where to look', () => {
    expect(explainStop({ flow: 'my-flow', reason: 'too_small' }, 'en')).toEqual({
      why: 'The flow came to a stop step of its own (too_small).',
      change: 'When it stops is written in the flow: dingdong flow show my-flow.',
    })
  })

  test.each([
    ['held', /^The buyer is in the holdout/],
    ['kept', /^No reminder went to the buyer/],
    [undefined, /^All reminders were given/],
  ] as const)('of a run that said enough and whose buyer was %s', (unheard, sentence) => {
    const stop = explainStop({ flow: 'my-flow', reason: 'said_enough', unheard }, 'en')
    expect(stop.why).toMatch(sentence)
    expect(explainStop({ flow: 'my-flow', reason: 'paid', unheard }, 'en').why).toMatch(/^The order is paid/)
    const zh = explainStop({ flow: 'my-flow', reason: 'said_enough', unheard }, 'zh')
    expect(zh.why).toMatch(/^\p{Script=Han}[^{}]*。$/u)
  })
})
