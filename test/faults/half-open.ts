import { type BlackHole, startBlackHole } from '../kit/black-hole.ts'
import { waitUntil } from '../kit/wait-until.ts'
import type { Scenario } from './scenarios.ts'

/** The road to the database swallows everything for two of the four, which go on believing that it is there. */
export function halfOpen(): Scenario {
  let hole: BlackHole
  return {
    name: 'half-open connections',
    stories: { short: 150, long: 2_000 },
    allowed: ['unknown:sms'],
    async prepare({ arena: { fleet }, postgres }) {
      hole = await startBlackHole(postgres.port)
      const url = new URL(postgres.url)
      url.port = String(hole.port)
      for (const at of [0, 1]) {
        await fleet.end(at)
        await fleet.start(at, { url: url.href })
      }
      return []
    },
    async strike({ more }) {
      await more(60)
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
      for (const at of [0, 1]) {
        await fleet.end(at)
        await fleet.start(at)
      }
      await hole.close()
    },
  }
}
