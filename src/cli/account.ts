import { type AccountRow, listAccounts } from '../db/accounts.ts'
import type { Queryable } from '../db/connect.ts'
import { parseId, type ShopId } from '../domain/ids.ts'
import { CommandError, type Context, EXIT } from './command.ts'
import { readNumber } from './number-option.ts'
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

/** An account's pace and place as the command line gives them: only what is given. */
export interface AccountNumbers {
  readonly ratePerSecond?: number
  readonly concurrency?: number
  readonly position?: number
}

/** Reads `--rate`, `--concurrency` and `--position`; throws `CommandError` for what is no such number. */
export function readNumbers(
  context: Context,
  options: Readonly<Record<string, string | boolean | undefined>>,
): AccountNumbers {
  const ratePerSecond = readNumber(context, options, 'rate')
  const concurrency = readNumber(context, options, 'concurrency')
  const position = readNumber(context, options, 'position')
  return {
    ...(ratePerSecond === null ? {} : { ratePerSecond }),
    ...(concurrency === null ? {} : { concurrency }),
    ...(position === null ? {} : { position }),
  }
}
