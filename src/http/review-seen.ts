import * as z from 'zod'
import { listMembers, type MemberRow, memberName } from '../db/accounts.ts'
import { listApiKeys } from '../db/connections.ts'
import { readContacts } from '../db/contacts.ts'
import { readOrderRows } from '../db/orders.ts'
import type { ReviewRow } from '../db/reviews.ts'
import { Fault } from '../domain/errors.ts'
import { roleText } from '../domain/flow/role-texts.ts'
import { formatId, parseId, type ShopId } from '../domain/ids.ts'
import { maskName } from '../domain/mask.ts'
import { ORDER_STATUSES, type OrderView } from '../domain/order/view.ts'
import type { Evidence } from '../domain/review/judge.ts'
import { rolesOfOthers } from '../domain/review/life.ts'
import {
  decidedWords,
  effectWords,
  furtherRoles,
  turnWords,
  whoWords,
  withSince,
} from '../domain/review/turn.ts'
import { clockText, historyOf, type Language, whatMatched, zoneText } from '../domain/review/words.ts'
import { otherOrders } from '../pipeline/other-orders.ts'
import { holdingBeside, staffedRoles } from '../pipeline/review-events.ts'
import { type ReviewedOrder, reviewedOrder } from '../pipeline/reviewed-order.ts'
import { changeReview, type Decided, type ReviewChange } from '../pipeline/settle-review.ts'
import type { Caller } from './auth.ts'
import type { HttpDeps } from './deps.ts'
import { maskedContacts } from './order-seen.ts'

const at = z.int().describe('Epoch milliseconds')
const words = z.object({ zh: z.string(), en: z.string() })

export const reviewShape = z
  .object({
    review: z.string(),
    order: z.string(),
    no: z.string().nullable(),
    status: z.string().describe('Of the order'),
    total: z.object({ minor: z.int(), currency: z.string() }).nullable(),
    rule: z.string(),
    title: words,
    what: words.describe('What matched, with its numbers'),
    action: z.enum(['flag', 'hold']),
    severity: z.enum(['low', 'medium', 'high']),
    state: z.enum(['open', 'escalated', 'approved', 'rejected', 'expired']),
    roles: z.array(z.string()).describe('Who may decide, in the order in which they are told'),
    tell: z.string().describe('Whose turn it is'),
    iteration: z.int(),
    escalations: z.int(),
    openedAt: at,
    dueAt: at.nullable().describe('When it goes to the next role'),
    decidedAt: at.nullable(),
    decidedBy: z
      .string()
      .nullable()
      .describe(
        'A member’s name, `name (key_…)`, `admin`, or what left nothing to decide: paid, paid_in_full, closed, merged, time',
      ),
    note: z.string().nullable(),
  })
  .meta({ id: 'Review' })

export const reviewStoryShape = reviewShape
  .extend({
    buyer: z.array(z.string()).describe('Masked'),
    effect: words.describe('What it holds up; empty when nobody is waited for'),
    turn: words.describe(
      'Whose turn it is, until when, and what comes then; empty when nobody is waited for',
    ),
    next: z.string().nullable().describe('The role it can be passed on to; null: there is nobody else'),
    timeZone: z.string().describe('Of the times in the texts'),
    history: z.object({ zh: z.array(z.string()), en: z.array(z.string()) }),
    others: z
      .array(
        z.object({
          order: z.string(),
          no: z.string(),
          total: z.object({ minor: z.int(), currency: z.string() }).nullable(),
          status: z.enum(ORDER_STATUSES),
        }),
      )
      .describe('The other orders the rule saw, newest first, as they stand'),
  })
  .meta({ id: 'ReviewStory' })

export const reviewEntryShape = z.object({
  kind: z.literal('review'),
  at,
  review: z.string(),
  rule: z.string(),
  ruleVersion: z.int(),
  title: words,
  matched: words.describe('What the rule saw, with its numbers'),
  action: z.enum(['flag', 'hold']),
  what: z
    .enum(['opened', 'escalated', 'approved', 'rejected', 'expired', 'reopened', 'next'])
    .describe('`next`: when it goes to the next role; a flag is put away then'),
  by: z
    .string()
    .nullable()
    .describe(
      'Who did it, or why it came of itself: `time`, or the fact that left nothing to decide; null: the rule',
    ),
  tell: z.string().describe('The role whose turn it is from then on, or was'),
  goesTo: z
    .string()
    .nullable()
    .describe('Of `next`: the role it goes to; null: nobody comes after them, they are told again'),
})

type ReviewEntry = z.output<typeof reviewEntryShape>

export type SeenReview = z.output<typeof reviewShape>
export type ReviewStory = z.output<typeof reviewStoryShape>

/** Reviews as people see them; orders that are gone are left out. */
export async function seeReviews(
  deps: HttpDeps,
  shop: ShopId,
  rows: readonly ReviewRow[],
): Promise<readonly SeenReview[]> {
  const scene = await sceneOf(deps, shop)
  const ids = [...new Set(rows.map((row) => row.order_id))]
  const orders = ids.length > 0 ? await readOrderRows(deps.db, shop, ids) : []
  const byId = new Map(orders.map((row) => [row.id, reviewedOrder(scene, row)]))
  const seen = rows.flatMap((row) => {
    const order = byId.get(row.order_id)
    return order ? [see(scene, row, order.view)] : []
  })
  return Promise.all(seen.map((each) => named(deps, shop, each)))
}

/** One review with everything needed to decide. */
export async function tellReview(deps: HttpDeps, shop: ShopId, row: ReviewRow): Promise<ReviewStory> {
  const scene = await sceneOf(deps, shop)
  const [found] = await readOrderRows(deps.db, shop, [row.order_id])
  if (!found) throw new Fault('NOT_FOUND')
  const order = reviewedOrder(scene, found)
  const { time_zone: timeZone } = scene.config.row
  const [others, members, holding] = await Promise.all([
    otherOrders(deps.db, scene, evidenceOf(scene, row).orders),
    listMembers(deps.db, shop),
    holdingBeside(deps.db, scene, row),
  ])
  const waits = row.state === 'open' || row.state === 'escalated'
  const people = namesOf(members, row)
  const staffed = staffedRoles(scene.config)
  const asked = members.map(({ roles }) => roles)
  const [next] = furtherRoles(row, rolesOfOthers(row, asked))
  return {
    ...(await named(deps, shop, see(scene, row, order.view))),
    buyer: await buyerOf(deps, shop, order),
    history: {
      zh: [...historyOf(order.view, timeZone, 'zh')],
      en: [...historyOf(order.view, timeZone, 'en')],
    },
    effect: inBoth((language) => (waits ? effectWords(row, holding, language) : '')),
    turn: inBoth((language) => (waits ? turnWords(row, staffed, people, timeZone, language) : '')),
    next: waits && row.action === 'hold' ? (next ?? null) : null,
    timeZone,
    others: others.map(({ id, no, total, status }) => ({ order: formatId('ord', id), no, total, status })),
  }
}

/** What became of an order's reviews, for its timeline. No word of the buyer, and no note: a person wrote that. */
export async function reviewEntries(
  deps: HttpDeps,
  shop: ShopId,
  rows: readonly ReviewRow[],
): Promise<readonly ReviewEntry[]> {
  if (rows.length === 0) return []
  const scene = await sceneOf(deps, shop)
  const actors = [...new Set(rows.flatMap(({ log }) => log.flatMap(([, , by]) => by ?? [])))]
  const names = new Map(
    await Promise.all(actors.map(async (by) => [by, await whoIs(deps, shop, by)] as const)),
  )
  return rows.flatMap((row) => {
    const { title, matched } = wordsOf(scene, row)
    const [further] = furtherRoles(row, staffedRoles(scene.config))
    const entry = (at: number, what: ReviewEntry['what'], by: string | null, level: number): ReviewEntry => ({
      kind: 'review',
      at,
      review: formatId('rev', row.id),
      rule: row.rule,
      ruleVersion: row.rule_version,
      title,
      matched,
      action: row.action,
      what,
      by: by === null ? null : (names.get(by) ?? by),
      tell: row.roles[level] ?? row.roles[0]!,
      goesTo: what === 'next' && row.action === 'hold' ? (further ?? null) : null,
    })
    const { log, due_at: dueAt, level } = row
    return [
      ...log.map(([at, what, by, level]) => entry(at, what, by, level)),
      ...(dueAt === null ? [] : [entry(dueAt, 'next', null, level)]),
    ]
  })
}

async function sceneOf({ keyring, configs }: HttpDeps, shop: ShopId) {
  const [vault, config] = await Promise.all([keyring.open(shop), configs.get(shop)])
  return { shop, vault, config }
}
type Scene = Awaited<ReturnType<typeof sceneOf>>

const evidenceOf = ({ shop, vault }: Scene, { id, evidence }: ReviewRow) =>
  JSON.parse(vault.sealer.openText(evidence, { shop, column: 'review.evidence', row: id })) as Evidence

function see(scene: Scene, row: ReviewRow, view: OrderView): SeenReview {
  const { shop, vault } = scene
  const { title, matched } = wordsOf(scene, row)
  return {
    review: formatId('rev', row.id),
    order: formatId('ord', row.order_id),
    no: view.no,
    status: view.status,
    total: view.total,
    rule: row.rule,
    title,
    what: matched,
    action: row.action,
    severity: row.severity,
    state: row.state,
    roles: [...row.roles],
    tell: row.roles[row.level] ?? row.roles[0]!,
    iteration: row.iteration,
    escalations: row.escalations,
    openedAt: row.opened_at,
    dueAt: row.due_at,
    decidedAt: row.decided_at,
    decidedBy: row.decided_by,
    note: row.note && vault.sealer.openText(row.note, { shop, column: 'review.note', row: row.id }),
  }
}

const inBoth = (text: (language: Language) => string) => ({ zh: text('zh'), en: text('en') })

function wordsOf(scene: Scene, row: ReviewRow) {
  const rule = scene.config.rules.find((each) => each.key === row.rule)?.compiled.rule
  const evidence = evidenceOf(scene, row)
  return {
    title: inBoth((language) => rule?.title[language] ?? row.rule),
    matched: inBoth((language) => (rule ? whatMatched(rule, evidence, language) : row.rule)),
  }
}

async function buyerOf(deps: HttpDeps, shop: ShopId, { view, contacts }: ReviewedOrder) {
  const rows = contacts.length > 0 ? await readContacts(deps.db, shop, contacts) : []
  const addresses = (await maskedContacts(deps, shop, rows)).map(({ address }) => address)
  return [...(view.customerName === null ? [] : [maskName(view.customerName)]), ...addresses]
}

/** A member by their name, for the others of the shop. */
async function named(deps: HttpDeps, shop: ShopId, review: SeenReview): Promise<SeenReview> {
  return review.decidedBy === null
    ? review
    : { ...review, decidedBy: await whoIs(deps, shop, review.decidedBy) }
}

/** A member or a key by name; whatever else acts stays as it is called. */
async function whoIs({ db }: HttpDeps, shop: ShopId, actor: string): Promise<string> {
  const [kind, id = ''] = actor.split(':')
  if (kind === 'key') {
    const key = (await listApiKeys(db, shop)).find((each) => formatId('key', each.id) === id)
    return key ? `${key.name} (${id})` : actor
  }
  const member = kind === 'member' ? parseId('mem', id) : null
  return (member && (await memberName(db, shop, member))) ?? actor
}

/** Decides for a caller; what keeps them from it is a Fault that says who and when. */
export async function decideFor(
  deps: HttpDeps,
  caller: Caller,
  text: string,
  change: ReviewChange,
  note: string | null,
): Promise<{ readonly row: ReviewRow; readonly changed: boolean }> {
  const id = parseId('rev', text)
  if (!id) throw new Fault('NOT_FOUND')
  const { shop, actor, roles } = caller
  const decided = await changeReview(deps, shop, id, { change, by: actor, roles, note })
  if (decided.kind === 'done') {
    if (decided.changed) deps.onEventsDue(new Set([shop]))
    return { row: decided.review, changed: decided.changed }
  }
  throw await faultOf(deps, shop, decided)
}

const rolesText = ({ roles }: ReviewRow) =>
  inBoth((language) => roles.map((role) => roleText(role, language)).join(language === 'zh' ? '、' : ', '))

/** Who has the role whose turn it is. */
function namesOf(members: readonly MemberRow[], { roles, level }: ReviewRow): readonly string[] {
  const role = roles[level] ?? roles[0]!
  return members.filter((each) => each.roles.includes(role)).map(({ name }) => name)
}

/** `11-25 18:30 (Asia/Shanghai, UTC+8)`. */
const momentText = (at: number, zone: string) =>
  inBoth((language) => `${clockText(at, zone, language)} (${zoneText(zone, at)})`)

async function furthest({ db, configs }: HttpDeps, shop: ShopId, review: ReviewRow): Promise<Fault> {
  const [config, members] = await Promise.all([configs.get(shop), listMembers(db, shop)])
  const role = review.roles[review.level] ?? review.roles[0]!
  const names = namesOf(members, review)
  const zone = config.row.time_zone
  const since = withSince(review.log, review.level) ?? review.opened_at
  return new Fault('REVIEW_FURTHEST', {
    who: inBoth((language) => whoWords(role, names, language)),
    since: momentText(since, zone),
    until: momentText(review.due_at ?? since, zone),
    roles: review.roles.slice(review.level).join(', '),
  })
}

async function faultOf(
  deps: HttpDeps,
  shop: ShopId,
  decided: Exclude<Decided, { kind: 'done' }>,
): Promise<Fault> {
  switch (decided.kind) {
    case 'unknown':
      return new Fault('NOT_FOUND')
    case 'forbidden':
      return new Fault('REVIEW_NOT_YOURS', { roles: rolesText(decided.review) })
    case 'furthest':
      return furthest(deps, shop, decided.review)
    case 'late':
      return new Fault('REVIEW_TOO_LATE')
    case 'settled': {
      const { state, decided_by, decided_at } = decided.review
      const [by, config] = await Promise.all([whoIs(deps, shop, decided_by ?? '?'), deps.configs.get(shop)])
      return new Fault('REVIEW_DECIDED', {
        decided: inBoth((language) => decidedWords(state, by, language)),
        at: momentText(decided_at ?? 0, config.row.time_zone),
      })
    }
  }
}
