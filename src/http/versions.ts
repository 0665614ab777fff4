import * as z from 'zod'
import { type Tx, transaction } from '../db/connect.ts'
import { listVersions, MOST_VERSION, type Versioned, type VersionRow } from '../db/versions.ts'
import { Fault, type FaultCode, type FieldProblem } from '../domain/errors.ts'
import type { ShopId } from '../domain/ids.ts'
import { toIso } from '../domain/time.ts'
import {
  type Moved,
  type Publication,
  type Published,
  publishDefinition,
  type Undone,
  undoPublication,
} from '../pipeline/publish-definition.ts'
import type { Caller } from './auth.ts'
import type { HttpDeps } from './deps.ts'
import type { Language } from './language.ts'
import { type Asked, versionNotFound } from './not-found.ts'
import { paged } from './paging.ts'
import { record } from './record.ts'

/** What flows and templates have in common: versions, and that nobody publishes over another's unseen. */

export const basedOn = z
  .int()
  .min(0)
  .describe('The version this was made from, 0 for one that is new; refused when another is in force by now')

export const keyParams = z.object({ key: z.string().max(100) })
export const versionQuery = z.object({
  version: z.coerce.number().int().min(1).max(MOST_VERSION).optional().describe('Default: the one in force'),
})
export const versionsQuery = z.object({
  before: z.coerce.number().int().min(1).max(MOST_VERSION).optional().describe('`next` of the page before'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})
export const source = z.string().min(1).max(200_000)
/** Bytes that so many characters take at most, quoted as JSON quotes them. */
export const SOURCE_LIMIT = 1_300_000

export const versionShape = z.object({
  version: z.int(),
  publishedAt: z.int().describe('Epoch milliseconds'),
  publishedBy: z.string().describe('key:…, admin, command line, preset …'),
  content: z.string().describe('The same in versions that say the same'),
})
export const versionList = paged(versionShape)

export const undoBody = z.strictObject({
  basedOn: basedOn.describe('The version in force, as the caller knows it: two who undo at once undo once'),
  to: z
    .int()
    .min(1)
    .max(MOST_VERSION)
    .optional()
    .describe('What this version says; default: the version before'),
})
export const undone = z.object({
  key: z.string(),
  version: z.int(),
  back: z.int().describe('The version whose text is in force again'),
  changed: z.boolean(),
})

export const seeVersion = ({ version, created_at, created_by, definition_hash }: VersionRow) => ({
  version,
  publishedAt: created_at,
  publishedBy: created_by,
  content: definition_hash.toString('hex'),
})

/** One version, the one in force when none is named; 404 when there is none such. */
export async function findVersion(
  { db }: HttpDeps,
  shop: ShopId,
  { kind, key, version }: Asked,
  language: Language,
): Promise<VersionRow> {
  const before = version === null ? null : version + 1
  const [row] = await listVersions(db, shop, kind, key, before, 1)
  if (row && (version === null || row.version === version)) return row
  throw await versionNotFound(db, shop, { kind, key, version }, language)
}

export async function seeVersions(
  { db }: HttpDeps,
  shop: ShopId,
  { kind, key }: Omit<Asked, 'version'>,
  { before, limit }: z.output<typeof versionsQuery>,
  language: Language,
): Promise<z.output<typeof versionList>> {
  const rows = await listVersions(db, shop, kind, key, before ?? null, limit + 1)
  if (rows.length === 0 && before === undefined)
    throw await versionNotFound(db, shop, { kind, key, version: null }, language)
  const items = rows.slice(0, limit).map(seeVersion)
  return { items, next: rows.length > limit ? String(items.at(-1)!.version) : null }
}

export interface Wanted {
  readonly kind: Versioned
  readonly key: string
  readonly basedOn: number
}

/** Publishes what `make` gives, whose reads see what is in force; throws what keeps it from being published. */
export async function publish(
  deps: HttpDeps,
  caller: Caller,
  wanted: Wanted,
  make: (tx: Tx) => Promise<{ readonly hash: Buffer; readonly body: string }>,
  then: (tx: Tx, published: Published) => Promise<void> = async () => {},
): Promise<Exclude<Published, Moved>> {
  const { kind, key } = wanted
  const done = await transaction(deps.db, async (tx) => {
    const published = await publishDefinition(tx, publication(deps, caller, wanted), await make(tx))
    if (published.outcome === 'moved') throw moved(wanted, published.current)
    if (published.outcome === 'published') {
      await then(tx, published)
      await record(deps, tx, caller, `${kind}.set`, key, { version: published.version })
    }
    return published
  })
  deps.configs.forget(caller.shop)
  return done
}

/** Brings an earlier text back; throws what keeps it from being in force. */
export async function undo(
  deps: HttpDeps,
  caller: Caller,
  wanted: Wanted & { readonly to: number | null; readonly invalid: FaultCode },
  check: (tx: Tx, body: unknown) => readonly FieldProblem[] | Promise<readonly FieldProblem[]>,
  language: Language,
): Promise<z.output<typeof undone>> {
  const { kind, key, to } = wanted
  const answer = await transaction(deps.db, async (tx) => {
    const as = publication(deps, caller, wanted)
    const undone = await undoPublication(tx, as, to, (body) => check(tx, body))
    if (undone.outcome === 'unknown')
      throw await versionNotFound(tx, caller.shop, { kind, key, version: null }, language)
    const { outcome, version, back } = settled(wanted, undone)
    const changed = outcome === 'published'
    if (changed) await record(deps, tx, caller, `${kind}.undo`, key, { version, back })
    return { key, version, back, changed }
  })
  deps.configs.forget(caller.shop)
  return answer
}

function settled(
  wanted: Parameters<typeof undo>[2],
  result: Exclude<Undone, { readonly outcome: 'unknown' }>,
): Extract<Undone, { readonly back: number }> {
  switch (result.outcome) {
    case 'published':
    case 'same':
      return result
    case 'nothing':
      throw new Fault('UNDO_NOTHING', { version: result.version })
    case 'refused':
      throw new Fault(wanted.invalid, {}, { fields: result.problems })
    case 'moved':
      throw moved(wanted, result.current)
  }
}

function publication(
  { clock }: HttpDeps,
  { shop, actor }: Caller,
  { kind, key, basedOn }: Wanted,
): Publication {
  return { shop, kind, key, by: actor, now: clock.now(), basedOn }
}

function moved({ basedOn }: Wanted, current: VersionRow | null): Fault {
  return new Fault('VERSION_MOVED', {
    basedOn,
    current: current?.version ?? 0,
    at: current ? toIso(current.created_at) : '-',
    by: current?.created_by ?? '-',
  })
}
