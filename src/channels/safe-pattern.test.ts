import { describe, expect, test } from 'vitest'
import { processorTime } from '../../test/kit/processor.ts'
import { matchPattern, patternProblem } from './safe-pattern.ts'

describe('a pattern is allowed', () => {
  test.each([
    '^OK',
    '^(\\d+),(\\w+)',
    '"code":\\s*"0"',
    'id=([^&]+)',
    '^(?:OK|SUCCESS)$',
    '(?<ref>[A-Z]{8})',
    '成功',
    '\\p{L}+',
    'a\\)\\+b',
    '[(+*]',
  ])('%s', (source) => expect(patternProblem(source)).toBeNull())
})

describe('a pattern is refused', () => {
  test.each([
    '(a+)+$',
    '(a|aa)+$',
    '(a*)*',
    '(?:a)*',
    '(a){9}',
    '(x+x+)?y',
    'a*a*a*b',
    'a?a?a?aaa',
    '.*.*.*x',
    '(a)\\1',
    '(?=a)b',
    '(?<!a)b',
    '(?<n>a)\\k<n>',
    '(',
    'a{2',
    'x'.repeat(201),
  ])('%s', (source) => expect(patternProblem(source)).not.toBeNull())
})

test('the worst pattern that is allowed is done within a frame or two on the worst text', () => {
  const worst = '[a-z]*[a-z]*!'
  expect(patternProblem(worst)).toBeNull()
  const started = processorTime()
  expect(matchPattern(worst, 'a'.repeat(100_000))).toBeNull()
  expect(processorTime() - started).toBeLessThan(500)
})
