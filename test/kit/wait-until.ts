import { isUnavailable } from '../../src/db/connect.ts'

const LOOK_EVERY = 20

/**
 * The one place where a test waits: looks at a fact until it is true, and fails at the deadline with what it last
 * saw. A fact that cannot be read because the database is down is not true yet.
 */
export async function waitUntil(
  what: string,
  fact: () => Promise<true | string | boolean>,
  within = 30_000,
): Promise<void> {
  const deadline = performance.now() + within
  let last: unknown = 'nothing yet'
  while (performance.now() < deadline) {
    try {
      last = await fact()
      if (last === true) return
    } catch (error) {
      if (!isUnavailable(error)) throw error
      last = String(error)
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY))
  }
  throw new Error(`not so within ${within} ms: ${what}; last seen: ${String(last)}`)
}
