import { asksToStop } from '../channels/reply-words.ts'
import type { Tx } from '../db/connect.ts'
import { findContact, setContactState } from '../db/contacts.ts'
import { markClicked, readMessage } from '../db/messages.ts'
import { keepReceiptStatus, markReceiptOf } from '../db/settle.ts'
import type { Event } from '../domain/event.ts'
import { type AccountId, type ContactId, type MessageId, parseId, type ShopId } from '../domain/ids.ts'
import { phoneAddress } from '../domain/order/contact.ts'
import type { Instant } from '../domain/time.ts'
import type { ShopVault } from './keyring.ts'
import type { ShopConfig } from './shop-config.ts'

interface Feedback {
  readonly tx: Tx
  readonly shop: ShopId
  readonly now: Instant
  readonly vault: ShopVault
  readonly config: ShopConfig
}

/** Applies what came back about messages: receipts, replies, clicks. Each is idempotent, so a repeat changes nothing. */
export async function applyFeedback(scene: Feedback, events: readonly Event[]): Promise<void> {
  for (const event of events) {
    // Anybody may claim in a browser that a number wants no more messages, or that one has arrived.
    if (event.trust === 'browser' && event.type !== 'link.clicked') continue
    if (event.type === 'message.receipt') await applyReceipt(scene, event)
    else if (event.type === 'message.replied') await applyReply(scene, event)
    else if (event.type === 'link.clicked') await applyClick(scene, event)
  }
}

async function applyReceipt({ tx, shop }: Feedback, event: Event): Promise<void> {
  const account = parseId('acct', String(event.data.extra?.account ?? ''))
  const ref = event.data.extra?.providerRef
  const status = event.data.message?.status
  if (account === null || (status !== 'delivered' && status !== 'failed')) return
  const code = typeof event.data.extra?.code === 'string' ? event.data.extra.code : null
  if (typeof ref !== 'string') {
    // A gateway that gives no reference of its own echoes ours.
    const id = parseId('msg', event.data.message?.id ?? '')
    if (id) await markReceiptOf(tx, shop, id as MessageId, status, code, event.time)
    return
  }
  await keepReceiptStatus(tx, shop, account as AccountId, ref, status, code, event.time)
}

/** 退订 / STOP: no more messages to this address, at once. Other replies are kept in the log for people to read. */
async function applyReply(scene: Feedback, event: Event): Promise<void> {
  const text = event.data.message?.text
  if (text === undefined || !(event.data.extra?.stop === true || asksToStop(text))) return
  const contact = await whoReplied(scene, event)
  if (contact !== null)
    await setContactState(scene.tx, scene.shop, contact, 'unsubscribed', 'reply', scene.now)
}

/** By the number that replied; where none is told, the one whom the message went to that was replied to. */
async function whoReplied({ tx, shop, vault, config }: Feedback, { data }: Event): Promise<ContactId | null> {
  const phone = data.customer?.phone
  if (phone === undefined) {
    const id = parseId('msg', data.message?.id ?? '')
    return id === null ? null : ((await readMessage(tx, shop, id as MessageId))?.contact_id ?? null)
  }
  const address = phoneAddress(phone, config.row.country)
  if (!address.ok) return null
  return (await findContact(tx, shop, 'sms', vault.index('contact.sms', address.identity)))?.id ?? null
}

async function applyClick({ tx, shop }: Feedback, event: Event): Promise<void> {
  const id = parseId('msg', event.data.message?.id ?? '')
  if (id) await markClicked(tx, shop, id as MessageId, event.time)
}
