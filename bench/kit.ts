import { randomFillSync } from 'node:crypto'
import type { Random } from '../src/domain/ids.ts'
import { parseMasterKey } from '../src/domain/seal.ts'

export const benchRandom: Random = (bytes) => randomFillSync(Buffer.allocUnsafe(bytes))
export const benchMaster = parseMasterKey(Buffer.from(benchRandom(32)).toString('hex'))

export const benchLog = {
  debug: () => {},
  warn: (fields: object, text: string) => console.error(text, fields),
  error: (fields: object, text: string) => console.error(text, fields),
}

export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export const round = (value: number, digits = 1) => Math.round(value * 10 ** digits) / 10 ** digits

/** The name of buyer `n`, another for each: with letters, as no mail greets anybody by a number. */
export const buyerName = (n: number): string =>
  `Buyer ${n.toString(26).replace(/./g, (digit) => String.fromCharCode(97 + Number.parseInt(digit, 26)))}`
