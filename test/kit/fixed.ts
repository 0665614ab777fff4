import { randomBytes } from 'node:crypto'
import type { Random } from '../../src/domain/ids.ts'
import { parseMasterKey } from '../../src/domain/seal.ts'

// What test processes share, and nothing of Vitest: worker processes load it, too.

export const testRandom: Random = (bytes) => randomBytes(bytes)
export const testMaster = parseMasterKey(
  Buffer.from(Array.from({ length: 32 }, (_, at) => at * 7 + 3)).toString('hex'),
)

/** Says what went wrong on standard error when DINGDONG_TEST_LOG is set; else nothing. */
export const quietLog = {
  debug: () => {},
  warn: (fields: object, text: string) => say(text, fields),
  error: (fields: object, text: string) => say(text, fields),
}

function say(text: string, fields: object): void {
  if (process.env.DINGDONG_TEST_LOG) console.error(text, fields)
}
