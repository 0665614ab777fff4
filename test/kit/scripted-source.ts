import * as z from 'zod'
import { addConnection } from '../../src/db/connections.ts'
import { bumpConfig } from '../../src/db/shops.ts'
import { type ConnectionId, newId } from '../../src/domain/ids.ts'
import type { Acted, Answered, Question, Source, SourcePorts } from '../../src/sources/source.ts'
import { testRandom } from './fixed.ts'
import type { TestShop, World } from './world.ts'

/** A source whose outside system answers what the test says. */
export interface ScriptedSource extends Source {
  /** What is answered from now on. */
  answer: (question: Question, ports: SourcePorts) => Answered | Promise<Answered>
  act: (question: Question & { readonly idempotencyKey: string }) => Acted | Promise<Acted>
  readonly questions: Question[]
  readonly tries: string[]
  /** Questions under way, and the most there ever were. */
  most: number
}

export function scriptedSource(name: string, more: { readonly retries?: boolean } = {}): ScriptedSource {
  let now = 0
  const source: ScriptedSource = {
    name,
    title: { zh: name, en: name },
    trust: 'signed',
    settings: z.object({ key: z.string().default('k') }),
    secrets: [],
    questions: [],
    tries: [],
    most: 0,
    answer: () => ({ kind: 'pending' }),
    act: () => ({ kind: 'refused', code: 'nothing_scripted' }),
    receive: () => ({ kind: 'forged', why: 'it calls nobody' }),
    async query(_settings, question, ports) {
      source.questions.push(question)
      now++
      source.most = Math.max(source.most, now)
      try {
        return await source.answer(question, ports)
      } finally {
        now--
      }
    },
    ...(more.retries
      ? {
          actions: {
            async retry_payment(_settings, question) {
              source.tries.push(question.idempotencyKey)
              return source.act(question)
            },
          },
        }
      : {}),
  }
  return source
}

/** Gives the shop a connection of this source. */
export async function connectSource(
  world: World,
  shop: TestShop,
  source: string,
  settings: object = {},
): Promise<ConnectionId> {
  const id = newId('conn', world.clock.now(), testRandom)
  const { sealer } = await world.engine.keyring.open(shop.id)
  await addConnection(world.db, shop.id, {
    id,
    source,
    name: source,
    path_hash: null,
    settings: sealer.seal(JSON.stringify(settings), {
      shop: shop.id,
      column: 'connection.settings',
      row: id,
    }),
    created_at: world.clock.now(),
  })
  await bumpConfig(world.db, shop.id)
  return id
}
