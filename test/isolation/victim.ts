import { addMember, addMemberContact } from '../../src/db/accounts.ts'
import { addAudit } from '../../src/db/audit.ts'
import { reserveSlots } from '../../src/db/cap-slots.ts'
import { reserveCaps } from '../../src/db/caps.ts'
import { keepCardTries } from '../../src/db/card-tries.ts'
import { type CodeHolder, lockCode, saveCode } from '../../src/db/codes.ts'
import type { Db } from '../../src/db/connect.ts'
import { addApiKey } from '../../src/db/connections.ts'
import { countUnknownCodes, putOverride } from '../../src/db/failure-codes.ts'
import { keepDefinitions } from '../../src/db/flows.ts'
import { addInboxItem } from '../../src/db/inbox.ts'
import { startInquiries } from '../../src/db/inquiries.ts'
import { keepRefusal } from '../../src/db/intake.ts'
import { noteEvents } from '../../src/db/noted-events.ts'
import { findOrder } from '../../src/db/orders.ts'
import { openReviews } from '../../src/db/reviews.ts'
import { publishRules, seeItems } from '../../src/db/rules.ts'
import { keepReceiptStatus, rememberReceiptRefs } from '../../src/db/settle.ts'
import { keepShortCodes, takeShortCodeTry } from '../../src/db/short-codes.ts'
import { setEventAside } from '../../src/db/todo.ts'
import {
  type AccountId,
  type ConnectionId,
  type ContactId,
  type CustomerId,
  type EventId,
  type Id,
  type MessageId,
  newId,
  type OrderId,
  type ReviewId,
  type RunId,
  type ShopId,
} from '../../src/domain/ids.ts'
import { testRandom } from '../kit/engine.ts'
import { REMIND } from '../kit/flow-texts.ts'
import { scriptedProvider } from '../kit/scripted-provider.ts'
import { account, event, MONDAY, openWorld, type World, watched } from '../kit/world.ts'

/** One shop with a row in every table, and the names of what it has. */
/** An order's number as events are noted under it. */
export const NOTED = Buffer.from('V-1')

export interface Victim {
  readonly shop: ShopId
  readonly connection: ConnectionId
  readonly account: AccountId
  readonly customer: CustomerId
  readonly contact: ContactId
  readonly contactIndex: Buffer
  readonly order: OrderId
  readonly run: RunId
  readonly waiting: MessageId
  readonly calling: MessageId
  readonly sent: MessageId
  readonly todo: EventId
  readonly stuck: EventId
  readonly applied: EventId
  readonly member: Id<'mem'>
  readonly key: Id<'key'>
  readonly keyHash: Buffer
  readonly pathHash: Buffer
  readonly codeHash: Buffer
  readonly review: ReviewId
  readonly seenKey: Buffer
  readonly card: Buffer
}

export async function openVictim(): Promise<{ world: World; victim: Victim; attacker: ShopId }> {
  const mail = scriptedProvider('email', 'harmless')
  const world = await openWorld({ providers: [mail] })
  const { db, engine } = world
  const shop = await world.openShop('victim', {
    accounts: [account(mail, { ratePerSecond: 100 })],
    flows: [REMIND],
  })
  const attacker = await world.openShop('attacker')
  const id = shop.id
  const customer = { email: 'victim@example.org', name: '受害者', externalId: 'v-1' }
  await shop.keep([event('payment.failed', 'V-1', { customer })])
  await engine.worker.drain()
  // What is planned from here on is to stay: a turn that the rate limit has put off would still come.
  await engine.worker.stop()
  const order = (await findOrder(db, id, { kind: 'order_no', value: 'V-1' }))!
  const [contact] = await world.rows<{ id: ContactId; customer_id: CustomerId; address_index: Buffer }>(
    `select id, customer_id, address_index from contact where shop_id = $1 and channel = 'email'`,
    [id],
  )
  const buyer = { customer: contact!.customer_id, contacts: [{ id: contact!.id, channel: 'email' as const }] }
  const [calling] = await shop.plan([{ to: buyer, orderId: order, collapseKey: 'key', stops: ['paid'] }])
  const dying = world.another((pool) =>
    watched(pool, (name) => {
      if (name === 'settle_final') throw new Error('the process ended')
    }),
  )
  await dying.delivery.deliver(id, 'email').catch(() => {})
  await world.db.query('update message_work set lease_until = $2 where message_id = $1', [
    calling,
    '2020-01-01T00:00:00Z',
  ])
  const [waiting] = await shop.plan([{ to: buyer, orderId: order, collapseKey: 'key', stops: ['paid'] }])
  const one = <Row>(text: string) => world.rows<Row>(text, [id]).then((rows) => rows[0]!)
  const accountRow = await one<{ id: AccountId }>('select id from account where shop_id = $1')
  const sent = await one<{ id: MessageId }>(`select id from message where shop_id = $1 and state = 'sent'`)
  const run = await one<{ id: RunId }>('select id from run where shop_id = $1')
  const applied = await one<{ id: EventId }>('select id from event where shop_id = $1')
  const [todo, stuck] = await shop.keep([event('order.paid', 'V-2'), event('order.paid', 'V-3')])
  await setEventAside(db as never, id, stuck!.id, 'broken', MONDAY)
  await world.db.query('delete from todo where event_id = $1', [stuck!.id])
  await noteEvents(db as never, id, [{ name: NOTED, event: applied.id }])
  const twice = event('order.paid', 'V-4')
  await shop.keep([twice])
  await shop.keep([{ ...twice, subject: 'other' }])
  const refusal = { connection: shop.connection, why: 'forged', remoteAddress: '127.0.0.1', bodyBytes: 3 }
  await keepRefusal(db, id, { id: newId('evt', MONDAY, testRandom), at: MONDAY, ...refusal } as never)
  const pathHash = Buffer.from('path of the victim')
  await world.db.query('update connection set path_hash = $2 where shop_id = $1', [id, pathHash])
  const member = newId('mem', MONDAY, testRandom)
  await addMember(db, id, { id: member, name: '店员', roles: ['operator'], locale: 'zh-CN' }, MONDAY)
  const memberContact = { id: newId('con', MONDAY, testRandom), channel: 'email' as const }
  const bytes = { index: Buffer.from('member'), address: Buffer.from('sealed') }
  await addMemberContact(db, id, member, { ...memberContact, ...bytes }, MONDAY)
  const key = newId('key', MONDAY, testRandom)
  const keyHash = Buffer.from('hash of the key')
  const keyRow = {
    name: 'key',
    scopes: [],
    connection_id: shop.connection,
    created_at: MONDAY,
    hash: keyHash,
  }
  await addApiKey(db, id, { id: key, ...keyRow })
  const audit = { at: MONDAY, actor: 'system', action: 'test', target: 't', detail: {} }
  await addAudit(db, id, { id: newId('adt', MONDAY, testRandom), ...audit })
  await addInboxItem(db, id, sent.id, Buffer.from('sealed'), MONDAY)
  const code = { rail: 'mygate', class: 'other', advice: 'LATER', set_by: 'victim', set_at: MONDAY } as const
  await putOverride(db as never, id, { ...code, code: 'E42' })
  const seen = { rail: 'mygate', code: 'E43', seen: 3, first_at: MONDAY, last_at: MONDAY }
  await countUnknownCodes(db as never, id, [seen])
  const vault = await engine.keyring.open(id)
  const card = vault.index('card_try.card', 'fp_victim')
  const codes = { networkCode: null, networkAdviceCode: null, advice: 'LATER' as const }
  await keepCardTries(db as never, id, [{ card, payment: 'ch_1', at: MONDAY, amount: null, ...codes }])
  const codeHash = Buffer.from('code')
  await saveOneCode(db, id, { kind: 'order', id: order }, codeHash)
  const asked = { order, connection: shop.connection, startedAt: MONDAY, dueAt: MONDAY, payment: 'ch_1' }
  await startInquiries(
    db as never,
    id,
    [
      { ...asked, kind: 'platform' },
      { ...asked, kind: 'unpaid' },
    ],
    1,
  )
  await db.query("update inquiry set outcome = 'waits' where shop_id = $1 and kind = 'unpaid'", [id])
  await db.query("update inquiry set lease_until = '2099-01-01' where shop_id = $1 and kind = 'platform'", [
    id,
  ])
  await keepShortCodes(db, id, [{ order, salt: 0, index: codeHash, expiresAt: MONDAY * 2 }])
  await takeShortCodeTry(db, id, codeHash, MONDAY, MONDAY)
  await rememberReceiptRefs(db, id, [{ account: accountRow.id, providerRef: 'ref', message: sent.id }])
  await keepReceiptStatus(db, id, accountRow.id, 'early', 'delivered', null, MONDAY)
  await reserveCaps(db as never, id, [{ customer: buyer.customer, day: '2026-12-01', n: 1 }], 3)
  const slot = {
    holder: buyer.customer,
    counter: 'reminders',
    taken: { [sent.id]: MONDAY },
    most: 2,
    since: 0,
  }
  await reserveSlots(db as never, id, [slot], MONDAY)
  await world.db.query('insert into verdict_history values ($1, $2, $3, $4)', [
    id,
    sent.id,
    MONDAY,
    'hold@1:quiet_hours',
  ])
  const victim: Victim = {
    shop: id,
    connection: shop.connection,
    account: accountRow.id,
    customer: buyer.customer,
    contact: contact!.id,
    contactIndex: contact!.address_index,
    order,
    run: run.id,
    waiting: waiting!,
    calling: calling!,
    sent: sent.id,
    todo: todo!.id,
    stuck: stuck!.id,
    applied: applied.id,
    member,
    key,
    keyHash,
    pathHash,
    codeHash,
    ...(await openReview(world.db, id, order, member, codeHash)),
    card,
  }
  return { world, victim, attacker: attacker.id }
}

/** A rule that has seen something and holds the order, and a code of the member's. */
async function openReview(
  db: Db,
  shop: ShopId,
  order: OrderId,
  member: Id<'mem'>,
  codeHash: Buffer,
): Promise<Pick<Victim, 'review' | 'seenKey'>> {
  const hash = Buffer.from('rule of victim')
  await keepDefinitions(db, [{ hash, kind: 'rule', body: '{}' }], MONDAY)
  await publishRules(db as never, shop, [{ key: 'victims', hash, enabled: false }], 'test', MONDAY)
  const seenKey = Buffer.from('seen by the rule')
  const item = { key: seenKey, item: order, order, at: MONDAY, mark: true, within: 9 }
  await seeItems(db as never, shop, [item])
  const review = newId('rev', MONDAY, testRandom)
  await openReviews(db as never, shop, [
    {
      id: review,
      order_id: order,
      rule: 'victims',
      rule_version: 1,
      iteration: 1,
      action: 'hold',
      severity: 'high',
      roles: ['finance'],
      level: 0,
      opened_at: MONDAY,
      due_at: MONDAY,
      answer_within: 1,
      ends_when: ['closed'],
      holds_shop: true,
      tells_buyer: false,
      evidence: Buffer.from('sealed'),
    },
  ])
  await saveOneCode(db, shop, { kind: 'member', id: member }, codeHash)
  return { review, seenKey }
}

async function saveOneCode(db: Db, shop: ShopId, holder: CodeHolder, hash: Buffer): Promise<void> {
  await lockCode(db as never, shop, holder, hash)
  const code = { asker: hash, hash, sent: [MONDAY], sentAt: MONDAY, expiresAt: MONDAY * 2 }
  await saveCode(db as never, shop, holder, code)
}
