import type { Queryable } from '../db/connect.ts'
import { type FlowRow, listFlows, readDefinitions, readFlowVersions } from '../db/flows.ts'
import type { FieldProblem } from '../domain/errors.ts'
import { type Flow, flowSchema } from '../domain/flow/flow.ts'
import type { ShopId } from '../domain/ids.ts'
import { nearest } from '../domain/template/nearest.ts'
import { CommandError, type Context, EXIT } from './command.ts'
import { ERRORS, nearText } from './texts/errors.ts'
import { VERSIONS } from './texts/flows.ts'
import { type Language, say } from './texts/text.ts'

/** The shop's flow called `key` as it is in force; throws with the nearest name when there is none. */
export async function findFlow(
  { language }: Context,
  db: Queryable,
  shop: ShopId,
  key: string,
): Promise<FlowRow & { readonly flow: Flow }> {
  const rows = await listFlows(db, shop)
  const row = rows.find((each) => each.key === key)
  if (!row)
    throw unknownFlow(
      language,
      key,
      rows.map((each) => each.key),
    )
  return { ...row, flow: await readFlow(db, row.definition_hash) }
}

/** The flow that is kept under this hash. */
async function readFlow(db: Queryable, hash: Buffer): Promise<Flow> {
  const [kept] = await readDefinitions(db, [hash])
  return flowSchema.parse(kept?.body)
}

/** What the flow said at another version than the one it is at. */
export async function flowOfVersion(
  { language }: Context,
  db: Queryable,
  shop: ShopId,
  { key, version, current }: { readonly key: string; readonly version: number; readonly current: number },
): Promise<Flow> {
  const [row] = await readFlowVersions(db, shop, [{ key, version }])
  if (row) return readFlow(db, row.definition_hash)
  throw new CommandError(EXIT.notFound, say(VERSIONS.unknown, language, { key, version, current }))
}

export function unknownFlow(language: Language, flow: string, known: readonly string[]): CommandError {
  return new CommandError(
    EXIT.notFound,
    say(ERRORS.flowUnknown, language, { flow, near: nearText(nearest(flow, known), language) }),
  )
}

/** A refusal that lists everything at once. */
export function refusal(title: string, problems: readonly FieldProblem[]): CommandError {
  const lines = problems.map(({ path, problem }) => `  ${path}: ${problem}`)
  return new CommandError(EXIT.usage, [title, ...new Set(lines)].join('\n'))
}
