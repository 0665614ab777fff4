import { readMember } from '../db/accounts.ts'
import { transaction } from '../db/connect.ts'
import { findContact } from '../db/contacts.ts'
import { planMessages } from '../db/messages.ts'
import { type ContactId, type MemberId, newId, type ShopId, uuidText } from '../domain/ids.ts'
import { emailAddress } from '../domain/order/contact.ts'
import type { ShopConfig } from '../pipeline/shop-config.ts'
import { mayAskCode } from './code-ask-rate.ts'
import type { Asker } from './code-asker.ts'
import { CODE_LIFE } from './code-rate.ts'
import type { HttpDeps } from './deps.ts'
import { type AtTheOtherEnd, checkCode, issueCode } from './one-time-code.ts'

/**
 * Sends a member a code to log in with, to the address on file. Nothing happens for anybody else, nor when `address`,
 * where the request came from, has asked often enough: a stranger must not use up a member's codes.
 */
export async function sendMemberCode(
  deps: HttpDeps,
  config: ShopConfig,
  email: string,
  { asker, address }: { readonly asker: Asker; readonly address: string },
): Promise<void> {
  const { db, clock, random } = deps
  const shop = config.row.id
  const vault = await deps.keyring.open(shop)
  const now = clock.now()
  if (!(await mayAskCode(db, shop, vault, { kind: 'member', address, identity: identityOf(email) }, now)))
    return
  const found = await findMember(deps, shop, email)
  if (!found || !(await readMember(db, shop, found.member))) return
  const sent = await transaction(db, async (tx) => {
    const holder = { kind: 'member', id: found.member } as const
    const issued = await issueCode(tx, vault, random, shop, holder, asker, now)
    if ('notBefore' in issued) return false
    const id = newId('msg', now, random)
    const place = { shop, column: 'message.vars', row: id }
    await planMessages(
      tx,
      shop,
      [
        {
          id,
          orderId: null,
          customerId: null,
          contactId: found.contact,
          runId: null,
          flow: null,
          flowVersion: null,
          step: null,
          channel: 'email',
          purpose: 'essential',
          category: 'security',
          audience: 'member',
          template: 'member_code',
          stops: ['any_hour'],
          inSessionUntil: now + CODE_LIFE,
          dueAt: now,
          expiresAt: now + CODE_LIFE,
          dedupeKey: null,
          collapseKey: null,
          resendOf: null,
          priority: 0,
          vars: vault.sealer.seal(JSON.stringify({ code: issued.code }), place),
        },
      ],
      now,
    )
    return true
  })
  if (sent) deps.onPlanned(shop, new Set(['email']))
}

/** The member whose code this is, or `null`; the same looks, whether the address is known or not. */
export async function memberByCode(
  deps: HttpDeps,
  shop: ShopId,
  email: string,
  from: AtTheOtherEnd,
  code: string,
): Promise<MemberId | null> {
  const found = await findMember(deps, shop, email)
  const member = found?.member ?? (await nobody(deps, shop, email))
  const right = await checkCode(deps, shop, { kind: 'member', id: member }, from, code)
  const works = await readMember(deps.db, shop, member)
  return right && works && found ? member : null
}

/** What an address is known by, however it is written. */
function identityOf(email: string): string {
  const address = emailAddress(email)
  return address.ok ? address.identity : email
}

async function findMember(
  deps: HttpDeps,
  shop: ShopId,
  email: string,
): Promise<{ readonly member: MemberId; readonly contact: ContactId } | null> {
  const vault = await deps.keyring.open(shop)
  const index = vault.index('contact.email', identityOf(email))
  const contact = await findContact(deps.db, shop, 'email', index)
  if (contact?.member_id == null || contact.state === 'suppressed') return null
  return { member: contact.member_id, contact: contact.id }
}

/** Somebody who does not exist, the same for the same address: asking about them costs what a member costs. */
async function nobody(deps: HttpDeps, shop: ShopId, email: string): Promise<MemberId> {
  const vault = await deps.keyring.open(shop)
  return uuidText(vault.hash('no-member', email).subarray(0, 16)) as MemberId
}
