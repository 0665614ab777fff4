import { type CodeHolder, lockCode, saveCode, spendCode, takeCodeTry } from '../db/codes.ts'
import { type Tx, transaction } from '../db/connect.ts'
import type { Random, ShopId } from '../domain/ids.ts'
import { sameBytes } from '../domain/seal/hash.ts'
import { type Instant, MINUTE } from '../domain/time.ts'
import type { ShopVault } from '../pipeline/keyring.ts'
import { nextCodeAt, rememberSent } from './code-rate.ts'
import type { HttpDeps } from './deps.ts'

export const CODE_LIFE = 10 * MINUTE
/** Of 1,000,000 codes: with ten codes a day a stranger's chance is 1 in 20,000 a day. */
const MAX_TRIES = 5

/** A new code, kept as its hash: the one before it stops working. Or when the next one may be asked for. */
export async function issueCode(
  tx: Tx,
  vault: ShopVault,
  random: Random,
  shop: ShopId,
  holder: CodeHolder,
  now: Instant,
): Promise<{ readonly code: string } | { readonly notBefore: Instant }> {
  const sent = await lockCode(tx, shop, holder)
  const notBefore = nextCodeAt(sent, now)
  if (notBefore > now) return { notBefore }
  const code = sixDigits(random)
  await saveCode(tx, shop, holder, {
    hash: codeHash(vault, holder, code),
    sent: rememberSent(sent, now),
    expiresAt: now + CODE_LIFE,
  })
  return { code }
}

/**
 * Whether this is the code that is alive. Each look costs one of five tries, a right one ends the code. Works the
 * same, with the same statements, for an order or a member that does not exist.
 */
export async function checkCode(
  deps: HttpDeps,
  shop: ShopId,
  holder: CodeHolder,
  text: string,
): Promise<boolean> {
  const vault = await deps.keyring.open(shop)
  const given = codeHash(vault, holder, text.normalize('NFKC').replace(/[\s-]/g, ''))
  // Without waiting for the disk: what exists must not answer later than what does not. A crash may
  // forget the tries of its last fraction of a second.
  const expected = await transaction(deps.db, async (tx) => {
    await tx.query('set local synchronous_commit = off')
    return takeCodeTry(tx, shop, holder, MAX_TRIES, deps.clock.now())
  })
  if (expected === null || !sameBytes(given, expected)) return false
  return spendCode(deps.db, shop, holder, expected)
}

/** Keyed, because a million codes are tried in a second against a plain hash. */
function codeHash(vault: ShopVault, { kind, id }: CodeHolder, code: string): Buffer {
  return vault.hash(`${kind}-code`, id, code)
}

function sixDigits(random: Random): string {
  return String(Buffer.from(random(6)).readUIntBE(0, 6) % 1_000_000).padStart(6, '0')
}
