import type * as z from 'zod'
import { type EventData, eventData } from '../domain/event.ts'

/** Event data as a source puts it together: any optional part may be missing or odd. */
export type Draft = z.input<typeof eventData>

/**
 * Stands in a draft for what came and cannot be read, where `undefined` would say that nothing came: no field takes
 * `null`, so `tidy` leaves it out and names it.
 */
export const UNREADABLE = null as unknown as undefined

/**
 * The draft with every part that breaks a rule left out and named in `extra.left_out`. A paid order must not
 * be lost because its buyer's mail address is misspelled: the sender is authentic, what is sound is used.
 */
export function tidy(draft: Draft): EventData {
  // A copy without undefined members, ours to delete from.
  const work = JSON.parse(JSON.stringify(draft)) as Record<string, unknown>
  const leftOut = new Set<string>()
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const read = eventData.safeParse(work)
    if (read.success) {
      if (leftOut.size === 0) return read.data
      return { ...read.data, extra: { ...read.data.extra, left_out: [...leftOut] } }
    }
    for (const path of removeAll(work, read.error.issues)) leftOut.add(path)
  }
  return { refs: [], extra: { left_out: ['everything'] } }
}

/** A round takes out everything that is wrong as far as it shows; only a part that missed something shows its holder next. */
const MOST_ROUNDS = 20
/** Stands where an element was until the round is over: taking it out would move the places that other issues name. */
const TAKEN = Symbol('taken out')

function removeAll(root: Record<string, unknown>, issues: readonly z.core.$ZodIssue[]): ReadonlySet<string> {
  const lists = new Set<unknown[]>()
  const removed = new Set<string>()
  for (const { path } of issues) {
    // Of what is gone, or has gone with something else, there may be more to say.
    if (path.some((_, at) => removed.has(nameOf(path.slice(0, at + 1))))) continue
    removed.add(remove(root, path, lists))
  }
  for (const list of lists) list.splice(0, list.length, ...list.filter((each) => each !== TAKEN))
  return removed
}

const nameOf = (path: readonly PropertyKey[]) => path.map(String).join('.')

/** Deletes what lies at `path`, or when nothing does, its nearest optional holder. Returns the path deleted. */
function remove(root: Record<string, unknown>, path: readonly PropertyKey[], lists: Set<unknown[]>): string {
  const holders: unknown[] = [root]
  for (const key of path) {
    const here = holders.at(-1)
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) break
    holders.push((here as Record<PropertyKey, unknown>)[key])
  }
  // Something missing: its holder is what is broken. An element of a list goes as a whole.
  let depth = holders.length - 1
  if (depth < path.length) depth = Math.max(1, depth)
  const holder = holders[depth - 1] as Record<PropertyKey, unknown> | unknown[]
  const key = path[depth - 1]!
  if (Array.isArray(holder)) {
    holder[Number(key)] = TAKEN
    lists.add(holder)
  } else delete holder[key]
  return nameOf(path.slice(0, depth))
}

/** `text` cut to `max` characters with an ellipsis, never through a surrogate pair. */
export function cut(text: string, max: number): string {
  return text.length <= max
    ? text
    : `${text
        .slice(0, max - 1)
        .toWellFormed()
        .replace(/\uFFFD$/, '')}…`
}
