import fc from 'fast-check'
import { expect, test } from 'vitest'
import { holdoutArm } from './holdout.ts'

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })

test('at 0 % nobody is held, at 100 % everybody', () => {
  fc.assert(
    fc.property(hash, (bytes) => holdoutArm(bytes, 0) === 'treated' && holdoutArm(bytes, 100) === 'held'),
  )
})

test('raising the percentage never frees somebody who is held', () => {
  fc.assert(
    fc.property(hash, fc.nat(50), fc.nat(50), (bytes, low, more) => {
      if (holdoutArm(bytes, low) === 'held') expect(holdoutArm(bytes, low + more)).toBe('held')
    }),
  )
})

test('ten percent are about a tenth', () => {
  let held = 0
  for (let at = 0; at < 65_536; at++) {
    const bytes = new Uint8Array(32).fill(at & 255)
    bytes[0] = at >> 8
    if (holdoutArm(bytes, 10) === 'held') held++
  }
  expect(held / 65_536).toBeCloseTo(0.1, 2)
})

test('a hash of another length is refused', () => {
  expect(() => holdoutArm(new Uint8Array(16), 10)).toThrow('32 bytes')
})
