import type { Tx } from '../db/connect.ts'
import { keepDefinitions, publishFlows, publishTemplates, readDefinitions } from '../db/flows.ts'
import { publishRules } from '../db/rules.ts'
import { bumpConfig } from '../db/shops.ts'
import { listVersions, type Versioned, type VersionRow, versionBefore } from '../db/versions.ts'
import type { FieldProblem } from '../domain/errors.ts'
import type { ShopId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import type { Preset } from './presets.ts'

/** Who publishes what, in place of which version. */
export interface Publication {
  readonly shop: ShopId
  readonly kind: Versioned
  readonly key: string
  readonly by: string
  readonly now: Instant
  /** The version its author had before them, 0 where there was none; `null`: whichever is in force. */
  readonly basedOn: number | null
}

export type Published =
  /** In force from the commit on; `replaced` is 0 for the first. */
  | { readonly outcome: 'published'; readonly version: number; readonly replaced: number }
  /** The version in force says exactly this already. */
  | { readonly outcome: 'same'; readonly version: number }
  | Moved

/** Somebody has published since; `current` is theirs, `null` where there is none at all. */
export interface Moved {
  readonly outcome: 'moved'
  readonly current: VersionRow | null
}

export type Undone =
  /** `back` is the version whose text is in force again. */
  | (Exclude<Published, Moved> & { readonly back: number })
  | Moved
  /** The shop has no such thing. */
  | { readonly outcome: 'unknown' }
  /** There is no such version, or none that says anything else. */
  | { readonly outcome: 'nothing'; readonly version: number }
  | { readonly outcome: 'refused'; readonly problems: readonly FieldProblem[] }

/**
 * Makes this text the next version. Locks the shop's row until commit: of two who publish at once, the second sees
 * what the first has made.
 */
export async function publishDefinition(
  tx: Tx,
  publication: Publication,
  made: Pick<Preset, 'hash' | 'body'>,
): Promise<Published> {
  const current = await inForce(tx, publication)
  return movedFrom(publication, current) ?? putInForce(tx, publication, current, made.hash, made.body)
}

/**
 * Puts the text of the version before in force again, or that of version `to`, as a version of its own: so an undo is
 * undone by another. `check` says what is wrong with that text by now.
 */
export async function undoPublication(
  tx: Tx,
  publication: Publication,
  to: number | null,
  check: (body: unknown) => readonly FieldProblem[] | Promise<readonly FieldProblem[]>,
): Promise<Undone> {
  const { shop, kind, key } = publication
  const current = await inForce(tx, publication)
  if (!current) return { outcome: 'unknown' }
  const moved = movedFrom(publication, current)
  if (moved) return moved
  const back =
    to === null
      ? await versionBefore(tx, shop, kind, key)
      : (await listVersions(tx, shop, kind, key, to + 1, 1)).find(({ version }) => version === to)
  if (!back) return { outcome: 'nothing', version: current.version }
  const [kept] = await readDefinitions(tx, [back.definition_hash])
  const problems = await check(kept!.body)
  if (problems.length > 0) return { outcome: 'refused', problems }
  const done = await putInForce(tx, publication, current, back.definition_hash, null)
  return { ...done, back: back.version }
}

async function inForce(tx: Tx, { shop, kind, key }: Publication): Promise<VersionRow | null> {
  await bumpConfig(tx, shop)
  return (await listVersions(tx, shop, kind, key, null, 1))[0] ?? null
}

function movedFrom({ basedOn }: Publication, current: VersionRow | null) {
  if (basedOn === null || basedOn === (current?.version ?? 0)) return null
  return { outcome: 'moved', current } as const
}

const PUBLISH = { flow: publishFlows, template: publishTemplates, rule: publishRules } as const

/** `body` is null where the text is kept already. */
async function putInForce(
  tx: Tx,
  { shop, kind, key, by, now }: Publication,
  current: VersionRow | null,
  hash: Buffer,
  body: string | null,
): Promise<Exclude<Published, Moved>> {
  if (current?.definition_hash.equals(hash)) return { outcome: 'same', version: current.version }
  if (body !== null) await keepDefinitions(tx, [{ hash, kind, body }], now)
  await PUBLISH[kind](tx, shop, [{ key, hash, enabled: false }], by, now)
  const replaced = current?.version ?? 0
  return { outcome: 'published', version: replaced + 1, replaced }
}
