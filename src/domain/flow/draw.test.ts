import fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyedHash } from '../seal.ts'
import { drawArm, fractionOf, type SplitArm } from './draw.ts'
import { holdoutArm } from './holdout.ts'

const KEY = new Uint8Array(32).fill(7)
const MANY = 20_000
const hashOf = (person: number, experiment = 'delay') => {
  return (arm: string) => keyedHash(KEY, 'split', `person ${person}`, 'recovery', experiment, arm)
}
const armOf = (arms: readonly SplitArm[], person: number, experiment?: string) =>
  drawArm(arms, hashOf(person, experiment)).name
const people = Array.from({ length: MANY }, (_, person) => person)
const arms = (...shares: number[]): SplitArm[] =>
  shares.map((share, at) => ({ name: 'abcde'.charAt(at), share }))

/** Whole shares that sum to 100, of `count` arms. */
const sharesOf = (count: number) =>
  fc
    .uniqueArray(fc.integer({ min: 1, max: 99 }), { minLength: count - 1, maxLength: count - 1 })
    .map((cuts) => [0, ...cuts.sort((a, b) => a - b), 100])
    .map((cuts) => cuts.slice(1).map((cut, at) => cut - cuts[at]!))

test('each arm gets its share of many people', () => {
  for (const shares of [
    [50, 50],
    [90, 10],
    [1, 99],
    [34, 33, 33],
    [5, 15, 20, 25, 35],
  ]) {
    const drawn = people.map((person) => armOf(arms(...shares), person))
    for (const { name, share } of arms(...shares)) {
      const expected = share / 100
      // Five standard deviations: one in a million for a fair draw.
      const bound = 5 * Math.sqrt((expected * (1 - expected)) / MANY)
      expect(Math.abs(drawn.filter((arm) => arm === name).length / MANY - expected)).toBeLessThan(bound)
    }
  }
})

test('a person is drawn the same each time, whatever the order of the arms', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 2, max: 5 }).chain(sharesOf), (person, shares) => {
      const drawn = armOf(arms(...shares), person)
      expect(armOf(arms(...shares), person)).toBe(drawn)
      expect(armOf(arms(...shares).reverse(), person)).toBe(drawn)
    }),
  )
})

test('the draw tells nothing of the holdout, nor of another experiment', () => {
  const half = arms(50, 50)
  const together = (other: (person: number) => boolean) =>
    people.filter((person) => armOf(half, person) === 'a' && other(person)).length / MANY
  const held = (person: number) =>
    holdoutArm(keyedHash(KEY, 'holdout', `person ${person}`, 'recovery'), 50) === 'held'
  const bound = 5 * Math.sqrt((0.25 * 0.75) / MANY)
  expect(Math.abs(together(held) - 0.25)).toBeLessThan(bound)
  expect(Math.abs(together((person) => armOf(half, person, 'words') === 'a') - 0.25)).toBeLessThan(bound)
})

test('nobody leaves the arm whose share grew most, and nobody enters the one whose share shrank most', () => {
  const before = fc.integer({ min: 2, max: 5 }).chain((count) => fc.tuple(sharesOf(count), sharesOf(count)))
  fc.assert(
    fc.property(before, fc.nat(), ([was, is], person) => {
      const growth = was.map((share, at) => is[at]! / share)
      const from = 'abcde'.indexOf(armOf(arms(...was), person))
      const to = 'abcde'.indexOf(armOf(arms(...is), person))
      if (from === to) return
      expect(growth[from]).toBeLessThan(growth[to]!)
    }),
    { numRuns: 2_000 },
  )
})

test('from 50 : 50 to 60 : 40 a tenth moves, and a third arm of a quarter takes a quarter', () => {
  const moved = (was: SplitArm[], is: SplitArm[]) =>
    people.filter((person) => armOf(was, person) !== armOf(is, person)).length / MANY
  expect(moved(arms(50, 50), arms(60, 40))).toBeCloseTo(0.1, 1.9)
  expect(moved(arms(40, 60), arms(30, 45, 25))).toBeCloseTo(0.25, 1.9)
})

test('a hash is a share of 1, and one of another length is refused', () => {
  expect(fractionOf(new Uint8Array(32))).toBe(0)
  expect(fractionOf(new Uint8Array(32).fill(255))).toBeLessThan(1)
  expect(() => fractionOf(new Uint8Array(16))).toThrow('32 bytes')
  // Nobody falls out where a hash is all zeros.
  expect(drawArm(arms(50, 50), () => new Uint8Array(32)).name).toBe('a')
})
