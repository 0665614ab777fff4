import type { AccountRow } from '../db/accounts.ts'
import { releaseCaps } from '../db/caps.ts'
import { type Db, type Tx, transaction } from '../db/connect.ts'
import type { DueMessage } from '../db/due-messages.ts'
import { readSwitches, type Switches } from '../db/switches.ts'
import { allowMessages, type Finished, finishMessages, type Held, holdMessages } from '../db/verdicts.ts'
import { gate } from '../domain/gate/gate.ts'
import { encodeMoment } from '../domain/gate/moment.ts'
import { hash32, releaseAt } from '../domain/gate/release-jitter.ts'
import {
  decodeVerdict,
  encodeVerdict,
  personDay,
  type ReasonCode,
  type Verdict,
} from '../domain/gate/verdict.ts'
import { type AccountId, idInstant, type MessageId, type ShopId } from '../domain/ids.ts'
import type { Channel } from '../domain/message.ts'
import { type Clock, type Instant, MINUTE, type Millis } from '../domain/time.ts'
import { type CapCounters, newestOrderFirst, openCounters } from './cap-counters.ts'
import { type CapUses, count, listed, takeDays } from './cap-days.ts'
import { claimDue } from './claim-due.ts'
import { type Bench, questionOf, usedByDay } from './gate-input.ts'
import { type Grants, openGrants } from './grants.ts'
import type { LawDesk } from './law-desk.ts'
import { findRoads, type Road, type RoadDeps } from './roads.ts'
import { mostUrgentFirst, type Queues, type Room, roomIn } from './room.ts'
import type { ShopConfig, ShopConfigs } from './shop-config.ts'

/** A worker holds a claim at most so long without a heartbeat. */
export const LEASE: Millis = 45_000
/** A message whose claim broke off so often is set aside: it may be what breaks the worker. */
const MAX_CRASHES = 3
/** Releases of many messages at one instant are spread over this. */
export const RELEASE_SPREAD: Millis = 5 * MINUTE

export interface GateDeps extends RoadDeps {
  readonly db: Db
  readonly configs: ShopConfigs
  readonly clock: Clock
  /** What a second handing-over through this account would do; decides what becomes of broken-off calls. */
  readonly repeatOf: (account: AccountRow) => 'harmless' | 'visible'
  readonly desk: LawDesk
  readonly queues: Queues
  /** How long a claim holds without a heartbeat; default `LEASE`. */
  readonly lease?: Millis
}

export interface GateOptions {
  /** How many sends an account can make within a turn; `null`: no account that works. */
  readonly wanted: (account: AccountRow | null) => number
  /** Whether this turn may take a message up that the next crash would set aside; one turn at a time may. */
  readonly suspects: boolean
}

/** A message that may go now: claimed by us until its lease runs out. */
export interface Allowed {
  readonly message: DueMessage
  readonly account: AccountRow
  readonly fence: number
  /** A call broke off and a repeat would be seen: ask the provider what became of it, do not send. */
  readonly ask: boolean
  /** Local day of the cap slot it holds. */
  readonly capDay: string | null
  /** Whether it holds slots of the shop's own caps. */
  readonly slots: boolean
}

export interface Gated {
  readonly allowed: readonly Allowed[]
  readonly config: ShopConfig
  readonly gatedAt: Instant
  readonly taken: number
  readonly held: number
  readonly finished: readonly Finished[]
  readonly takeovers: number
  /** Rate-limited: nothing more before this. */
  readonly retryIn: Millis
}

/**
 * The only door to a provider. In one transaction: locks due messages with everything their verdict depends on,
 * judges each, reserves caps, claims those that may go, puts back or ends the rest.
 */
export async function passGate(
  deps: GateDeps,
  shop: ShopId,
  channel: Channel,
  { wanted, suspects }: GateOptions,
): Promise<Gated | null> {
  const known = await deps.configs.get(shop)
  const opened = known.accounts.get(channel) ?? []
  const grants = await openGrants(deps.db, shop, opened, wanted, deps.clock.now())
  if (grants.limit === 0) return { ...empty(known, deps.clock.now()), retryIn: grants.retryIn }
  let gated: Gated | null = null
  try {
    gated = await judgeDue(deps, shop, channel, grants, { wanted, suspects })
  } finally {
    await grants.close(sentBy(gated?.allowed ?? []))
  }
  return gated
}

function judgeDue(
  deps: GateDeps,
  shop: ShopId,
  channel: Channel,
  grants: Grants,
  { wanted, suspects }: GateOptions,
): Promise<Gated | null> {
  return transaction(deps.db, async (tx) => {
    const now = deps.clock.now()
    const queue = `${shop}:${channel}`
    const turn = { limit: grants.limit, urgent: grants.scarce || deps.queues.urgentNext(queue) }
    const [switches, due] = await Promise.all([
      readSwitches(tx, shop),
      claimDue(tx, shop, channel, now, turn),
    ])
    const crowded = deps.queues.note(queue, due.length, grants.limit)
    const chosen = apart(due, suspects)
    if (chosen.length === 0) return null
    const config = await deps.configs.get(shop, switches.config_version)
    const accounts = config.accounts.get(channel) ?? []
    const roadOf = await findRoads(deps, tx, shop, accounts, chosen)
    const counters = await openCounters(tx, shop, config.settings, channel, chosen, now)
    const room = roomIn({ queues: deps.queues, config, grants, crowded, wanted, now })
    const urgent = grants.divided || turn.urgent ? mostUrgentFirst(config, chosen) : chosen
    const inTurn = newestOrderFirst(channel, urgent)
    const court = { config, switches, channel, accounts, roadOf, counters, room, due: inTurn, now }
    const judged = judge(deps, court)
    const gated = await commit(tx, shop, config, judged, chosen, counters, now, deps.lease ?? LEASE)
    return judged.left.length > 0 ? { ...gated, retryIn: grants.retryIn } : gated
  })
}

/** Sends by account; who only asks what became of a call uses none. */
function sentBy(allowed: readonly Allowed[]): ReadonlyMap<AccountId, number> {
  const sent = new Map<AccountId, number>()
  for (const { account, ask } of allowed) if (!ask) sent.set(account.id, (sent.get(account.id) ?? 0) + 1)
  return sent
}

/**
 * A crash counts for everything the worker had in hand. What the next one would set aside is therefore taken up
 * alone, so that the message that breaks workers takes no others along. What is left out stays due.
 */
function apart(due: readonly DueMessage[], suspects: boolean): readonly DueMessage[] {
  const isSuspect = (message: DueMessage) => crashesOf(message) === MAX_CRASHES - 1
  const first = due.find(isSuspect)
  if (first === undefined) return due
  const others = due.filter((message) => !isSuspect(message))
  return others.length > 0 || !suspects ? others : [first]
}

const crashesOf = (message: DueMessage) => message.crashes + (message.state === 'waiting' ? 0 : 1)

const empty = (config: ShopConfig, gatedAt: Instant): Gated => ({
  allowed: [],
  config,
  gatedAt,
  taken: 0,
  held: 0,
  finished: [],
  takeovers: 0,
  retryIn: 0,
})

const accountOf = (config: ShopConfig, channel: Channel, id: AccountRow['id'] | null) =>
  config.accounts.get(channel)?.find((account) => account.id === id)

interface Judged {
  readonly go: { message: DueMessage; account: AccountRow; verdict: Verdict; line: string; ask: boolean }[]
  readonly held: Held[]
  readonly finished: Finished[]
  /** Its account has no room in this turn: it stays as it is, and due. */
  readonly left: MessageId[]
  readonly reserve: CapUses
  readonly release: CapUses
}

interface Court extends Bench {
  readonly roadOf: (message: DueMessage) => Road
  readonly counters: CapCounters
  readonly room: Room
  readonly due: readonly DueMessage[]
  readonly now: Instant
}

function judge(deps: GateDeps, court: Court): Judged {
  const { config, switches, channel, roadOf, counters, room, due, now } = court
  const judged: Judged = {
    go: [],
    held: [],
    finished: [],
    left: [],
    reserve: new Map(),
    release: new Map(),
  }
  for (const message of due) {
    const road = roadOf(message)
    const { account } = road
    const crashed = message.state === 'waiting' ? 0 : 1
    if (crashesOf(message) >= MAX_CRASHES) {
      judged.finished.push(finished(message, 'poison', message.work_verdict ?? 'drop:', 'crashes'))
      continue
    }
    if (mayHaveLeft(deps, switches, account, message)) {
      judged.finished.push(finished(message, 'unknown', message.work_verdict ?? 'drop:', 'restored'))
      continue
    }
    // Only the account through which the call was made can tell what became of it.
    const caller = accountOf(config, channel, message.account_id) ?? account
    if (message.state === 'calling' && caller && deps.repeatOf(caller) === 'visible') {
      const verdict = decodeVerdict(message.work_verdict ?? '') ?? { kind: 'send', reasons: [], capDay: null }
      const line = message.work_verdict ?? 'send:'
      judged.go.push({ message, account: caller, verdict, line, ask: true })
      continue
    }
    const before = reservedDay(message)
    if (message.withdrawn !== null) {
      if (before !== null && message.lost === 0) count(judged.release, message.customer_id, before)
      judged.finished.push(finished(message, 'dropped', message.withdrawn, null))
      continue
    }
    const used = usedByDay(message, judged.reserve.get(message.customer_id!), before)
    const counted = { used, counters: counters.read(message), told: counters.told(message) }
    const { moment, facts, input } = questionOf(deps.desk, court, message, road, counted, now)
    const said = gate(input)
    const free = said.kind === 'send' ? room(account!, message) : 'now'
    if (free === 'left') {
      judged.left.push(message.id)
      continue
    }
    const verdict: Verdict = free === 'now' ? said : { kind: 'hold', reasons: ['account_busy'], until: free }
    // That an account is busy is no rule of the gate: it is not decided again from the record.
    const line = encodeVerdict(verdict, free === 'now' ? encodeMoment(moment, config.policy, facts) : '')
    const day = verdict.kind === 'send' ? verdict.capDay : null
    // Of a call whose end nobody knows nobody can say that it did not arrive.
    const mayHaveArrived = message.lost > 0 && verdict.kind === 'drop'
    if (before !== null && before !== day && !mayHaveArrived)
      count(judged.release, message.customer_id, before)
    switch (verdict.kind) {
      case 'send':
        if (day !== null && before !== day) count(judged.reserve, message.customer_id, day)
        counters.take(message, [input.timeZone, input.shopTimeZone], now)
        judged.go.push({ message, account: account!, verdict, line, ask: false })
        break
      case 'hold': {
        const until =
          free === 'now' ? releaseAt(input, verdict, hash32(message.id), RELEASE_SPREAD) : verdict.until
        judged.held.push({ id: message.id, verdict: line, until, crashed })
        break
      }
      case 'drop':
        judged.finished.push(finished(message, 'dropped', line, null))
    }
  }
  return judged
}

/**
 * The database was restored from a backup, and this was due before: the system that was backed up may have sent it.
 * Where a receiver drops repeats by their id it goes, under the id it had then; elsewhere it is at most once.
 */
function mayHaveLeft(
  deps: GateDeps,
  { restored_at }: Switches,
  account: AccountRow | null,
  message: DueMessage,
): boolean {
  if (restored_at === null || account === null || deps.repeatOf(account) === 'harmless') return false
  if (message.due_at <= restored_at) return true
  // Planned only now, by a timer or event of that time.
  return message.created_at > restored_at && idInstant(message.id) <= restored_at
}

/** A call whose end nobody knows may have been received: a message that is then dropped is not "not sent", it is unknown. */
function finished(
  message: DueMessage,
  state: Finished['state'],
  verdict: string,
  code: string | null,
): Finished {
  const lost = message.lost > 0 && state === 'dropped'
  return { id: message.id, state: lost ? 'unknown' : state, verdict, code }
}

/** The local day whose slot this message has reserved already, at an earlier gate. */
function reservedDay(message: DueMessage): string | null {
  const verdict = message.work_verdict === null ? null : decodeVerdict(message.work_verdict)
  return verdict?.kind === 'send' ? verdict.capDay : null
}

async function commit(
  tx: Tx,
  shop: ShopId,
  config: ShopConfig,
  judged: Judged,
  due: readonly DueMessage[],
  counters: CapCounters,
  now: Instant,
  lease: Millis,
): Promise<Gated> {
  const late = await takeSlots(tx, shop, judged, counters, config.settings.capPerDay)
  const go = judged.go.filter((each) => !late.has(each.message.id))
  // Somebody else took the last slot between our reading and our reserving: looked at again at once.
  const retry = judged.go.flatMap(({ message }) => {
    const because = late.get(message.id)
    if (because === undefined) return []
    return [{ id: message.id, verdict: `hold@0:${because}`, until: message.due_at, crashed: 0 as const }]
  })
  const held = [...judged.held, ...retry]
  const snapshot = due[0]!.snapshot
  await Promise.all([
    allowMessages(
      tx,
      shop,
      go.map(({ message, account, line, ask }) => ({
        id: message.id,
        verdict: line,
        account: account.id,
        crashed: message.state === 'waiting' ? 0 : 1,
        // Who only asks must not forget that a call broke off: should we die asking, the next one asks again.
        state: ask ? ('calling' as const) : ('claimed' as const),
      })),
      snapshot,
      lease,
    ),
    holdMessages(tx, shop, held, now),
    finishMessages(tx, shop, judged.finished, now),
    releaseCaps(tx, shop, listed(judged.release)),
  ])
  return {
    allowed: go.map(({ message, account, verdict, ask }) => ({
      message,
      account,
      ask,
      fence: message.fence + 1,
      capDay: verdict.kind === 'send' ? verdict.capDay : null,
      slots: counters.holds(message),
    })),
    config,
    gatedAt: now,
    taken: due.length - judged.left.length,
    held: held.length,
    finished: judged.finished,
    takeovers: due.filter((message) => message.state !== 'waiting').length,
    retryIn: 0,
  }
}

/**
 * Reserves the day's slots and those of the shop's own caps. Gives the messages for which there was none left after
 * all, with the reason; whatever else they had got is given back.
 */
async function takeSlots(
  tx: Tx,
  shop: ShopId,
  judged: Judged,
  counters: CapCounters,
  perDay: number,
): Promise<ReadonlyMap<MessageId, ReasonCode>> {
  const late = new Map<MessageId, ReasonCode>()
  const full = await takeDays(tx, shop, judged.reserve, perDay)
  for (const each of judged.go) if (loses(each, full)) late.set(each.message.id, 'cap_reached')
  // Asked about, or of unknown outcome: they may have arrived, so that their slots stay taken. So do those of what is
  // not touched in this turn.
  const keep = new Set([
    ...judged.go.flatMap(({ message, ask }) => (ask ? [message.id] : [])),
    ...judged.finished.flatMap(({ id, state }) => (state === 'dropped' ? [] : [id])),
    ...judged.left,
  ])
  for (const [id, because] of await counters.commit(tx, keep, late)) late.set(id, because)
  for (const { message, verdict } of judged.go) {
    const because = late.get(message.id)
    if (
      because !== undefined &&
      because !== 'cap_reached' &&
      verdict.kind === 'send' &&
      verdict.capDay !== null
    )
      count(judged.release, message.customer_id, verdict.capDay)
  }
  return late
}

function loses({ ask, verdict, message }: Judged['go'][number], lost: ReadonlySet<string>): boolean {
  const { customer_id: customer } = message
  if (ask || customer === null || verdict.kind !== 'send' || verdict.capDay === null) return false
  const day = verdict.capDay
  return reservedDay(message) !== day && lost.has(personDay({ customer, day }))
}
