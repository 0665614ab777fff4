import { readSmsCallback } from '../../src/channels/sms-callback.ts'
import { smsSettings } from '../../src/channels/sms-settings.ts'
import type { Db } from '../../src/db/connect.ts'
import type { SourceEvent } from '../../src/domain/event.ts'
import { type AccountId, type ConnectionId, formatId, type ShopId } from '../../src/domain/ids.ts'
import type { Clock } from '../../src/domain/time.ts'
import { listenHttp } from '../../src/lab/http-listener.ts'
import type { Lab } from '../../src/lab/lab.ts'
import type { Fleet } from './fleet.ts'

/** Where the lab's SMS gateway reports to, as the program's own callback route would take it: a receipt is an event. */
export interface Receipts {
  /** From now on receipts are about this shop. */
  aim(shop: ShopId, connection: ConnectionId): Promise<void>
  close(): Promise<void>
}

export async function receiveReceipts(options: {
  readonly db: Db
  readonly lab: Lab
  readonly clock: Clock
  readonly fleet: Fleet
}): Promise<Receipts> {
  const { db, lab, clock, fleet } = options
  let target: { shop: ShopId; connection: ConnectionId; account: AccountId } | null = null
  const listener = await listenHttp({
    port: 0,
    async react({ method, path, headers, body }) {
      const request = {
        method,
        path,
        query: {},
        headers,
        body: Buffer.from(body),
        remoteAddress: '127.0.0.1',
      }
      const reading = readSmsCallback(smsSettings.parse(lab.sms.account()), request, clock.now())
      if (reading === null || target === null) return { status: 401 }
      const { shop, connection, account } = target
      const events = reading.callbacks.flatMap((callback): SourceEvent[] => {
        if (callback.kind !== 'receipt') return []
        const { providerRef, idempotencyKey, status, code } = callback
        return [
          {
            id: null,
            type: 'message.receipt',
            source: 'sms-http',
            time: callback.at ?? clock.now(),
            subject: null,
            data: {
              refs: [],
              message: { id: idempotencyKey ?? providerRef ?? '', status },
              extra: { account: formatId('acct', account), providerRef, idempotencyKey, code },
            },
          },
        ]
      })
      await fleet.give({ shop, connection, trust: 'authenticated' }, events)
      return { status: 200, body: reading.reply }
    },
  })
  lab.sms.sendCallbacksTo({ url: `${listener.origin}/cb`, secret: 'the lab gateway reports with this' })
  return {
    async aim(shop, connection) {
      const { rows } = await db.query<{ id: AccountId }>(
        "select id from account where shop_id = $1 and channel = 'sms'",
        [shop],
      )
      target = rows[0] ? { shop, connection, account: rows[0].id } : null
    },
    close: listener.close,
  }
}
