import type { Queryable } from '../db/connect.ts'
import { readDefinitions } from '../db/flows.ts'
import type { MessageRow } from '../db/messages.ts'
import type { GateInput } from '../domain/gate/input.ts'
import { decodeMoment, policyIn } from '../domain/gate/moment.ts'
import { buildInput, type GatePolicy, gatePolicy, type MessageFacts } from '../domain/gate/policy.ts'
import { momentOf } from '../domain/gate/verdict.ts'

/** Policies by the id that verdicts name. */
export type Policies = ReadonlyMap<string, GatePolicy>

/** The policies under which these verdicts were given. */
export async function readPolicies(db: Queryable, verdicts: readonly (string | null)[]): Promise<Policies> {
  const ids = new Set(verdicts.flatMap((line) => policyIn(momentOf(line ?? '') ?? '') ?? []))
  if (ids.size === 0) return new Map()
  const rows = await readDefinitions(
    db,
    [...ids].map((id) => Buffer.from(id, 'base64url')),
  )
  return new Map(
    rows.flatMap(({ hash, body }) => {
      const read = gatePolicy.safeParse(body)
      return read.success ? [[hash.toString('base64url'), read.data] as const] : []
    }),
  )
}

/** What of a message never changes, as the gate saw it. */
const factsOfRow = (row: MessageRow): MessageFacts => ({
  purpose: row.purpose,
  channel: row.channel,
  category: row.category,
  template: row.template,
  audience: row.audience,
  stops: row.stops,
  inSessionUntil: row.in_session_until,
  expiresAt: row.expires_at,
})

/**
 * The input on which a verdict was given; `null` where none was written: the gate was not asked (a payment dropped
 * the message while it waited), it lost a race, or it is older than the record.
 */
export function recordedInput(row: MessageRow, verdict: string, policies: Policies): GateInput | null {
  const text = momentOf(verdict)
  const policy = text === null ? undefined : policies.get(policyIn(text) ?? '')
  const moment = text === null || policy === undefined ? null : decodeMoment(text, policy)
  return moment === null ? null : buildInput(policy!, factsOfRow(row), moment)
}
