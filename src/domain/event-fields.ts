import * as z from 'zod'
import { boundedMemo } from './bounded-memo.ts'
import { eventData } from './event.ts'
import { misspelt, nearest } from './template/nearest.ts'

/** A name in an event's data that no field has. */
export interface UnknownField {
  /** `data.order.totl` */
  readonly path: string
  /** The field that was probably meant. */
  readonly near: string | null
}

/** Fields named of one event: who has more to mend begins with them. */
export const MOST_FIELDS = 10
/** Names without a field that are compared with those that have one: a hostile event may hold a hundred thousand. */
const MOST_COMPARED = 200
/** Characters of a name that are repeated; no field's name is nearly as long. */
const MOST_CHARACTERS = 60

interface Level {
  /** `null`: a value, or whatever the sender likes. */
  readonly below: ReadonlyMap<string, Level | null>
  readonly near: (name: string) => string | null
}

/** Beside our own fields a sender may have others, which go to `extra`: only a slip of the hand is a mistake there. */
const ROOT = levelOf(eventData, misspelt)!

/** Names in the data of an event of a known type that nobody reads, at most `MOST_FIELDS`. */
export function unknownFields(data: object): readonly UnknownField[] {
  const search: Search = { found: [], compared: 0 }
  look(data, ROOT, 'data', search)
  return search.found
}

/** What stands beside `data`: ours, and those of CloudEvents, to which senders may add others (§3 of the specification). */
const AROUND: ReadonlySet<string> = new Set([
  'id', 'type', 'source', 'time', 'timestamp', 'subject', 'data', 'specversion', 'datacontenttype', 'dataschema', 'data_base64',
]) // biome-ignore format: a list
const nearAround = boundedMemo(1_000, (name: string) =>
  ROOT.below.has(name) ? `data.${name}` : misspelt(name, [...AROUND]),
)

/** Names beside `data` that nobody reads: a slip of the hand, or a field of `data` that stands outside it. */
export function unknownAround(event: object): readonly UnknownField[] {
  const found: UnknownField[] = []
  let compared = 0
  for (const name in event) {
    if (AROUND.has(name) || name.length > MOST_CHARACTERS) continue
    const near = nearAround(name)
    if (near !== null) found.push({ path: name, near })
    if (found.length >= MOST_FIELDS || ++compared >= MOST_COMPARED) break
  }
  return found
}

interface Search {
  readonly found: UnknownField[]
  compared: number
}

const isOver = ({ found, compared }: Search) => found.length >= MOST_FIELDS || compared >= MOST_COMPARED

function look(value: unknown, level: Level, path: string, search: Search): void {
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) {
      if (isOver(search)) return
      look(item, level, `${path}.${at}`, search)
    }
    return
  }
  for (const name in value) {
    const below = level.below.get(name)
    if (below === null) continue
    if (below !== undefined) look((value as Record<string, unknown>)[name], below, `${path}.${name}`, search)
    else addUnknown(name, level, path, search)
    if (isOver(search)) return
  }
}

function addUnknown(name: string, level: Level, path: string, search: Search): void {
  search.compared++
  const long = name.length > MOST_CHARACTERS
  const near = long ? null : level.near(name)
  if (level === ROOT && near === null) return
  search.found.push({
    path: `${path}.${long ? `${name.slice(0, MOST_CHARACTERS).toWellFormed()}…` : name}`,
    near,
  })
}

function levelOf(schema: z.ZodType, like: (name: string, names: string[]) => string | null): Level | null {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return levelOf(schema.unwrap() as z.ZodType, like)
  if (schema instanceof z.ZodArray) return levelOf(schema.element as z.ZodType, like)
  if (!(schema instanceof z.ZodObject)) return null
  const shape = Object.entries(schema.shape as Record<string, z.ZodType>)
  const below = new Map(shape.map(([name, field]) => [name, levelOf(field, nearest)]))
  // Who writes a wrong name writes it in every event.
  return { below, near: boundedMemo(1_000, (name) => like(name, [...below.keys()])) }
}
