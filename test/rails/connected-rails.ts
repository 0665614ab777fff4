import { createHttpClient } from '../../src/channels/http-client.ts'
import { addConnection } from '../../src/db/connections.ts'
import { type ConnectionId, newId } from '../../src/domain/ids.ts'
import { hashSecret } from '../../src/domain/seal.ts'
import type { Clock } from '../../src/domain/time.ts'
import { startAlipayLab } from '../../src/lab/alipay-lab.ts'
import { startEpayLab } from '../../src/lab/epay-lab.ts'
import type { RailLab } from '../../src/lab/rail.ts'
import type { Fault } from '../../src/lab/script.ts'
import { startWechatLab } from '../../src/lab/wechat-lab.ts'
import { SOURCES } from '../../src/sources/registry.ts'
import type { Answered } from '../../src/sources/source.ts'
import { testRandom } from '../kit/engine.ts'
import type { Site } from '../kit/site.ts'

/** Faults that every rail's answers can have. */
export type QueryFault = Extract<Fault, { kind: 'system_error' | 'fail' | 'drop' | 'limit' }>

export interface ConnectedRail {
  readonly name: string
  readonly lab: RailLab<QueryFault>
  /** Where Dingdong takes the rail's callbacks. */
  readonly url: string
  readonly connection: ConnectionId
  /** Asks the rail about an order and keeps what it says, as the pipeline does. */
  ask(no: string): Promise<Answered>
}

export interface ConnectedRails {
  readonly rails: readonly ConnectedRail[]
  close(): Promise<void>
}

/** The three rails, simulated, each with a connection of the site's first shop. Their waits end at once. */
export async function connectRails(site: Site): Promise<ConnectedRails> {
  const clock: Clock = {
    now: site.clock.now,
    after(_, wake) {
      const timer = setImmediate(wake)
      return () => clearImmediate(timer)
    },
  }
  const options = { clock, random: testRandom }
  const labs: [string, RailLab<QueryFault>][] = [
    ['wechat-pay', await startWechatLab(options)],
    ['alipay', await startAlipayLab(options)],
    ['epay', await startEpayLab(options)],
  ]
  const http = createHttpClient({ allowOrigins: labs.map(([, lab]) => lab.origin) })
  const rails: ConnectedRail[] = []
  for (const [name, lab] of labs) {
    const source = SOURCES.get(name)!
    const settings = source.settings.parse(lab.settings())
    const { connection, token } = await connect(site, name, lab.settings())
    rails.push({
      name,
      lab,
      connection,
      url: `${site.url}/in/${site.shop.id}/${token}`,
      async ask(no) {
        const question = { refs: [{ kind: 'order_no', value: no }], total: null, placedAt: null }
        const { signal } = new AbortController()
        const ports = { http: http.request, random: testRandom, now: site.clock.now(), signal }
        const answered = await source.query!(settings, question, ports)
        if (answered.kind === 'events') {
          await site.engine.intake.keep({ shop: site.shop.id, connection, trust: 'queried' }, answered.events)
        }
        return answered
      },
    })
  }
  return {
    rails,
    async close() {
      await Promise.all(labs.map(([, lab]) => lab.close()))
      await http.close()
    },
  }
}

async function connect(site: Site, source: string, settings: object) {
  const now = site.clock.now()
  const connection = newId('conn', now, testRandom)
  const token = Buffer.from(testRandom(20)).toString('hex')
  const { sealer } = await site.engine.keyring.open(site.shop.id)
  const place = { shop: site.shop.id, column: 'connection.settings', row: connection }
  await addConnection(site.deps.db, site.shop.id, {
    id: connection,
    source,
    name: source,
    path_hash: hashSecret(token),
    settings: sealer.seal(JSON.stringify(settings), place),
    created_at: now,
  })
  return { connection, token }
}
