import { expect, it } from 'vitest'
import { flowText, sendStep } from '../../test/kit/flow-texts.ts'
import { presetFlows, presetOf } from './presets.ts'

it('preset flows are refused when a message of theirs has no template', () => {
  const files = { 'greet.yaml': flowText({ key: 'greet', on: 'order.created', steps: sendStep('hi') }) }
  expect(presetFlows(files, [presetOf('template', 'hello', {})])).toHaveLength(1)
  expect(() => presetFlows(files, [])).toThrow(
    'greet.yaml: step hi: expected a template that is there, got "hello"',
  )
})
