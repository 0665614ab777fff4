import { expect, test } from 'vitest'
import { compiled, flowInput, Story, sendTo } from '../story.test-kit.ts'
import { validateFlow } from '../validate.ts'

const arm = (name: string, share: number, next?: string) => ({ name, share, ...(next ? { next } : {}) })
const split = (...arms: object[]) => ({ id: 'draw', kind: 'split', experiment: 'delay', arms })
const wait = (id: string, length: string, next?: string) => ({
  id,
  kind: 'wait',
  for: length,
  ...(next ? { next } : {}),
})
/** An hour and one word against three hours and another. */
const TWO_WAYS = {
  purpose: 'reminder',
  stopWhen: ['paid'],
  steps: [
    split(arm('soon', 50, 'soon'), arm('late', 50, 'late')),
    wait('soon', '1h'),
    sendTo('kind', { next: 'over' }),
    wait('late', '3h'),
    sendTo('plain'),
    { id: 'over', kind: 'stop' },
  ],
}
const always = (wanted: string) => ({
  draw: (_: string, name: string) => new Uint8Array(32).fill(name === wanted ? 255 : 1),
})

test.each([
  ['soon', ['1h send kind']],
  ['late', ['3h send plain']],
])('who is drawn for %s waits and hears as that arm says, and the run keeps which it was', (wanted, log) => {
  const story = new Story(compiled(TWO_WAYS), {}, always(wanted)).event('order.created').after('1d')
  expect(story.log).toEqual(log)
  expect(story.run?.arms).toEqual({ delay: wanted })
  expect(story.trace[0]).toBe('draw: split')
})

test('a payment ends the run in every arm', () => {
  for (const wanted of ['soon', 'late']) {
    const story = new Story(compiled(TWO_WAYS), {}, always(wanted)).event('order.created').after('30m')
    expect(story.event('order.paid').after('1d').log).toEqual([])
    expect(story.run).toMatchObject({ stopReason: 'paid', arms: { delay: wanted } })
  }
})

test('where nobody is known the first way is gone, and no arm is kept', () => {
  const story = new Story(compiled(TWO_WAYS)).event('order.created').after('1d')
  expect(story.log).toEqual(['1h send kind'])
  expect(story.run?.arms).toBeUndefined()
  expect(story.trace[0]).toBe('draw: nobody')
})

test('an arm that was drawn stays for the whole run, however the draw would come out later', () => {
  const round = compiled({
    purpose: 'reminder',
    stopWhen: ['paid'],
    steps: [
      split(arm('soon', 50, 'soon'), arm('late', 50, 'late')),
      sendTo('soon', { next: 'again' }),
      sendTo('late'),
      wait('again', '1h', 'draw'),
    ],
  })
  let wanted = 'soon'
  const story = new Story(round, {}, { draw: (_, name) => always(wanted).draw(_, name) })
  story.event('order.created')
  wanted = 'late'
  expect(story.after('2h').log).toEqual(['0h send soon', '1h send soon', '2h send soon'])
})

test('what is wrong with arms is said where it stands', () => {
  const problemsOf = (...steps: object[]) => {
    const flow = validateFlow(flowInput({ steps }))
    return flow.ok ? [] : flow.problems.map(({ path, problem }) => `${path}: ${problem}`)
  }
  const ends = [sendTo('soon'), sendTo('late')]
  expect(problemsOf(split(arm('a', 50, 'soon'), arm('b', 40, 'late')), ...ends)).toEqual([
    'steps[0].arms: the shares of the arms must sum to 100; these sum to 90',
  ])
  expect(problemsOf(split(arm('a', 50, 'soon'), arm('a', 50, 'lat')), ...ends)).toEqual([
    'steps[0].arms[1].next: there is no step "lat"; did you mean "late"?',
    'steps[0].arms[1].name: two arms are called "a"; give each its own name',
  ])
  expect(problemsOf(split(arm('a', 50.5, 'soon'), arm('b', 0, 'late')), ...ends)).toEqual([
    'steps[0].arms[0].share: expected a whole number from 1 to 99; all shares together are 100',
    'steps[0].arms[1].share: expected a whole number from 1 to 99; all shares together are 100',
  ])
  const holdout = { ...split(arm('holdout', 50, 'soon'), arm('b', 50, 'late')), experiment: 'holdout' }
  expect(problemsOf(holdout, ...ends)).toEqual([
    'steps[0].experiment: "holdout" is the name of those who are kept without reminders; choose another',
    'steps[0].arms[0].name: "holdout" is the name of those who are kept without reminders; choose another',
  ])
  const second = { ...split(arm('a', 50), arm('b', 50)), id: 'again' }
  expect(problemsOf(split(arm('a', 50), arm('b', 50)), second, sendTo('soon'))).toEqual([
    'steps[1].experiment: the experiment "delay" has a split already; give this one its own name',
  ])
})

test('circles and steps without a way are found behind every arm', () => {
  const problemsOf = (...steps: object[]) => {
    const flow = validateFlow(flowInput({ steps }))
    return flow.ok ? [] : flow.problems.map(({ path, problem }) => `${path}: ${problem}`)
  }
  expect(
    problemsOf(split(arm('a', 50, 'x'), arm('b', 50, 'y')), sendTo('x'), sendTo('y', { next: 'draw' })),
  ).toEqual([
    'steps[0]: the steps draw → x → y → draw run in a circle without a pause; put a wait with a length of time into it',
  ])
  expect(problemsOf(split(arm('a', 50, 'y'), arm('b', 50, 'y')), sendTo('x'), sendTo('y'))[0]).toMatch(
    /^steps\[1\]: no step leads here/,
  )
})
