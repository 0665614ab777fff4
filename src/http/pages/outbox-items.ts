import { latestInboxItems } from '../../db/shown.ts'
import type { Instant } from '../../domain/time.ts'
import type { Arrival, HttpDeps, MailSeen, OutboxLab, WebhookSeen } from '../deps.ts'
import type { InboxBody } from '../routes/inbox.ts'

export const OUTBOX_KINDS = ['email', 'sms', 'webhook', 'inbox'] as const
export type OutboxKind = (typeof OUTBOX_KINDS)[number]

/** One thing that reached a simulator or an inbox, newest first in lists. */
export type OutboxItem = {
  /** `email-12`: stable while the program runs. */
  readonly id: string
  readonly at: Instant
  readonly to: string
  /** One line for the list. */
  readonly line: string
  readonly refusal: string | null
  readonly repeat: boolean
  readonly faults: readonly string[]
} & (
  | { readonly kind: 'email'; readonly sequence: number; readonly mail: MailSeen | null }
  | { readonly kind: 'sms'; readonly text: string }
  | { readonly kind: 'webhook'; readonly call: WebhookSeen }
  | { readonly kind: 'inbox'; readonly item: InboxBody }
)

export interface OutboxFilter {
  readonly kind: OutboxKind | null
  /** Looked for in address and words, in any case. */
  readonly text: string
}

const SHOWN = 100

/** What the demo shop's buyers and people received, newest first. */
export async function outboxItems(
  deps: HttpDeps,
  lab: OutboxLab,
  filter: OutboxFilter,
): Promise<readonly OutboxItem[]> {
  const items: OutboxItem[] = [
    ...lab.mail.list().map(
      (each): OutboxItem => ({
        ...common('email', each),
        kind: 'email',
        sequence: each.sequence,
        line: each.content?.subject ?? '',
        mail: each.content,
      }),
    ),
    ...lab.sms.list().map(
      (each): OutboxItem => ({
        ...common('sms', each),
        kind: 'sms',
        line: each.content.text,
        text: each.content.text,
      }),
    ),
    ...lab.webhook.list().map(
      (each): OutboxItem => ({
        ...common('webhook', each),
        kind: 'webhook',
        line: each.content.type ?? '',
        call: each.content,
      }),
    ),
    ...(await inboxItems(deps, lab)),
  ]
  const wanted = filter.text.toLowerCase()
  return items
    .filter((item) => filter.kind === null || item.kind === filter.kind)
    .filter((item) => wanted === '' || searchable(item).includes(wanted))
    .sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
    .slice(0, SHOWN)
}

async function inboxItems({ db, keyring }: HttpDeps, { shop }: OutboxLab): Promise<readonly OutboxItem[]> {
  const rows = await latestInboxItems(db, shop, SHOWN)
  if (rows.length === 0) return []
  const { sealer } = await keyring.open(shop)
  return rows.map((row) => {
    const place = { shop, column: 'inbox_item.body', row: row.message_id }
    const item = JSON.parse(sealer.openText(row.body, place)) as InboxBody
    return {
      kind: 'inbox',
      id: `inbox-${row.message_id}`,
      at: row.created_at,
      to: '站内信 / inbox',
      line: item.title,
      refusal: null,
      repeat: false,
      faults: [],
      item,
    }
  })
}

function common(kind: OutboxKind, { sequence, at, to, refusal, repeat, faults }: Arrival<unknown>) {
  return { id: `${kind}-${sequence}`, at, to, refusal, repeat, faults }
}

function searchable(item: OutboxItem): string {
  const words =
    item.kind === 'email' ? (item.mail?.text ?? '') : item.kind === 'webhook' ? item.call.body : ''
  return `${item.to} ${item.line} ${words}`.toLowerCase()
}
