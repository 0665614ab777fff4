import * as z from 'zod'
import type { SourceEvent } from '../domain/event.ts'
import { type Money, parseMoney } from '../domain/money.ts'
import { at, cameAt, readJson, textAt } from './json.ts'
import { textReply, unreadable } from './reply.ts'
import { contentHash, hmacSha256 } from './signature.ts'
import type { Source } from './source.ts'
import { cut, type Draft, tidy, UNREADABLE } from './tidy.ts'

const settings = z.object({
  /** The secret part of the callback's path. The route has compared it; here it keys the derived ids. */
  pathSecret: z.string().min(32),
  /** 独角数卡 knows one currency and does not tell it. */
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .default('CNY'),
})
type DujiaokaSettings = z.infer<typeof settings>

/** What stands in `order_info` instead of card keys when an order was paid but its cards had run out (both languages it has). */
const OUT_OF_CARDS = ['库存可使用卡密不足', '庫存可使用卡密不足']

/** Most that event data holds: 500 keys of 4,000 characters. */
const MAX_KEYS = 500
const MAX_KEY = 4_000

/**
 * 独角数卡 `api_hook` (app/Jobs/ApiHook.php at 9f5467a): an unsigned POST after payment, tried twice, without an
 * event id, with the card keys in clear. Only the secret path tells that it is genuine. Products delivered by hand
 * carry what the buyer typed in the same field: give those the address with `?delivery=manual`.
 */
export const dujiaoka: Source<DujiaokaSettings> = {
  name: 'dujiaoka',
  title: { zh: '独角数卡', en: '独角数卡' },
  trust: 'authenticated',
  settings,
  secrets: ['pathSecret'],
  receive({ pathSecret, currency }, request, now) {
    const body = readJson(request.body)
    if (!body.ok) return unreadable('body', body.problem)
    const no = textAt(body.value, 'order_sn')
    if (!no) return unreadable('order_sn', 'expected the order’s number')
    const manual = request.query.delivery === 'manual'
    const events = draftsOf(body.value, no, currency, manual).map(([type, draft]): SourceEvent => {
      const data = tidy(draft)
      // Keyed, because a plain hash of a short card key could be reversed by trying all of them.
      const hash = hmacSha256(pathSecret, contentHash(type, data)).toString('hex').slice(0, 32)
      return {
        id: `${no.slice(0, 150)}:${type}:${hash}`,
        type,
        source: 'dujiaoka',
        time: now,
        subject: no,
        data,
      }
    })
    return { kind: 'events', events, reply: textReply('success') }
  },
}

function draftsOf(
  body: unknown,
  no: string,
  currency: string,
  manual: boolean,
): (readonly [string, Draft])[] {
  const price = at(body, 'actual_price')
  const total = cameAt(body, 'actual_price')
    ? positive(parseMoney(typeof price === 'object' ? '' : String(price), currency))
    : undefined
  const name = textAt(body, 'gd_name') ?? textAt(body, 'title')
  // `title` is the product's name, " x " and how many.
  const quantity = Number(/ x (\d{1,6})$/.exec(textAt(body, 'title') ?? '')?.[1] ?? 1)
  const info = textAt(body, 'order_info') ?? ''
  const outOfCards = OUT_OF_CARDS.some((text) => info.startsWith(text))
  const base: Draft = {
    refs: [{ kind: 'order_no', value: no }],
    order: {
      no,
      total,
      title: cut(textAt(body, 'title') ?? name ?? no, 500),
      items: name
        ? [{ name: cut(name, 500), quantity: Math.max(1, quantity), sku: textAt(body, 'good_id') }]
        : undefined,
    },
    // The same amount: one that cannot be read is told once.
    payment: { id: no, amount: total ?? undefined },
    customer: { email: textAt(body, 'email') },
  }
  const extra: Draft['extra'] = outOfCards
    ? { out_of_cards: true }
    : manual && info
      ? { buyer_input: info }
      : {}
  const drafts: (readonly [string, Draft])[] = [['order.paid', { ...base, extra }]]
  const keys = manual || outOfCards ? [] : keysOf(info)
  if (keys.length > 0) drafts.push(['order.delivered', { ...base, delivery: { id: no, keys } }])
  return drafts
}

const positive = (money: Money | null) => (money !== null && money.minor >= 0 ? money : UNREADABLE)

/** The card keys, one a line. Never drops one: too many share an entry, one too long takes several. */
export function keysOf(info: string): string[] {
  const lines = info
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean)
  const pieces = lines.flatMap((line) =>
    line.length <= MAX_KEY ? [line] : (line.match(/.{1,2000}/gsu) ?? []),
  )
  if (pieces.length <= MAX_KEYS) return pieces
  const packed: string[] = []
  for (const piece of pieces) {
    const last = packed.at(-1)
    if (last !== undefined && last.length + 1 + piece.length <= MAX_KEY)
      packed[packed.length - 1] = `${last}\n${piece}`
    else packed.push(piece)
  }
  return packed
}
