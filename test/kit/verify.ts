import { WEBHOOK_SCHEDULE } from '../../src/channels/webhook.ts'
import { plainVerdict } from '../../src/domain/gate/verdict.ts'
import { type MessageId, parseId, type ShopId } from '../../src/domain/ids.ts'
import { HOUR, type Instant, SECOND } from '../../src/domain/time.ts'
import type { Arena } from './arena.ts'
import { type Story, TO_NOBODY } from './stories.ts'

/** What a scenario came to. `problems` must be empty; the numbers are for the table. */
export interface Outcome {
  readonly events: number
  readonly messages: number
  readonly takeovers: number
  /** Messages whose outcome nobody knows, as their rows say. */
  readonly unknowns: number
  /** Messages refused for good, those whose tries outlasted them, and those set aside because workers crashed over them. */
  readonly failed: number
  readonly givenUp: number
  readonly poisoned: number
  /** Hand-overs after an earlier one that may have arrived: same id, the receiver drops them. */
  readonly repeats: number
  /** Hand-overs that nothing explains, or that a person sees twice. */
  readonly duplicates: number
  /** Acknowledged events that are gone, messages that are missing or that no provider has seen. */
  readonly lost: number
  readonly problems: readonly string[]
}

interface Expected {
  readonly stories: readonly Story[]
  /** Events told besides the stories. */
  readonly extra?: number
  /** Events that are set aside. */
  readonly stuck?: number
  /** The program asks and concludes: what it tells itself is not counted. */
  readonly asks?: boolean
  /**
   * Fates other than `sent` that this scenario's faults may lead to: `unknown:sms`, `dropped:expired`, `given_up:email`
   * (its life or its tries were over before one succeeded), or of one message only: `membership-expiring/expiring/email=failed:email`.
   */
  readonly allowed?: readonly string[]
}

interface Row {
  readonly id: MessageId
  readonly story: string | null
  readonly name: string
  readonly channel: 'email' | 'sms' | 'command' | 'inbox' | 'webhook'
  readonly state: string
  readonly verdict: string | null
  readonly code: string | null
  readonly calls: number
  /** Calls whose end the program knows. */
  readonly known: number
  readonly sent: number
  readonly takeovers: number
  readonly delivered: boolean
  readonly attempts: number
  readonly last_fate: string | null
  readonly settled_at: Instant | null
  readonly expires_at: Instant
}

/** Compares what the database says with what was told, and with what the simulators received. */
export async function verify(arena: Arena, shop: ShopId, expected: Expected): Promise<Outcome> {
  await arena.lab.sms.callbacksDone()
  await arena.quiet(shop)
  const problems: string[] = []
  const events = await checkEvents(arena, shop, expected, problems)
  await checkOrders(arena, shop, expected.stories, problems)
  const rows = await messagesOf(arena, shop)
  const missing = checkMessages(rows, expected, problems)
  const seen = handedOver(arena, rows, problems)
  return {
    events: events.kept,
    messages: rows.length,
    takeovers: rows.reduce((sum, row) => sum + row.takeovers, 0),
    unknowns: rows.filter((row) => row.state === 'unknown').length,
    failed: rows.filter((row) => row.state === 'failed' && !isGivenUp(row)).length,
    givenUp: rows.filter(isGivenUp).length,
    poisoned: rows.filter((row) => row.state === 'poison').length,
    repeats: seen.repeats,
    duplicates: seen.duplicates,
    lost: events.lost + missing + seen.lost,
    problems,
  }
}

async function checkEvents(
  { db }: Arena,
  shop: ShopId,
  { stories, extra = 0, stuck = 0, asks = false }: Expected,
  problems: string[],
) {
  // An event is known by its sender and its id; what is told twice is kept once.
  const told = new Set(
    stories.flatMap(({ arrivals }) =>
      arrivals.map(({ sender, event }) => `${sender.connection} ${event.id}`),
    ),
  )
  const { rows } = await db.query<Record<'kept' | 'todo' | 'stuck' | 'conflicts' | 'held', number>>(
    // Beside what was sent here, the program tells of receipts and reviews by events of its own.
    `select (select count(*) from event where shop_id = $1 and type not in ('message.receipt', 'test.probe')
         and type not like 'review.%' and not ($2 and trust in ('queried', 'inferred'))) as kept,
       (select count(*) from todo where shop_id = $1) as todo,
       (select count(*) from event_stuck where shop_id = $1) as stuck,
       (select count(*) from event_conflict where shop_id = $1) as conflicts,
       (select count(*) from message_work where shop_id = $1) as held`,
    [shop, asks],
  )
  const { kept, todo, stuck: aside, conflicts, held } = rows[0]!
  const acknowledged = told.size + extra
  if (kept !== acknowledged) problems.push(`${acknowledged} events were acknowledged, ${kept} are kept`)
  if (todo > 0) problems.push(`${todo} events are not applied`)
  if (aside !== stuck) problems.push(`${aside} events are set aside, expected ${stuck}`)
  if (conflicts > 0) problems.push(`${conflicts} events are called conflicts`)
  if (held > 0) problems.push(`${held} messages are still in work`)
  return { kept, lost: Math.max(0, acknowledged - kept) + todo + Math.max(0, aside - stuck) }
}

async function checkOrders({ db }: Arena, shop: ShopId, stories: readonly Story[], problems: string[]) {
  const { rows } = await db.query<{ no: string; status: string; paid_at: number | null }>(
    `select r.value as no, o.status, o.paid_at from order_ref as r join orders as o on o.shop_id = $1 and o.id = r.order_id
     where r.shop_id = $1 and r.kind = 'order_no' and o.merged_into is null`,
    [shop],
  )
  const found = new Map(rows.map((row) => [row.no, row]))
  for (const { no, status, paidAt } of stories) {
    const order = found.get(no)
    const asPaid = paidAt === 'some' ? order?.paid_at != null : order?.paid_at === paidAt
    if (order?.status !== status || !asPaid)
      problems.push(
        `order ${no} is ${order?.status}, paid ${order?.paid_at}; expected ${status}, paid ${paidAt}`,
      )
  }
}

async function messagesOf({ db }: Arena, shop: ShopId): Promise<readonly Row[]> {
  const { rows } = await db.query<Row>(
    `select m.id, r.value as story, m.flow || '/' || m.step || '/' || m.channel as name, m.channel, m.state, m.verdict,
       m.attempts, m.settled_at, m.expires_at, a.last_fate, m.fate_code as code, (select count(*) from seen_call as c where c.shop_id = $1 and c.message_id = m.id) as calls,
       a.known, a.sent, m.delivered_at is not null as delivered,
       (select count(*) from seen_claim as c where c.shop_id = $1 and c.message_id = m.id and c.takeover) as takeovers
     from message as m
     left join order_ref as r on r.shop_id = $1 and r.order_id = m.order_id and r.kind = 'order_no'
     cross join lateral (
       select count(*) filter (where fate <> 'unknown') as known, count(*) filter (where fate = 'sent') as sent,
         (array_agg(fate order by n desc))[1] as last_fate
       from attempt as a where a.shop_id = $1 and a.message_id = m.id) as a
     where m.shop_id = $1`,
    [shop],
  )
  return rows
}

/** Every story's messages are there, once each, with a fate that the scenario allows. Gives how many are missing. */
function checkMessages(
  rows: readonly Row[],
  { stories, allowed = [] }: Expected,
  problems: string[],
): number {
  const byStory = Map.groupBy(rows, (row) => row.story)
  let missing = 0
  for (const { no, messages } of stories) {
    const names = (byStory.get(no) ?? []).map((row) => row.name)
    if (messages === null || names.toSorted().join() === messages.toSorted().join()) continue
    missing += messages.filter((name) => !names.includes(name)).length
    problems.push(`order ${no} led to ${names.join(', ') || 'nothing'}; expected ${messages.join(', ')}`)
  }
  const told = new Map(stories.map((story) => [story.no, story]))
  for (const row of rows) {
    const reasons =
      row.state === 'dropped' ? plainVerdict(row.verdict ?? '').replace(/^drop:/, '') : row.channel
    const state = isGivenUp(row) ? 'given_up' : row.state
    const fate = `${state}:${reasons}`
    // A drop may have several reasons: each of them must be allowed.
    const because = reasons.split(',').map((reason) => `${state}:${reason}`)
    const final = ['sent', 'dropped', 'failed', 'unknown', 'poison'].includes(row.state)
    const free = told.get(row.story ?? '')?.messages === null
    const fine =
      row.state === 'sent' ||
      row.name === TO_NOBODY ||
      because.every((each) => allowed.includes(each) || allowed.includes(`${row.name}=${each}`))
    if (!final || !(fine || (free && ['dropped', 'unknown'].includes(row.state))))
      problems.push(`${row.name} of ${row.story} ended as ${fate} (${row.code}, ${row.verdict})`)
    if (state === 'given_up' && hadTimeLeft(row))
      problems.push(
        `${row.name} of ${row.story} was given up early, after ${row.attempts} tries (${row.code})`,
      )
    // Set aside at the third crash, of which two were followed by another claim.
    if (row.state === 'poison' && row.takeovers < 2)
      problems.push(`${row.name} of ${row.story} was set aside after ${row.takeovers} takeovers`)
    if (row.channel === 'sms' && row.state === 'sent' && !row.delivered)
      problems.push(`${row.name} of ${row.story} has no receipt`)
  }
  return missing
}

/** Its last try was to be followed by another one, and none came. */
const isGivenUp = ({ state, last_fate }: Row) => state === 'failed' && last_fate === 'retry'

/** Whether the longest wait before the next try would have ended within the message's life. */
function hadTimeLeft({ channel, attempts, settled_at, expires_at }: Row): boolean {
  const prescribed = channel === 'command' || channel === 'webhook'
  const wait = prescribed ? WEBHOOK_SCHEDULE[attempts] : attempts < 10 ? HOUR : undefined
  return wait !== undefined && settled_at !== null && settled_at + wait * 1.2 + 5 * SECOND < expires_at
}

/** What the simulators received, message by message, against what the rows say about it. */
function handedOver({ lab }: Arena, rows: readonly Row[], problems: string[]) {
  const counts = new Map<string, number>()
  for (const { received } of [lab.smtp, lab.sms, lab.webhook]) {
    for (const id of received.ids()) {
      const message = parseId('msg', id.replace(/^<|@.*$/g, ''))
      if (message === null) problems.push(`a simulator got ${id}, which is no message of ours`)
      else counts.set(message, (counts.get(message) ?? 0) + 1)
    }
  }
  let [repeats, duplicates, lost] = [0, 0, 0]
  for (const row of rows) {
    const got = counts.get(row.id) ?? 0
    // What had no words was settled without a call.
    const inDoubt = Math.max(0, row.calls - row.known)
    const what = `${row.name} of ${row.story} (${row.state}): received ${got} times, ${row.calls} calls, ${row.known} known, ${row.sent} sent`
    repeats += Math.max(0, got - 1)
    // At least what was confirmed, at most one more for each call that broke off.
    // Where the answer was lost, a receipt may have come instead.
    const proven = row.sent === 1 || (row.delivered && inDoubt > 0)
    if (got < row.sent || (row.state === 'sent' && !(proven && got > 0))) {
      lost++
      problems.push(`lost: ${what}`)
    }
    if (got > row.sent + inDoubt || (row.channel === 'sms' && got > 1)) {
      duplicates++
      problems.push(`duplicate: ${what}`)
    }
    if (row.state === 'unknown' && inDoubt === 0) problems.push(`unknown without a broken call: ${what}`)
    if ((row.state === 'dropped' || row.state === 'failed') && got > 0 && inDoubt === 0)
      problems.push(`said not to be sent: ${what}`)
  }
  return { repeats, duplicates, lost }
}
