import * as z from 'zod'
import type { AccountRow } from '../db/accounts.ts'
import type { MessageRow } from '../db/messages.ts'
import { explainOwnStop, OWN_STOP_STATE } from '../domain/delivery/own-stop-texts.ts'
import { explainVerdict } from '../domain/gate/explain.ts'
import { OTHER_ENDINGS } from '../domain/gate/reason-texts.ts'
import { whatWouldHelp } from '../domain/gate/remedies.ts'
import { type AwaitedReview, explainHelp } from '../domain/gate/remedy-texts.ts'
import { decodeVerdict, plainVerdict } from '../domain/gate/verdict.ts'
import { formatId } from '../domain/ids.ts'
import { isUndelivered, type MessageState } from '../domain/message.ts'
import { type Policies, recordedInput } from '../pipeline/recorded.ts'
import type { Language } from './language.ts'
import type { LawDrops } from './law-drops.ts'
import type { OwnStops } from './own-stops.ts'
import type { ToldFirst } from './told-first.ts'

const instant = z.int().describe('Epoch milliseconds')

export const messageShape = z
  .object({
    message: z.string(),
    order: z.string().nullable(),
    customer: z.string().nullable(),
    contact: z.string().nullable(),
    to: z.string().nullable().describe('Masked'),
    channel: z.string(),
    purpose: z.string(),
    category: z.string(),
    audience: z.enum(['buyer', 'member']),
    template: z.string(),
    flow: z.string().nullable(),
    flowVersion: z.int().nullable(),
    step: z.string().nullable(),
    run: z.string().nullable(),
    resendOf: z.string().nullable(),
    state: z.string(),
    /** What the state means, in words. */
    stateText: z.string(),
    why: z
      .array(z.string())
      .describe(
        'The gate’s verdict in sentences, where it was the law with the rule, its source and its date; of what we stopped after it, why it was stopped',
      ),
    wouldHelp: z
      .array(z.string())
      .describe(
        'What would have to change for it to be sent, found by asking the gate again without each obstacle',
      ),
    verdict: z.string().nullable(),
    createdAt: instant,
    dueAt: instant.nullable(),
    expiresAt: instant,
    attempts: z.int(),
    account: z.string().nullable(),
    providerRef: z.string().nullable(),
    code: z.string().nullable(),
    settledAt: instant.nullable(),
    deliveredAt: instant.nullable(),
    clickedAt: instant.nullable(),
  })
  .meta({ id: 'Message' })

const STATES: Readonly<Record<MessageState, Readonly<Record<Language, string>>>> = {
  waiting: { zh: '等待发送。', en: 'Waits to be sent.' },
  claimed: { zh: '即将发送。', en: 'About to be sent.' },
  calling: { zh: '正在交给服务商。', en: 'Being handed to the provider.' },
  sent: { zh: '服务商已接收。', en: 'The provider has taken it.' },
  dropped: { zh: '没有发送。', en: 'Was not sent.' },
  failed: { zh: '服务商拒绝，或多次尝试失败。', en: 'The provider refused it, or every try failed.' },
  unknown: {
    zh: '交给服务商时连接中断，无法确定是否送达；为避免重复没有再发。',
    en: 'The connection broke while it was handed over, so nobody can say whether it arrived; it was not repeated.',
  },
  poison: {
    zh: '多次导致发送进程崩溃，已搁置待人工查看。',
    en: 'It crashed the sender several times and was set aside for a person to look at.',
  },
}

/** What a message is told with. */
export interface MessageScene {
  readonly language: Language
  readonly timeZone: string
  /** Masked addresses by contact id. */
  readonly to: ReadonlyMap<string, string>
  readonly policies: Policies
  /** Why we ended a message just before it was handed over. */
  readonly stops: OwnStops
  /** What the law had against a message at the gate. */
  readonly laws: LawDrops
  /** By order, the reviews whose decision its messages wait for. */
  readonly reviews: ReadonlyMap<string, readonly AwaitedReview[]>
  /** Accounts that are paused, on channels where no other works. */
  readonly paused: readonly AccountRow[]
  /** What another order has said in a message's place. */
  readonly told: ToldFirst
}

/** A message as the API tells it: with the reason it was sent or not, and its address masked. */
export function seeMessage(row: MessageRow, scene: MessageScene): z.output<typeof messageShape> {
  const { language, timeZone, to, stops, laws, told } = scene
  const stop = stops.get(row.id)
  const awaited = awaitedAccount(row, scene)
  const stopped = stop ? explainOwnStop(stop, language) : awaited && explainPause(awaited, language)
  const law = laws.get(row.id) ?? { why: [], change: [] }
  return {
    message: formatId('msg', row.id),
    order: row.order_id && formatId('ord', row.order_id),
    customer: row.customer_id && formatId('cus', row.customer_id),
    contact: row.contact_id && formatId('con', row.contact_id),
    to: to.get(row.contact_id ?? '') ?? null,
    channel: row.channel,
    purpose: row.purpose,
    category: row.category,
    audience: row.audience,
    template: row.template,
    flow: row.flow,
    flowVersion: row.flow_version,
    step: row.step,
    run: row.run_id && formatId('run', row.run_id),
    resendOf: row.resend_of && formatId('msg', row.resend_of),
    state: row.state,
    stateText: stop ? OWN_STOP_STATE[language] : stateText(row, language),
    why: stopped
      ? [...stopped.why]
      : [
          ...whyOf(row.verdict, language, timeZone),
          ...law.why,
          ...(told.has(row.id) ? [told.get(row.id)!] : []),
        ],
    wouldHelp: stopped ? [...stopped.change] : [...helpFor(row, scene), ...law.change],
    verdict: row.verdict && plainVerdict(row.verdict),
    createdAt: row.created_at,
    dueAt: row.due_at,
    expiresAt: row.expires_at,
    attempts: row.attempts,
    account: row.account_id && formatId('acct', row.account_id),
    providerRef: row.provider_ref,
    code: row.fate_code,
    settledAt: row.settled_at,
    deliveredAt: row.delivered_at,
    clickedAt: row.clicked_at,
  }
}

function stateText(row: MessageRow, language: Language): string {
  if (!isUndelivered(row)) return STATES[row.state][language]
  const code = row.fate_code === 'receipt_failed' ? null : row.fate_code
  return language === 'zh'
    ? `服务商已接收，但回执说没有送达${code ? `（${code}）` : ''}。`
    : `The provider has taken it, but its receipt says that it was not delivered${code ? ` (${code})` : ''}.`
}

/** The paused account that a message waits for though the gate let it go: the try after that was in vain. */
function awaitedAccount({ state, attempts, account_id, verdict }: MessageRow, { paused }: MessageScene) {
  if (state !== 'waiting' || attempts === 0 || decodeVerdict(verdict ?? '')?.kind !== 'send') return null
  return paused.find(({ id }) => id === account_id) ?? null
}

function explainPause({ id, state_reason }: AccountRow, language: Language) {
  const account = formatId('acct', id)
  const code = state_reason ?? '-'
  return language === 'zh'
    ? {
        why: [`发送账号 ${account} 已暂停（${code}）：消息会等到账号修复。`],
        change: [
          `请修正账号（dingdong account set ${account} --settings 文件），再运行 dingdong account resume ${account}。`,
        ],
      }
    : {
        why: [`Its account ${account} is paused (${code}): it waits until that is repaired.`],
        change: [
          `Put the account right (dingdong account set ${account} --settings FILE), then run: dingdong account resume ${account}`,
        ],
      }
}

/** Only for what did not leave, and only where the verdict says on what it was given. */
function helpFor(row: MessageRow, { language, timeZone, policies, reviews }: MessageScene): string[] {
  if (row.verdict === null || (row.state !== 'waiting' && row.state !== 'dropped')) return []
  const input = recordedInput(row, row.verdict, policies)
  if (input === null) return []
  return [...explainHelp(whatWouldHelp(input), language, timeZone, reviews.get(row.order_id ?? ''))]
}

export function whyOf(verdict: string | null, language: Language, timeZone: string): string[] {
  if (verdict === null) return []
  const other = OTHER_ENDINGS[verdict]
  if (other) return [other[language]]
  const decoded = decodeVerdict(verdict)
  return decoded ? [...explainVerdict(decoded, language, timeZone)] : [plainVerdict(verdict)]
}
