import { type CodeHolder, lockCode, saveCode, spendCode, takeCodeTry } from '../db/codes.ts'
import { type Tx, transaction } from '../db/connect.ts'
import type { Random, ShopId } from '../domain/ids.ts'
import { sameBytes } from '../domain/seal/hash.ts'
import type { Instant } from '../domain/time.ts'
import type { ShopVault } from '../pipeline/keyring.ts'
import { manyWereWrong, wasRight } from './code-ask-rate.ts'
import type { Asker } from './code-asker.ts'
import {
  CODE_LIFE,
  CODES,
  MAX_TRIES,
  nextCodeAt,
  rememberSent,
  TRIES_WHEN_MANY_WERE_WRONG,
} from './code-rate.ts'
import type { HttpDeps } from './deps.ts'

/** Who is at the other end of a request about a code. */
export interface AtTheOtherEnd {
  /** `null`: a browser that has asked for no code. */
  readonly asker: Asker | null
  /** Where the request comes from. */
  readonly address: string
}

/**
 * A new code for this browser, kept as its hash: its earlier one stops working, those of other browsers do not. Or
 * when the next one may be asked for.
 */
export async function issueCode(
  tx: Tx,
  vault: ShopVault,
  random: Random,
  shop: ShopId,
  holder: CodeHolder,
  asker: Asker,
  now: Instant,
): Promise<{ readonly code: string } | { readonly notBefore: Instant }> {
  const askerKey = keyOf(vault, holder, asker)
  const { sent, toAsker } = await lockCode(tx, shop, holder, askerKey)
  const notBefore = nextCodeAt(sent, toAsker, now)
  if (notBefore > now) return { notBefore }
  const code = sixDigits(random)
  await saveCode(tx, shop, holder, {
    asker: askerKey,
    hash: codeHash(vault, holder, code),
    sent: rememberSent(sent, now),
    sentAt: now,
    expiresAt: now + CODE_LIFE,
  })
  return { code }
}

/**
 * Whether this is the code that this browser asked for and that is alive. Each look costs one of five tries, a right
 * one ends the code; from another browser nothing is right and nothing is used up. Works the same, with the same
 * statements, for an order or a member that does not exist. How likely a guess is: `GUESSED_A_DAY`.
 */
export async function checkCode(
  deps: HttpDeps,
  shop: ShopId,
  holder: CodeHolder,
  { asker, address }: AtTheOtherEnd,
  text: string,
): Promise<boolean> {
  const vault = await deps.keyring.open(shop)
  const given = codeHash(vault, holder, text.normalize('NFKC').replace(/[\s-]/g, ''))
  const askerKey = keyOf(vault, holder, asker ?? '')
  // Without waiting for the disk: what exists must not answer later than what does not. A crash may
  // forget the tries of its last fraction of a second.
  const expected = await transaction(deps.db, async (tx) => {
    await tx.query('set local synchronous_commit = off')
    const now = deps.clock.now()
    const many = await manyWereWrong(tx, shop, vault, holder.kind, address, now)
    const tries = many ? TRIES_WHEN_MANY_WERE_WRONG : MAX_TRIES
    return takeCodeTry(tx, shop, holder, askerKey, tries, now)
  })
  if (expected === null || !sameBytes(given, expected)) return false
  if (!(await spendCode(deps.db, shop, holder, askerKey, expected))) return false
  await wasRight(deps.db, shop, vault, holder.kind, address)
  return true
}

/** Keyed, because a million codes are tried in a second against a plain hash. */
function codeHash(vault: ShopVault, { kind, id }: CodeHolder, code: string): Buffer {
  return vault.hash(`${kind}-code`, id, code)
}

/** Says nothing about the browser to whoever reads the table, nor that it asked about something else, too. */
function keyOf(vault: ShopVault, { kind, id }: CodeHolder, asker: string): Buffer {
  return vault.hash(`${kind}-code.asker`, id, asker).subarray(0, 16)
}

// 2^48 is no multiple of a million: some codes are likelier than others by 4 in 10^9.
function sixDigits(random: Random): string {
  return String(Buffer.from(random(6)).readUIntBE(0, 6) % CODES).padStart(6, '0')
}
