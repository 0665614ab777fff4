import * as z from 'zod'
import { type AccountRow, listAccounts } from '../db/accounts.ts'
import type { Queryable } from '../db/connect.ts'
import { parseId, type ShopId } from '../domain/ids.ts'
import { CommandError, type Context, EXIT } from './command.ts'
import { ERRORS } from './texts/errors.ts'
import { ACCOUNTS } from './texts/setup.ts'
import { say } from './texts/text.ts'

/** The shop's account of this id, or an error that says where to look. */
export async function chooseAccount(
  { language }: Context,
  db: Queryable,
  shop: ShopId,
  text: string,
): Promise<AccountRow> {
  const id = parseId('acct', text)
  const found = (await listAccounts(db, shop)).find((each) => each.id === id)
  if (!found) throw new CommandError(EXIT.notFound, say(ACCOUNTS.unknown, language, { id: text }))
  return found
}

const whole = (most: number) => z.coerce.number().int().min(1).max(most)
const NUMBERS = {
  rate: { schema: z.coerce.number().gt(0).max(10_000), expected: '0.1 … 10000' },
  concurrency: { schema: whole(1_000), expected: '1 … 1000' },
  position: { schema: whole(1_000), expected: '1 … 1000' },
} as const

/** An account's pace and place as the command line gives them: only what is given. */
export interface AccountNumbers {
  readonly ratePerSecond?: number
  readonly concurrency?: number
  readonly position?: number
}

/** Reads `--rate`, `--concurrency` and `--position`; throws `CommandError` for what is no such number. */
export function readNumbers(
  { language }: Context,
  options: Readonly<Record<string, string | boolean | undefined>>,
): AccountNumbers {
  const read = (name: keyof typeof NUMBERS) => {
    const given = options[name]
    if (given === undefined) return undefined
    const { schema, expected } = NUMBERS[name]
    const parsed = schema.safeParse(given)
    if (parsed.success) return parsed.data
    const params = { what: `--${name}`, expected, got: String(given) }
    throw new CommandError(EXIT.usage, say(ERRORS.needsValue, language, params))
  }
  const [rate, concurrency, position] = [read('rate'), read('concurrency'), read('position')]
  return {
    ...(rate === undefined ? {} : { ratePerSecond: rate }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(position === undefined ? {} : { position }),
  }
}
