import * as z from 'zod'
import { day, monthText } from '../day.ts'
import { FAILURE_CLASSES, RETRY_ADVICE } from '../failure-class.ts'
import { overlapping, type RailLanguage, type RailProblem, railSentence, readRailFile } from './rail-file.ts'
import { type CodeList, type CodeRow, FAILURE_FIELDS, type FailureTable, tableOf } from './table.ts'

const name = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'expected small letters, digits and underscores')
const text = z.string().trim().min(1).max(300)

const row = z.strictObject({
  code: z.string('expected the code in quotes: without them YAML reads a number').trim().min(1).max(120),
  class: z.enum(FAILURE_CLASSES),
  advice: z.enum(RETRY_ADVICE),
  generic: z.literal(true).optional(),
  from: day.optional(),
  to: day.optional(),
  unverified: z.literal(true).optional(),
  en: text,
  zh: text,
  source: text.optional(),
  note: text.optional(),
})
type Row = z.infer<typeof row>

const file = z.strictObject({
  rail: name,
  title: z.strictObject({ zh: text, en: text }),
  read: z.record(z.union([z.literal('*'), name]), z.array(z.enum(FAILURE_FIELDS)).min(1)),
  says: z.enum(['reason', 'retry']),
  scheme: name.optional(),
  source: text,
  asOf: monthText,
  codes: z.array(row).min(1),
})

type At = (path: readonly (string | number)[], problem: string) => RailProblem

/** One file of codes as a list, or everything wrong with it. */
function readCodeList(
  fileName: string,
  content: string,
  language: RailLanguage,
): { readonly list: CodeList } | { readonly problems: readonly RailProblem[] } {
  const read = readRailFile(fileName, content, file, language)
  if ('problems' in read) return read
  const { value, at } = read
  const problems = rowProblems(value.codes, at)
  if (problems.length > 0) return { problems }
  const rows = value.codes.map((each) => rowOf(each, value.rail, value.source))
  const { rail, title, says, scheme = null, asOf } = value
  return { list: { rail, title, read: value.read, says, scheme, asOf, codes: byCode(rows) } }
}

function rowOf(each: Row, rail: string, source: string): CodeRow {
  const { code, class: kind, advice, generic = false, from = null, to = null } = each
  const { unverified = false, en, zh, note = null } = each
  return {
    rail,
    code,
    class: kind,
    advice,
    generic,
    from,
    to,
    unverified,
    en,
    zh,
    source: each.source ?? source,
    note,
  }
}

function byCode(rows: readonly CodeRow[]): ReadonlyMap<string, readonly CodeRow[]> {
  const grouped = Map.groupBy(rows, (each) => each.code)
  // The one asked for is nearly always the latest.
  for (const own of grouped.values()) own.sort((a, b) => (b.from ?? -Infinity) - (a.from ?? -Infinity))
  return grouped
}

function rowProblems(rows: readonly Row[], at: At): readonly RailProblem[] {
  const problems: RailProblem[] = []
  const periods = rows.map((each, n) => ({
    n,
    code: each.code,
    from: each.from ?? null,
    to: each.to ?? null,
  }))
  for (const { n, code, from, to } of periods) {
    if (from !== null && to !== null && from >= to)
      problems.push(at(['codes', n, 'to'], 'must be later than "from"'))
    if (rows[n]!.generic && rows[n]!.class !== 'other')
      problems.push(at(['codes', n, 'generic'], `only a code of class other says nothing; "${code}" does`))
  }
  for (const own of Map.groupBy(periods, (each) => each.code).values()) {
    const late = overlapping(own)
    if (late === null) continue
    const twin = own.some((each) => each !== late && each.from === late.from)
    const problem = twin
      ? `"${late.code}" stands here twice for the same time`
      : `"${late.code}" already has a row for a part of this time`
    problems.push(at(['codes', late.n, twin ? 'code' : 'from'], problem))
  }
  return problems
}

/** The whole table from the files of `rails/` that hold codes. */
export function readTable(
  files: Readonly<Record<string, string>>,
  language: RailLanguage = 'en',
): { readonly table: FailureTable } | { readonly problems: readonly RailProblem[] } {
  const problems: RailProblem[] = []
  const lists: { readonly name: string; readonly list: CodeList }[] = []
  for (const [fileName, content] of Object.entries(files)) {
    const read = readCodeList(fileName, content, language)
    if ('problems' in read) problems.push(...read.problems)
    else lists.push({ name: fileName, list: read.list })
  }
  for (const [n, { name: fileName, list }] of lists.entries()) {
    const twin = lists.slice(0, n).find((each) => each.list.rail === list.rail)
    if (twin) problems.push(whole(fileName, 'rail', `${twin.name} is about "${list.rail}", too`))
  }
  const table = tableOf(lists.map(({ list }) => list))
  problems.push(...quarrels(table, lists))
  // Each file's own problems are in that language already.
  const said = problems.map((each) => ({ ...each, problem: railSentence(each.problem, language) }))
  return said.length > 0 ? { problems: said } : { table }
}

const whole = (fileName: string, field: string, problem: string): RailProblem => ({
  file: fileName,
  line: 1,
  field,
  problem,
})

/** A code that two lists of one rail's field explain differently: which one is meant could not be told. */
function quarrels(
  table: FailureTable,
  lists: readonly { readonly name: string; readonly list: CodeList }[],
): readonly RailProblem[] {
  const problems = new Map<string, RailProblem>()
  for (const [rail, readers] of table.readers) {
    for (const field of FAILURE_FIELDS) {
      const own = readers[field].filter((list) => list.read['*'] === undefined)
      for (const [n, list] of own.entries()) {
        for (const other of own.slice(0, n)) {
          const code = [...list.codes.keys()].find((each) => differ(list, other, each))
          if (code === undefined) continue
          const file = lists.find((each) => each.list === list)?.name ?? list.rail
          const problem = `"${code}" means something else in "${other.rail}", and both are read from ${field} of ${rail}`
          problems.set(`${file} ${code}`, whole(file, 'read', problem))
        }
      }
    }
  }
  return [...problems.values()]
}

function differ(a: CodeList, b: CodeList, code: string): boolean {
  const [one, other] = [a.codes.get(code)?.[0], b.codes.get(code)?.[0]]
  if (one === undefined || other === undefined) return false
  return one.class !== other.class || one.advice !== other.advice
}
