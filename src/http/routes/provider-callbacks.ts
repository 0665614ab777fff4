import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Callback, Provider } from '../../channels/channel.ts'
import { asksToStop } from '../../channels/reply-words.ts'
import { type AccountRow, listAccounts } from '../../db/accounts.ts'
import { keepRefusal } from '../../db/intake.ts'
import { Fault } from '../../domain/errors.ts'
import type { SourceEvent } from '../../domain/event.ts'
import { type AccountId, formatId, newId, parseId, type ShopId } from '../../domain/ids.ts'
import { stopAnswers } from '../../domain/law/answers.ts'
import { NO_ACCOUNT_LAW } from '../../domain/law/book.ts'
import { type Instant, SECOND } from '../../domain/time.ts'
import type { HttpDeps } from '../deps.ts'
import type { InternalSender } from '../internal-sender.ts'
import { rawRequest } from '../raw-request.ts'
import type { AddRoute } from '../route.ts'
import { shopNumber } from './shop-number.ts'

interface Opened {
  readonly row: AccountRow
  readonly provider: Provider
  readonly settings: unknown
  readonly until: Instant
}

const ACCOUNT_LIFE = 5 * SECOND
const BODY_LIMIT = 256 * 1024

/** `GET|POST /cb/:shop/:account`: receipts and replies that a provider reports. They come in as events. */
export function providerCallbacks(add: AddRoute, deps: HttpDeps, sender: InternalSender): void {
  // By shop and account: an account opened for one shop must not answer for another.
  const known = new Map<string, Opened>()

  async function open(shop: ShopId, id: AccountId): Promise<Opened | null> {
    const name = `${shop}:${id}`
    const cached = known.get(name)
    if (cached && cached.until > deps.clock.now()) return cached
    const row = (await listAccounts(deps.db, shop)).find((account) => account.id === id)
    const provider = row && deps.providers(row.provider)
    if (!row || !provider?.readCallback) return null
    const vault = await deps.keyring.open(shop)
    const text = vault.sealer.openText(row.settings, { shop, column: 'account.settings', row: row.id })
    const settings = provider.settings.safeParse(JSON.parse(text))
    if (!settings.success)
      throw new Fault('SOURCE_UNKNOWN', { source: row.provider }, { cause: settings.error })
    const opened = { row, provider, settings: settings.data, until: deps.clock.now() + ACCOUNT_LIFE }
    known.set(name, opened)
    return opened
  }

  async function ruledBy(shop: ShopId, { provider, settings }: Opened) {
    const law = provider.lawOf?.(settings) ?? NO_ACCOUNT_LAW
    return { ...law, country: law.country ?? (await deps.configs.get(shop)).row.country }
  }

  async function receive(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const params = request.params as { shop: string; account: string }
    const shop = shopNumber(params.shop)
    const id = parseId('acct', params.account)
    const opened = shop !== null && id !== null ? await open(shop, id) : null
    if (shop === null || opened === null) throw new Fault('ROUTE_UNKNOWN')
    const raw = rawRequest(request)
    const now = deps.clock.now()
    const reading = opened.provider.readCallback!(opened.settings, raw, now)
    if (reading === null) {
      await keepRefusal(deps.db, shop, {
        id: newId('evt', now, deps.random),
        connection: null,
        at: now,
        why: `callback of ${params.account} is not authentic`,
        remoteAddress: raw.remoteAddress,
        bodyBytes: raw.body.length,
      })
      throw new Fault('SIGNATURE_INVALID', { why: 'the provider’s token or signature does not fit' })
    }
    const answers = stopAnswers(deps.law, 'sms', await ruledBy(shop, opened), now)
    const stops = (text: string) => asksToStop(text, answers)
    const events = reading.callbacks.map((callback) => eventOf(opened.row, callback, now, stops))
    await deps.intake.keep(await sender(shop, 'authenticated'), events)
    return reply.type('text/plain; charset=utf-8').send(reading.reply)
  }

  for (const name of ['GET /cb/:shop/:account', 'POST /cb/:shop/:account'] as const) {
    add(name, { bodyLimit: BODY_LIMIT, handle: ({ request, reply }) => receive(request, reply) })
  }
}

/** A receipt repeats itself by content; a person may well say the same twice, so a reply is known by its moment, too. */
function eventOf(
  account: AccountRow,
  callback: Callback,
  now: Instant,
  stops: (text: string) => boolean,
): SourceEvent {
  const common = { source: account.provider, time: callback.at ?? now, subject: null }
  const id = formatId('acct', account.id)
  switch (callback.kind) {
    case 'receipt': {
      const { providerRef, idempotencyKey, status, code } = callback
      return {
        ...common,
        id: null,
        type: 'message.receipt',
        data: {
          refs: [],
          message: { id: idempotencyKey ?? providerRef ?? '', status },
          extra: { account: id, providerRef, idempotencyKey, code },
        },
      }
    }
    case 'reply': {
      const { from, text, stop } = callback
      return {
        ...common,
        id: `reply:${id}:${from}:${callback.at ?? now}`,
        type: 'message.replied',
        data: {
          refs: [],
          customer: { phone: from },
          message: { id: '', text },
          // By the vendor's own mark, or by what the account's law lets people answer.
          extra: { account: id, stop: stop || stops(text) },
        },
      }
    }
  }
}
