import { allow, never, type Policy } from '../answer.ts'

/** Too late is too late: already (`expired`), or by the time the other policies would let it out (`expires_first`). */
export const expiry: Policy = (input, t) => {
  if (t < input.message.expiresAt) return allow(t)
  return never(t > input.now ? 'expires_first' : 'expired')
}
