import * as calls from '../../src/db/calls.ts'
import * as slots from '../../src/db/cap-slots.ts'
import * as caps from '../../src/db/caps.ts'
import * as cardTries from '../../src/db/card-tries.ts'
import * as codes from '../../src/db/codes.ts'
import * as dueMessages from '../../src/db/due-messages.ts'
import * as reserved from '../../src/db/free-reserved.ts'
import * as inquiries from '../../src/db/inquiries.ts'
import * as messages from '../../src/db/messages.ts'
import * as noted from '../../src/db/noted-events.ts'
import * as orders from '../../src/db/orders.ts'
import * as reseal from '../../src/db/reseal.ts'
import * as runs from '../../src/db/runs.ts'
import { readSealedValues } from '../../src/db/sealed-values.ts'
import * as settle from '../../src/db/settle.ts'
import * as shops from '../../src/db/shops.ts'
import * as shown from '../../src/db/shown.ts'
import * as switches from '../../src/db/switches.ts'
import * as tail from '../../src/db/tail.ts'
import * as todo from '../../src/db/todo.ts'
import * as verdicts from '../../src/db/verdicts.ts'
import { type Answer, type Attack, bytes, FIRST, LATER } from './attack.ts'
import { NOTED, type Victim } from './victim.ts'

const run = (v: Victim): runs.RunRow => ({
  id: v.run,
  flow: 'stolen',
  version: 9,
  subject_id: v.order,
  order_id: v.order,
  customer_id: v.customer,
  event_id: v.applied,
  iteration: '1',
  status: 'active',
  step: null,
  due_at: 1,
  waiting_for: null,
  arm: 'treated',
  topics: null,
  heard: null,
  progress: { stepsDone: 0, visits: {} },
  stop_reason: null,
  started_at: 1,
})

const tried = (v: Victim, id: Victim['calling']) => ({
  id,
  fence: 1,
  account: v.account,
  n: 1,
  startedAt: 1,
  endedAt: 2,
  fate: 'sent',
  code: null,
  providerRef: 'ref',
})

const message = (v: Victim): messages.MessageToPlan => ({
  id: v.waiting,
  orderId: v.order,
  customerId: v.customer,
  contactId: v.contact,
  runId: v.run,
  flow: null,
  flowVersion: null,
  step: null,
  channel: 'email',
  purpose: 'service',
  category: 'x',
  audience: 'buyer',
  template: 'x',
  stops: [],
  inSessionUntil: null,
  dueAt: 1,
  expiresAt: LATER,
  dedupeKey: bytes,
  collapseKey: 'key',
  resendOf: v.sent,
  priority: 2,
  vars: null,
})

const inquiry = (v: Victim): inquiries.InquiryRow => ({
  order_id: v.order,
  connection_id: v.connection,
  kind: 'platform',
  started_at: 1,
  due_at: 1,
  asks: 9,
  asked_at: 1,
  answer: 'paid',
  again_at: null,
  payment: null,
  act_at: 1,
  act_by: 'source',
  act_outcome: 'done',
  act_code: null,
  concluded_at: 1,
  outcome: 'healed',
  fence: 0,
  log: [],
})

const toStart = (v: Victim): inquiries.InquiryToStart => ({
  order: v.order,
  connection: v.connection,
  kind: 'unpaid',
  startedAt: LATER,
  dueAt: LATER,
  payment: null,
})
const codeToSave = { hash: bytes, sent: [], sentAt: 1, expiresAt: 1 }
const holders = (v: Victim): readonly codes.CodeHolder[] => [
  { kind: 'order', id: v.order },
  { kind: 'member', id: v.member },
]

const cardTry = (v: Victim): cardTries.CardTryRow => ({
  card: v.card,
  payment: 'ch_1',
  at: 1,
  amount: { minor: 1, currency: 'EUR' },
  networkCode: '05',
  networkAdviceCode: '03',
  advice: 'NEVER',
})

const all = <T>(items: Iterable<T>, work: (item: T) => Promise<unknown>) => Promise.all([...items].map(work))

/** What all of them gave that is anything. */
const flat = async <T>(items: Iterable<T>, work: (item: T) => Promise<unknown>) =>
  (await all(items, work)).flat().filter(Boolean)

/** Verbs about messages, orders, runs and what is to be done. */
export const WORK: Readonly<Record<string, readonly [Answer, Attack]>> = {
  planMessages: ['its own', (db, s, v) => messages.planMessages(db, s, [message(v)], 1)],
  stopMessages: ['nothing', (db, s, v) => messages.stopMessages(db, s, [v.order], 'paid', 'drop:paid', 1)],
  stopMessagesOfRuns: [
    'nothing',
    (db, s, v) => messages.stopMessagesOfRuns(db, s, [{ id: v.run, order: v.order }], 1),
  ],
  stopCancels: ['nothing', (db, s, v) => messages.stopCancels(db, s, [v.order], 1)],
  hearEvent: [
    'nothing',
    (db, s, v) =>
      runs.hearEvent(
        db,
        s,
        { event: run(v).event_id, type: 'stock.low', topics: ['topic'], exact: [], deaf: [] },
        1,
      ),
  ],
  fatesOfRuns: [
    'nothing',
    (db, s, v) => messages.fatesOfRuns(db, s, [{ id: v.run, order: v.order, step: 'now' }]),
  ],
  collapseMessages: [
    'nothing',
    (db, s, v) => messages.collapseMessages(db, s, [{ id: v.sent, order: v.order, key: 'key' }], 1),
  ],
  messagesOfOrder: ['nothing', (db, s, v) => messages.messagesOfOrder(db, s, v.order)],
  readMessage: ['nothing', (db, s, v) => messages.readMessage(db, s, v.sent)],
  latestMessages: ['nothing', (db, s) => messages.latestMessages(db, s, null, 10)],
  readBody: ['nothing', (db, s, v) => messages.readBody(db, s, v.sent)],
  readBodies: ['nothing', (db, s, v) => messages.readBodies(db, s, [v.sent])],
  attemptsOf: ['nothing', (db, s, v) => messages.attemptsOf(db, s, v.sent)],
  markClicked: ['nothing', (db, s, v) => messages.markClicked(db, s, v.sent, 1)],
  lockCode: [
    'nothing',
    (db, s, v) =>
      flat(holders(v), async (holder) => {
        const { sent, toAsker } = await codes.lockCode(db, s, holder, v.codeHash)
        return [...sent, toAsker]
      }),
  ],
  saveCode: [
    'nothing',
    (db, s, v) =>
      flat(holders(v), (holder) => codes.saveCode(db, s, holder, { ...codeToSave, asker: v.codeHash })),
  ],
  takeCodeTry: [
    'nothing',
    (db, s, v) => flat(holders(v), (holder) => codes.takeCodeTry(db, s, holder, v.codeHash, 10, 1)),
  ],
  spendCode: [
    'nothing',
    (db, s, v) => flat(holders(v), (holder) => codes.spendCode(db, s, holder, v.codeHash, v.codeHash)),
  ],
  findOrderByContact: [
    'nothing',
    (db, s, v) => codes.findOrderByContact(db, s, 'V-1', 'email', v.contactIndex),
  ],
  claimOrderRefs: [
    'its own',
    (db, s) =>
      orders.claimOrderRefs(db, s, [{ ref: { kind: 'order_no', value: 'V-1' }, proposed: FIRST as never }]),
  ],
  lockOrderRows: ['nothing', (db, s, v) => orders.lockOrderRows(db, s, [v.order])],
  lockOrderForTry: ['nothing', (db, s, v) => orders.lockOrderForTry(db, s, v.order, 0)],
  readOrderRows: ['nothing', (db, s, v) => orders.readOrderRows(db, s, [v.order])],
  saveOrders: [
    'its own',
    (db, s, v) =>
      orders.saveOrders(
        db,
        s,
        [true, false].map((isNew) => ({
          id: v.order,
          isNew,
          updatedAt: 1,
          no: null,
          status: 'paid',
          customer: v.customer,
          contacts: [v.contact],
          paidAt: 1,
          expiresAt: null,
          facts: bytes,
        })),
      ),
  ],
  readSealedValues: [
    'nothing',
    async (db, s, v) =>
      (await readSealedValues(db, s, [{ order: v.order, contact: v.contact, customer: v.customer }])).flatMap(
        (row) => Object.values(row).filter((value) => value !== null),
      ),
  ],
  mergeOrders: ['nothing', (db, s, v) => orders.mergeOrders(db, s, FIRST as never, [v.order], 1)],
  latestOrderNumbers: ['nothing', (db, s) => orders.latestOrderNumbers(db, s, 10)],
  findOrder: ['nothing', (db, s) => orders.findOrder(db, s, { kind: 'order_no', value: 'V-1' })],
  orderNames: ['nothing', (db, s, v) => orders.orderNames(db, s, v.order)],
  readSealedByOthers: [
    'its own',
    (db, s) =>
      all(reseal.SEALED_COLUMNS, (column) => reseal.readSealedByOthers(db, s, column, 99, FIRST, 10)),
  ],
  writeResealed: [
    'its own',
    (db, s, v) =>
      all(reseal.SEALED_COLUMNS, (column) =>
        reseal.writeResealed(db, s, column, [{ id: v.sent, before: bytes, after: bytes }]),
      ),
  ],
  retireKeys: ['its own', (db, s) => reseal.retireKeys(db, s, 99, 1)],
  saveAccountSettings: ['nothing', (db, s, v) => reseal.saveAccountSettings(db, s, v.account, bytes)],
  lockRunsOf: ['nothing', (db, s, v) => runs.lockRunsOf(db, s, [v.order])],
  peekDueRuns: ['nothing', (db, s) => runs.peekDueRuns(db, s, LATER, 10)],
  claimDueRuns: ['nothing', (db, s, v) => runs.claimDueRuns(db, s, [v.run], LATER)],
  addRuns: ['its own', (db, s, v) => runs.addRuns(db, s, [run(v)], 1)],
  saveRuns: ['nothing', (db, s, v) => runs.saveRuns(db, s, [run(v)], 1)],
  runsOf: ['nothing', (db, s, v) => runs.runsOf(db, s, v.order)],
  settleMessages: [
    'nothing',
    (db, s, v) => settle.settleMessages(db, s, [{ ...tried(v, v.calling), state: 'sent' }]),
  ],
  postponeMessages: [
    'nothing',
    (db, s, v) => settle.postponeMessages(db, s, [{ ...tried(v, v.calling), dueAt: 1 }]),
  ],
  suppressContacts: [
    'nothing',
    (db, s, v) => settle.suppressContacts(db, s, [{ id: v.contact, reason: 'x' }], 1),
  ],
  rememberReceiptRefs: [
    'nothing',
    (db, s, v) =>
      settle.rememberReceiptRefs(db, s, [{ account: v.account, providerRef: 'early', message: v.waiting }]),
  ],
  keepReceiptStatus: [
    'nothing',
    (db, s, v) => settle.keepReceiptStatus(db, s, v.account, 'ref', 'failed', 'x', 1),
  ],
  markReceiptOf: ['nothing', (db, s, v) => settle.markReceiptOf(db, s, v.sent, 'failed', 'x', 1)],
  keepCardTries: ['its own', (db, s, v) => cardTries.keepCardTries(db, s, [cardTry(v)])],
  readCardTries: ['nothing', (db, s, v) => cardTries.readCardTries(db, s, [v.card])],
  lockCard: ['its own', (db, s, v) => cardTries.lockCard(db, s, v.card, LATER)],
  planCardTry: ['its own', (db, s, v) => cardTries.planCardTry(db, s, cardTry(v))],
  renameCardTry: ['nothing', (db, s, v) => cardTries.renameCardTry(db, s, v.card, 'ch_1', 'ch_2')],
  dropCardTry: ['nothing', (db, s, v) => cardTries.dropCardTry(db, s, v.card, 'ch_1')],
  startInquiries: ['its own', (db, s, v) => inquiries.startInquiries(db, s, [toStart(v)], 1)],
  hurryInquiries: [
    'its own',
    (db, s, v) => inquiries.hurryInquiries(db, s, [{ ...toStart(v), dueAt: 1 }], 1),
  ],
  claimInquiries: ['nothing', (db, s, v) => inquiries.claimInquiries(db, s, v.connection, LATER, 10, 1)],
  settleInquiry: ['nothing', (db, s, v) => inquiries.settleInquiry(db, s, inquiry(v), [])],
  beginAct: ['nothing', (db, s, v) => inquiries.beginAct(db, s, inquiry(v), 'source', 1, 1)],
  inquiriesOf: ['nothing', (db, s, v) => inquiries.inquiriesOf(db, s, v.order)],
  openInquiries: ['nothing', (db, s, v) => inquiries.openInquiries(db, s, v.connection)],
  passOnInquiries: ['nothing', (db, s, v) => inquiries.passOnInquiries(db, s, v.connection, v.connection, 1)],
  closeInquiries: ['nothing', (db, s, v) => inquiries.closeInquiries(db, s, v.connection, 'x', 1)],
  resumeInquiries: ['nothing', (db, s, v) => inquiries.resumeInquiries(db, s, v.connection, 1)],
  readShop: ['its own', (db, s) => shops.readShop(db, s)],
  bumpConfig: ['nothing', (db, s) => shops.bumpConfig(db, s)],
  setShopKilled: ['its own', (db, s) => shops.setShopKilled(db, s, true)],
  lockShopSettings: ['its own', (db, s) => shops.lockShopSettings(db, s)],
  saveShopSettings: ['its own', (db, s) => shops.saveShopSettings(db, s, { changed: true })],
  saveShopDetails: ['its own', (db, s) => shops.saveShopDetails(db as never, s, { name: 'changed' })],
  hasOrders: ['its own', (db, s) => shops.hasOrders(db, s)],
  readShopKeys: ['its own', (db, s) => shops.readShopKeys(db, [s])],
  addShopKeys: [
    'its own',
    (db, s) => shops.addShopKeys(db, [{ shop_id: s, key_id: 7, kind: 'data', wrapped: bytes }], 1),
  ],
  listStuck: ['nothing', (db, s) => shown.listStuck(db, s, null, 10)],
  listConflicts: ['nothing', (db, s) => shown.listConflicts(db, s, null, 10)],
  ordersOfCustomer: ['nothing', (db, s, v) => shown.ordersOfCustomer(db, s, v.customer, 10)],
  recentUnpaidOrders: ['nothing', (db, s) => shown.recentUnpaidOrders(db, s, 0, 10)],
  listRefusals: ['nothing', (db, s) => shown.listRefusals(db, s, null, 10)],
  latestInboxItems: ['nothing', (db, s) => shown.latestInboxItems(db, s, 10)],
  readMessageToCopy: ['nothing', (db, s, v) => shown.readMessageToCopy(db, s, v.sent)],
  hasCopySince: ['nothing', (db, s, v) => shown.hasCopySince(db, s, v.sent, 0)],
  earlierVerdicts: ['nothing', (db, s, v) => shown.earlierVerdicts(db, s, v.sent)],
  eventsAfter: ['nothing', (db, s) => tail.eventsAfter(db, s, FIRST, 10)],
  orderNos: ['nothing', (db, s, v) => tail.orderNos(db, s, [v.order])],
  noteEvents: ['nothing', (db, s, v) => noted.noteEvents(db, s, [{ name: NOTED, event: v.applied }])],
  notedUnder: ['nothing', (db, s) => noted.notedUnder(db, s, [NOTED], 10)],
  claimTodo: ['nothing', (db, s) => todo.claimTodo(db, s, 10)],
  claimTodoOne: ['nothing', (db, s, v) => todo.claimTodoOne(db, s, v.todo)],
  peekTodo: ['nothing', (db, s) => todo.peekTodo(db, s, 10)],
  readEvents: ['nothing', (db, s, v) => todo.readEvents(db, s, [v.applied])],
  setEventAside: ['nothing', (db, s, v) => todo.setEventAside(db, s, v.stuck, 'x', 1)],
  retryStuck: ['nothing', (db, s, v) => todo.retryStuck(db, s, [v.stuck], 1)],
  claimDueMessages: [
    'nothing',
    (db, s) => dueMessages.claimDueMessages(db, s, 'email', LATER, 10, '2026-01-01'),
  ],
  claimUrgentMessages: [
    'nothing',
    (db, s) => dueMessages.claimUrgentMessages(db, s, 'email', LATER, 10, '2026-01-01'),
  ],
  claimAgain: [
    'nothing',
    (db, s, v) => dueMessages.claimAgain(db, s, 'email', LATER, [v.waiting], '2026-01-01'),
  ],
  adoptMessages: [
    'nothing',
    (db, s, v) => dueMessages.adoptMessages(db, s, [{ id: v.waiting, survivor: FIRST as never }]),
  ],
  readCounters: ['nothing', (db, s, v) => slots.readCounters(db, s, [v.customer])],
  reserveSlots: [
    'its own',
    (db, s, v) => {
      const slot = { holder: v.customer, counter: 'reminders', taken: { [v.sent]: 2 }, most: 9, since: 0 }
      return slots.reserveSlots(db, s, [slot], 2)
    },
  ],
  releaseSlots: [
    'nothing',
    (db, s, v) =>
      slots.releaseSlots(db, s, [{ id: v.sent, order: v.order, holders: [v.customer, v.contact] }]),
  ],
  freeReserved: [
    'nothing',
    (db, s, v) => {
      const row = { id: v.sent, order_id: v.order, customer_id: v.customer, contact_id: v.contact }
      return reserved.freeReserved(db, s, [{ ...row, verdict: 'send@2026-12-01:' }])
    },
  ],
  readSwitches: ['its own', (db, s) => switches.readSwitches(db, s)],
  reserveCaps: [
    'its own',
    (db, s, v) => caps.reserveCaps(db, s, [{ customer: v.customer, day: '2026-12-01', n: 1 }], 3),
  ],
  readCaps: [
    'nothing',
    async (db, s, v) => Object.entries(await caps.readCaps(db, s, v.customer, '2026-11-01')),
  ],
  releaseCaps: [
    'nothing',
    (db, s, v) => caps.releaseCaps(db, s, [{ customer: v.customer, day: '2026-12-01', n: 1 }]),
  ],
  allowMessages: [
    'nothing',
    (db, s, v) =>
      verdicts.allowMessages(
        db,
        s,
        [{ id: v.waiting, verdict: 'send:', account: v.account, crashed: 0, state: 'claimed' }],
        '1:1:',
        1,
      ),
  ],
  holdMessages: [
    'nothing',
    (db, s, v) =>
      verdicts.holdMessages(db, s, [{ id: v.waiting, verdict: 'hold@9:x', until: 9, crashed: 1 }], 1),
  ],
  finishMessages: [
    'nothing',
    (db, s, v) =>
      verdicts.finishMessages(db, s, [{ id: v.waiting, state: 'dropped', verdict: 'drop:x', code: null }], 1),
  ],
  beginCalls: [
    'nothing',
    (db, s, v) => calls.beginCalls(db, s, [{ id: v.calling, fence: 1, body: bytes }], 1),
  ],
  giveBackClaims: ['nothing', (db, s, v) => calls.giveBackClaims(db, s, [{ id: v.calling, fence: 1 }], true)],
  heartbeat: ['nothing', (db, s, v) => calls.heartbeat(db, s, [{ id: v.calling, fence: 1 }], 1)],
}
