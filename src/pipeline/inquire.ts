import { putTokensBack, takeTokens } from '../db/accounts.ts'
import { transaction } from '../db/connect.ts'
import { pauseAsks } from '../db/connections.ts'
import { claimInquiries, type InquiryRow, settleInquiry, WAITS, WORD } from '../db/inquiries.ts'
import { orderNames, readOrderRows } from '../db/orders.ts'
import { bumpConfig } from '../db/shops.ts'
import { readSwitches } from '../db/switches.ts'
import type { Rate } from '../domain/delivery/rate.ts'
import { TOLD_WITHIN, TRIED_WITHIN } from '../domain/healing/clocks.ts'
import type { HealMove } from '../domain/healing/platform.ts'
import type { AccountId, ConnectionId, ShopId } from '../domain/ids.ts'
import type { DoneReason } from '../domain/inquiry/asked.ts'
import type { OrderFacts } from '../domain/order/facts.ts'
import { viewOrder } from '../domain/order/view.ts'
import { DAY, HOUR, type Instant, MINUTE, type Millis } from '../domain/time.ts'
import { askSource, PAID_TWICE } from './ask-source.ts'
import type { AskedConnection } from './asked-connections.ts'
import { readTriesOf } from './card-tries.ts'
import { concludeFailed, tellHealing } from './conclude.ts'
import { canAskShop, failureOf } from './failures.ts'
import {
  type Case,
  type CaseMove,
  INQUIRY_LEASE,
  type InquireDeps,
  moveOf,
  withAnswer,
  withRow,
} from './inquiry-case.ts'
import type { Turn } from './lane.ts'
import { tryPayment } from './retry-payment.ts'
import type { ShopConfig } from './shop-config.ts'

/** Questions one after the other within a claim, for each that may run at once. */
const ROUNDS = 3
/** Rows that nobody can be asked about are only put off: many at a time. */
const MANY = 200
const PUT_OFF: Millis = HOUR
/** After so long, what was to be known has been told. */
const GIVE_UP: Millis = 7 * DAY
/** More takeovers than that mean that the row ends whoever works on it. */
const MOST_CLAIMS = 200
/** Ask, conclude, ask; ask, try, command. More in one go is a circle, and the row is looked at again later. */
const MOVES_A_TURN = 6

interface Scene {
  readonly deps: InquireDeps
  readonly shop: ShopId
  readonly asked: AskedConnection | null
  /** The connection was removed: nobody will be asked there again. */
  readonly gone: boolean
  readonly config: ShopConfig
  /** A kill switch is on: what is planned now is dropped. */
  readonly silent: boolean
}

/**
 * Asks what is due through one connection, and does what follows from the answers. Nothing is locked while the other
 * side thinks: a row is held by lease and fence, and what an answer says is kept as events like any other. `onAsk` is
 * called when from now on mostly the other side is waited for.
 */
export async function inquire(
  deps: InquireDeps,
  shop: ShopId,
  connection: ConnectionId,
  onAsk: () => void = () => {},
): Promise<Turn & { readonly did: number }> {
  const { db, clock } = deps
  const switches = await readSwitches(db, shop)
  const config = await deps.configs.get(shop, switches.config_version)
  const asked = config.asked.find(({ id }) => id === connection) ?? null
  const granted = asked ? await tokensFor(deps, shop, asked) : { granted: MANY, retryIn: 0 }
  if (granted.granted === 0) return { did: 0, more: false, retryIn: granted.retryIn }
  const rows = await claimInquiries(db, shop, connection, clock.now(), granted.granted, INQUIRY_LEASE)
  if (asked) await putTokensBack(db, shop, bucketOf(asked), rateOf(asked), granted.granted - rows.length)
  const silent = switches.killed || switches.all_killed
  const gone = !config.connections.has(connection)
  const scene: Scene = { deps, shop, asked, gone, config, silent }
  const queue = [...rows]
  if (asked && rows.length > 0) onAsk()
  const hand = async () => {
    for (let row = queue.shift(); row; row = queue.shift()) await workOn(scene, row)
  }
  await Promise.all(Array.from({ length: asked?.rules.atOnce ?? 1 }, hand))
  return { did: rows.length, more: rows.length === granted.granted, retryIn: granted.retryIn }
}

/** The connection's bucket is shared by all processes, as an account's is. */
function tokensFor({ db, clock }: InquireDeps, shop: ShopId, asked: AskedConnection) {
  return takeTokens(db, shop, bucketOf(asked), rateOf(asked), asked.rules.atOnce * ROUNDS, clock.now())
}

/** What is asked for late may be asked at once: the limit is ours, far below what the rails bear. */
const rateOf = ({ rules: { perSecond } }: AskedConnection): Rate => ({ perSecond, savedUp: perSecond })

const bucketOf = ({ id }: AskedConnection) => id as string as AccountId

async function workOn(scene: Scene, row: InquiryRow): Promise<void> {
  const { deps, shop } = scene
  try {
    const opened = await openCase(scene, row)
    const after = opened && (await advance(scene, opened))
    if (after === null) return
    if (!(await settleInquiry(deps.db, shop, after.row, after.log))) deps.metrics.lostInquiries.inc()
  } catch (error) {
    // The lease runs out and somebody takes it up again: asking twice does no harm, and a try is written down.
    const about = { err: error, shop, order: row.order_id, kind: row.kind }
    deps.log.warn(about, 'an inquiry broke off; it is taken up again')
  }
}

/** The order as it stands, with its names. `null` when its row is gone: merged meanwhile, and its inquiry with it. */
async function openCase({ deps, shop, asked, config }: Scene, row: InquiryRow): Promise<Case | null> {
  const [[order], names, vault] = await Promise.all([
    readOrderRows(deps.db, shop, [row.order_id]),
    orderNames(deps.db, shop, row.order_id),
    deps.keyring.open(shop),
  ])
  if (!order) return null
  const place = { shop, column: 'orders.facts', row: order.id }
  const facts = JSON.parse(vault.sealer.openText(order.facts, place)) as OrderFacts
  const view = viewOrder(facts)
  const refs = names.map(({ kind, value }) => ({ kind, value }))
  const token = row.kind === 'platform' ? (failureOf(facts, row.payment ?? '')?.card ?? null) : null
  const triesOn = await readTriesOf(deps.db, shop, vault, token === null ? [] : [token])
  return {
    shop,
    row,
    asked,
    facts,
    view,
    paid: view.paidAt !== null || names.some(({ paid_at }) => paid_at !== null),
    refs: refs.toSorted((a, b) => Number(b.kind === 'order_no') - Number(a.kind === 'order_no')),
    canAskShop: canAskShop(config),
    retrying: { rules: deps.retries(config), ...config.settings.retries },
    configVersion: config.version,
    onCard: triesOn(token),
    log: [],
  }
}

/** Does one thing after the other until the next has its time later. `null`: the row is not ours any more. */
async function advance(scene: Scene, opened: Case): Promise<Case | null> {
  const { deps } = scene
  let one = withRow(opened, { outcome: null })
  for (let moves = 0; moves < MOVES_A_TURN; moves++) {
    const now = deps.clock.now()
    const said = moves === 0 && opened.row.outcome === WORD
    const move = opened.row.fence > MOST_CLAIMS ? broken(one) : moveFor(one, now, said)
    switch (move.kind) {
      case 'done':
        return end(one, move.why, now)
      case 'healed':
        // The good news says that the buyer was charged once.
        if (one.log.some(([, , code]) => code === PAID_TWICE)) return paidTwice(deps, one, now)
        await tellHealing(deps, one, 'payment.healed', now)
        return end(one, 'healed', now)
      case 'not_healed': {
        const told = await tellNotHealed(scene, one, move, now)
        if (!move.asksOn || told.row.concluded_at === null) return told
        one = told
        break
      }
      case 'conclude': {
        const code = await concludeFailed(deps, one, now)
        one = withRow(one, { concluded_at: now }, [now, 'concluded', code])
        break
      }
      case 'retry': {
        const tried = await tryPayment(deps, one, move.by)
        if (tried === 'lost') return null
        if ('reminded' in tried) return tellNotHealed(scene, one, REMINDED, now)
        if ('putOff' in tried) {
          const tooLate = one.row.started_at + TRIED_WITHIN
          return withRow(one, { due_at: Math.min(now + tried.putOff, tooLate) })
        }
        one = tried
        // Written down before anybody else is asked to try: the next look is at what the database knows.
        if (one.row.act_outcome === 'refused') return withRow(one, { due_at: now })
        if (one.row.act_outcome === 'operator') await pause(scene, one.row.act_code ?? 'refused')
        break
      }
      case 'ask': {
        // A word that somebody paid brings a question forward; the times of healing are kept as they are.
        const hurried = moves === 0 && one.row.kind === 'unpaid'
        if (move.at > now && !hurried && !scene.gone) return withRow(one, { due_at: move.at })
        if (!scene.asked) return withoutConnection(scene, one, opened.row, now)
        const heard = await askSource(deps, one, scene.asked)
        if (heard.kind === 'operator') {
          await pause(scene, heard.code)
          return waits(one, opened.row, deps.clock.now(), heard.code)
        }
        one = withAnswer(one, heard.asked, heard.code)
      }
    }
  }
  return withRow(one, { due_at: deps.clock.now() + MINUTE })
}

/** A word may be about a payment that nobody has told of: it is asked about, though the clock wants to know no more. */
function moveFor(one: Case, now: Instant, said: boolean): CaseMove {
  const move = moveOf(one, now)
  return said && move.kind === 'done' && ASKED_OUT.has(move.why) ? { kind: 'ask', at: now } : move
}

const ASKED_OUT: ReadonlySet<DoneReason> = new Set(['asked', 'failed', 'stranger', 'no_answer'])

function paidTwice({ log }: InquireDeps, one: Case, now: Instant): Case {
  log.warn({ shop: one.shop, order: one.row.order_id }, 'more than one payment of an order came through')
  return end(one, 'paid', now, PAID_TWICE)
}

type NotHealed = Extract<HealMove, { readonly kind: 'not_healed' }>

const REMINDED: NotHealed = { kind: 'not_healed', why: 'reminded', asksOn: false }

/**
 * The reminders' turn. While a kill switch is on what they plan is dropped, so the time that a ladder waits anyway is
 * used for the switch to be released.
 */
async function tellNotHealed(
  { deps, silent }: Scene,
  one: Case,
  { why, asksOn }: NotHealed,
  now: Instant,
): Promise<Case> {
  const tell = one.row.started_at + TOLD_WITHIN
  if (silent && now < tell) return withRow(one, { due_at: Math.min(now + MINUTE, tell) })
  await tellHealing(deps, one, 'payment.heal_failed', now)
  return asksOn
    ? withRow(one, { concluded_at: now }, [now, 'gave_up', why])
    : end(one, 'not_healed', now, why)
}

const broken = ({ row }: Case) =>
  row.kind === 'platform' && row.concluded_at === null
    ? ({ kind: 'not_healed', why: 'broken', asksOn: false } as const)
    : ({ kind: 'done', why: 'no_answer' } as const)

const end = (one: Case, outcome: string, now: Instant, code: string | null = null): Case =>
  withRow(one, { due_at: null, outcome }, [now, 'ended', code ?? outcome])

const waits = (one: Case, before: InquiryRow, now: Instant, code: string): Case =>
  withRow(
    one,
    { due_at: now + PUT_OFF, outcome: WAITS },
    ...(before.outcome === WAITS ? [] : [entry(now, code)]),
  )
const entry = (now: Instant, code: string) => [now, 'operator', code] as const

const GONE = 'connection_removed'

/**
 * Nobody can be asked. A healing that has not begun its try ends, so that the buyer hears; the rest waits. Through a
 * connection that is gone nothing waits: a try that was begun has the time that the ladder gives it.
 */
async function withoutConnection(scene: Scene, one: Case, row: InquiryRow, now: Instant): Promise<Case> {
  const { gone } = scene
  const over = gone || now > row.started_at + GIVE_UP
  if (row.kind === 'platform' && !one.paid && row.concluded_at === null && (over || row.act_at === null)) {
    const tell = row.started_at + TOLD_WITHIN
    if (gone && row.act_at !== null && now < tell) return withRow(one, { due_at: tell })
    return tellNotHealed(
      scene,
      one,
      { kind: 'not_healed', why: gone ? GONE : 'operator', asksOn: false },
      now,
    )
  }
  return over ? end(one, 'no_answer', now, gone ? GONE : null) : waits(one, row, now, 'connection_off')
}

/** Only a person can set it right: until then nothing more is asked there. */
async function pause({ deps, shop, asked }: Scene, why: string): Promise<void> {
  if (!asked) return
  await transaction(deps.db, async (tx) => {
    if (await pauseAsks(tx, shop, asked.id, why.slice(0, 200), deps.clock.now())) await bumpConfig(tx, shop)
  })
  deps.log.warn({ shop, connection: asked.id, why }, 'questions through a connection wait for a person')
}
