import * as accounts from '../../src/db/accounts.ts'
import * as audit from '../../src/db/audit.ts'
import * as comparison from '../../src/db/comparison.ts'
import * as connections from '../../src/db/connections.ts'
import * as contacts from '../../src/db/contacts.ts'
import * as failureCodes from '../../src/db/failure-codes.ts'
import * as flows from '../../src/db/flows.ts'
import * as inbox from '../../src/db/inbox.ts'
import * as installation from '../../src/db/installation.ts'
import * as intake from '../../src/db/intake.ts'
import * as shortCodes from '../../src/db/short-codes.ts'
import * as versions from '../../src/db/versions.ts'
import { accountRate } from '../../src/domain/delivery/rate.ts'
import type { ShopId } from '../../src/domain/ids.ts'
import { type Answer, type Attack, bytes, FIRST, LATER } from './attack.ts'
import { REVIEW } from './review-verbs.ts'
import type { Victim } from './victim.ts'
import { WORK } from './work-verbs.ts'

const TEN_A_SECOND = accountRate(10)

const attackersEvent = (s: ShopId, v: Victim): intake.EventToKeep => ({
  shop: s,
  connection: v.connection,
  id: v.applied,
  key: bytes,
  bodyHash: bytes,
  type: 'order.paid',
  trust: 'signed',
  occurredAt: 1,
  receivedAt: 1,
  body: bytes,
  paidRefs: [{ kind: 'order_no', value: 'V-1' }],
})

/** Every verb that belongs to one shop. */
export const ATTACKS: Readonly<Record<string, readonly [Answer, Attack]>> = {
  addAccount: [
    'its own',
    (db, s, v) =>
      accounts.addAccount(
        db,
        s,
        {
          id: v.account,
          channel: 'email',
          provider: 'x',
          name: 'x',
          settings: bytes,
          position: 1,
          rate_per_s: null,
          concurrency: 1,
        },
        1,
      ),
  ],
  flowSwitches: ['nothing', (db, s) => audit.flowSwitches(db, s)],
  flowHistory: ['nothing', (db, s) => flows.flowHistory(db, s)],
  listAccounts: ['nothing', (db, s) => accounts.listAccounts(db, s)],
  changeAccount: [
    'nothing',
    (db, s, v) =>
      accounts.changeAccount(db, s, {
        id: v.account,
        settings: bytes,
        name: 'x',
        position: 1,
        rate_per_s: null,
        concurrency: 1,
      }),
  ],
  removeAccount: ['nothing', (db, s, v) => accounts.removeAccount(db, s, v.account, bytes, 'x', 1)],
  waitingOn: ['its own', (db, s) => accounts.waitingOn(db, s, 'email')],
  setAccountState: ['nothing', (db, s, v) => accounts.setAccountState(db, s, v.account, 'paused', 'x', 1)],
  takeTokens: ['its own', (db, s, v) => accounts.takeTokens(db, s, v.account, TEN_A_SECOND, 5, LATER)],
  putTokensBack: ['nothing', (db, s, v) => accounts.putTokensBack(db, s, v.account, TEN_A_SECOND, 5)],
  releaseHeldMessages: [
    'nothing',
    (db, s, v) => accounts.releaseHeldMessages(db, s, { id: v.account, channel: 'email' }, 1),
  ],
  memberName: ['nothing', (db, s, v) => accounts.memberName(db, s, v.member)],
  readMember: ['nothing', (db, s, v) => accounts.readMember(db, s, v.member)],
  removeMember: ['nothing', (db, s, v) => accounts.removeMember(db, s, v.member, 1)],
  listMembers: ['nothing', (db, s) => accounts.listMembers(db, s)],
  addMember: [
    'its own',
    (db, s, v) => accounts.addMember(db, s, { id: v.member, name: 'x', roles: [], locale: 'en' }, 1),
  ],
  addMemberContact: [
    'its own',
    (db, s, v) =>
      accounts.addMemberContact(
        db,
        s,
        v.member,
        { id: v.contact, channel: 'email', index: v.contactIndex, address: bytes },
        1,
      ),
  ],
  listMemberContacts: ['nothing', (db, s) => accounts.listMemberContacts(db, s)],
  addAudit: [
    'its own',
    (db, s, v) =>
      audit.addAudit(db, s, {
        id: v.order as never,
        at: 1,
        actor: 'x',
        action: 'x',
        target: 'x',
        detail: {},
      }),
  ],
  listAudit: ['nothing', (db, s) => audit.listAudit(db, s, null, 10)],
  addConnection: [
    'its own',
    (db, s, v) =>
      connections.addConnection(db, s, {
        id: v.connection,
        source: 'x',
        name: 'x',
        path_hash: v.pathHash,
        settings: bytes,
        created_at: 1,
      }),
  ],
  findConnectionByPath: ['nothing', (db, s, v) => connections.findConnectionByPath(db, s, v.pathHash)],
  // Its own connection only: checked by the ids in the answer.
  listConnections: ['its own', (db, s) => connections.listConnections(db, s)],
  lockConnections: ['its own', (db, s) => connections.lockConnections(db, s)],
  everyConnection: ['its own', (db, s) => connections.everyConnection(db, s)],
  removeConnection: ['nothing', (db, s, v) => connections.removeConnection(db, s, v.connection, bytes, 1)],
  setConnectionEnabled: [
    'nothing',
    (db, s, v) => connections.setConnectionEnabled(db, s, v.connection, false),
  ],
  saveConnectionSettings: [
    'nothing',
    (db, s, v) => connections.saveConnectionSettings(db, s, v.connection, bytes),
  ],
  pauseAsks: ['nothing', (db, s, v) => connections.pauseAsks(db, s, v.connection, 'x', 1)],
  noteRelay: ['nothing', (db, s, v) => connections.noteRelay(db, s, v.connection, 'dns', 1)],
  addApiKey: [
    'its own',
    (db, s, v) =>
      connections.addApiKey(db, s, {
        id: v.applied as never,
        name: 'x',
        scopes: [],
        connection_id: v.connection,
        created_at: 1,
        hash: bytes,
      }),
  ],
  saveKeyScopes: ['nothing', (db, s, v) => connections.saveKeyScopes(db, s, v.key, ['orders:read'])],
  listApiKeys: ['nothing', (db, s) => connections.listApiKeys(db, s)],
  revokeApiKey: ['nothing', (db, s, v) => connections.revokeApiKey(db, s, v.key, 1)],
  keepContacts: [
    'its own',
    (db, s, v) =>
      contacts.keepContacts(
        db,
        s,
        [
          {
            id: v.contact,
            customer: v.customer,
            channel: 'email',
            index: v.contactIndex,
            address: bytes,
            verified: 'sender',
          },
        ],
        1,
      ),
  ],
  contactsOfCustomers: ['nothing', (db, s, v) => contacts.contactsOfCustomers(db, s, [v.customer])],
  readContacts: ['nothing', (db, s, v) => contacts.readContacts(db, s, [v.contact])],
  findContact: ['nothing', (db, s, v) => contacts.findContact(db, s, 'email', v.contactIndex)],
  setContactState: [
    'nothing',
    (db, s, v) => contacts.setContactState(db, s, v.contact, 'suppressed', 'x', 1),
  ],
  saveCustomers: [
    'its own',
    (db, s, v) =>
      contacts.saveCustomers(
        db,
        s,
        [{ id: v.customer, profile: bytes, locale: null, timeZone: null, segment: null }],
        1,
      ),
  ],
  readCustomers: ['nothing', (db, s, v) => contacts.readCustomers(db, s, [v.customer])],
  survivorsOf: ['nothing', (db, s, v) => contacts.survivorsOf(db, s, [v.customer])],
  mergeCustomers: ['nothing', (db, s, v) => contacts.mergeCustomers(db, s, FIRST as never, [v.customer])],
  adoptContacts: ['nothing', (db, s, v) => contacts.adoptContacts(db, s, FIRST as never, v.customer)],
  savePreferences: [
    'nothing',
    (db, s, v) => contacts.savePreferences(db, s, v.customer, { off: ['everything'] }),
  ],
  listOverrides: ['nothing', (db, s) => failureCodes.listOverrides(db, s)],
  putOverride: [
    'its own',
    (db, s) =>
      failureCodes.putOverride(db, s, {
        rail: 'mygate',
        code: 'E42',
        class: 'other',
        advice: 'NEVER',
        set_by: 'x',
        set_at: 1,
      }),
  ],
  dropOverride: ['nothing', (db, s) => failureCodes.dropOverride(db, s, 'mygate', 'E42')],
  countUnknownCodes: [
    'its own',
    (db, s) =>
      failureCodes.countUnknownCodes(db, s, [
        { rail: 'mygate', code: 'E43', seen: 1, first_at: 1, last_at: 1 },
      ]),
  ],
  listUnknownCodes: ['nothing', (db, s) => failureCodes.listUnknownCodes(db, s, 10)],
  listFlows: ['nothing', (db, s) => flows.listFlows(db, s)],
  readFlowVersions: ['nothing', (db, s) => flows.readFlowVersions(db, s, [{ key: 'remind', version: 1 }])],
  publishFlows: ['its own', (db, s) => flows.publishFlows(db, s, [{ key: 'remind', hash: bytes }], 'x', 1)],
  changeFlow: ['nothing', (db, s) => flows.changeFlow(db, s, 'remind', { killed: true }, 1)],
  // The attacker has the same test template: its own row.
  keepShortCodes: [
    'its own',
    (db, s, v) => shortCodes.keepShortCodes(db, s, [{ order: v.order, salt: 0, index: bytes, expiresAt: 9 }]),
  ],
  findShortCode: ['nothing', (db, s, v) => shortCodes.findShortCode(db, s, v.codeHash, 1)],
  takeShortCodeTry: ['its own', (db, s) => shortCodes.takeShortCodeTry(db, s, bytes, 10, 1)],
  giveShortCodeTryBack: ['nothing', (db, s, v) => shortCodes.giveShortCodeTryBack(db, s, v.codeHash)],
  forgetShortCodes: ['nothing', (db, s) => shortCodes.forgetShortCodes(db, s, LATER * 3)],
  listTemplates: ['its own', (db, s) => flows.listTemplates(db, s)],
  publishTemplates: [
    'its own',
    (db, s) => flows.publishTemplates(db, s, [{ key: 'hello', hash: bytes }], 'x', 1),
  ],
  countArms: ['nothing', (db, s) => comparison.countArms(db, s, 'remind', null, 0)],
  listVersions: ['nothing', (db, s) => versions.listVersions(db, s, 'flow', 'remind', null, 10)],
  listShipped: ['nothing', (db, s) => versions.listShipped(db, s, 'flow')],
  versionBefore: ['nothing', (db, s) => versions.versionBefore(db, s, 'flow', 'remind')],
  addInboxItem: ['nothing', (db, s, v) => inbox.addInboxItem(db, s, v.waiting, bytes, 1)],
  listInbox: ['nothing', (db, s, v) => inbox.listInbox(db, s, v.contact, null, 10)],
  markInboxItem: ['nothing', (db, s, v) => inbox.markInboxItem(db, s, v.contact, v.sent, { read: true }, 1)],
  countUnread: ['nothing', (db, s, v) => inbox.countUnread(db, s, v.contact)],
  connectionOfSource: ['its own', (db, s) => installation.connectionOfSource(db, s, 'dingdong')],
  keepEvents: ['its own', (db, s, v) => intake.keepEvents(db, [attackersEvent(s, v)])],
  keepEventsWithin: ['its own', (db, s, v) => intake.keepEventsWithin(db, [attackersEvent(s, v)])],
  keepRefusal: [
    'nothing',
    (db, s, v) =>
      intake.keepRefusal(db, s, {
        id: v.applied,
        connection: v.connection,
        at: 1,
        why: 'x',
        remoteAddress: 'x',
        bodyBytes: 1,
      } as never),
  ],
  ...REVIEW,
  ...WORK,
}

/** Verbs that belong to no single shop, with the reason. */
export const NO_SHOP: Readonly<Record<string, string>> = {
  findApiKey: 'a request brings only its key, which decides the shop; the hash cannot be guessed',
  keepPresets: 'texts are kept by the hash of their content for all shops',
  keepDefinitions: 'texts are kept by the hash of their content for all shops',
  readDefinitions: 'texts are kept by the hash of their content for all shops',
  createShop: 'makes the shop',
  findShop: 'finds the shop by its slug, for the command line and the log-in',
  listShops: 'for the command line and upkeep',
  ensureInstallation: 'the installation',
  readInstallation: 'the installation',
  setAllKilled: 'the installation',
  saveAdminSecretHash: 'the installation',
  saveLastBackup: 'the installation',
  shopsWithTodo: 'the sweep: which shops have due work, nothing else',
  shopsWithDueRuns: 'the sweep: which shops have due work, nothing else',
  shopsWithDueReviews: 'the sweep: which shops have due work, nothing else',
  shopsWithDueMessages: 'the sweep: which shops have due work, nothing else',
  connectionsWithDueInquiries: 'the sweep: which connections have due work, nothing else',
  readLag: 'metrics: how late the latest is',
  readStopped: 'doctor, start and metrics: which kill switches are on',
  newestKeys: 'upkeep: numbers of keys, not keys',
  forgetOld: 'upkeep: walks the shops one by one',
  probeWrite: 'health: writes no table',
}
