import { type BlackHole, startBlackHole } from '../kit/black-hole.ts'
import { waitUntil } from '../kit/wait-until.ts'
import type { Scenario } from './scenarios.ts'
import { slowProviders } from './slow-providers.ts'

/** The road to the database swallows everything for two of the four, which go on believing that it is there. */
export function halfOpen(): Scenario {
  let hole: BlackHole
  return {
    name: 'half-open connections',
    stories: { short: 100, long: 1_000 },
    allowed: ['unknown:sms'],
    async prepare({ arena, postgres }) {
      const { fleet } = arena
      hole = await startBlackHole(postgres.port)
      arena.onClose(hole.close)
      const url = new URL(postgres.url)
      url.port = String(hole.port)
      await Promise.all([0, 1].map((at) => fleet.replace(at, { url: url.href, patience: 1_000 })))
      return slowProviders(arena)
    },
    async strike({ busy }) {
      await busy([0, 1])
      hole.swallow()
    },
    async recover({ arena: { fleet, clock }, sender }) {
      hole.heal()
      // They notice by themselves, each statement by its own time limit, and work again.
      for (const at of [0, 1]) {
        await waitUntil('a worker that was cut off takes events again', async () => {
          const probe = {
            type: 'test.probe',
            source: '/test',
            time: clock.now(),
            subject: null,
            data: { refs: [] },
          }
          return fleet.giveTo(at, sender, [{ ...probe, id: `probe ${at}` }]).then(
            () => true,
            (error) => String(error),
          )
        })
      }
    },
  }
}
