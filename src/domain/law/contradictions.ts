import type { LawFile, RuleText, Words, WordsFile } from './rule.ts'
import { choicesIn } from './word-pattern.ts'

export interface FileProblem {
  readonly file: string
  readonly path: readonly (string | number)[]
  readonly problem: Words
}

type Law = LawFile & { readonly file: string }
type Placed = { readonly rule: RuleText; readonly law: Law; readonly at: number }

/** What each file may say by itself and all of them together may not. */
export function contradictions(
  laws: readonly Law[],
  words: WordsFile,
  wordsName: string,
): readonly FileProblem[] {
  const placed = laws.flatMap((law) => law.rules.map((rule, at) => ({ rule, law, at })))
  return [
    ...placed.flatMap((each) => [...windows(each), ...unknownGroups(each, words)]),
    ...overlaps(placed),
    ...circles(words, wordsName),
    ...unknownChoices(words, wordsName),
  ]
}

function windows({ rule, law, at }: Placed): FileProblem[] {
  const found: FileProblem[] = []
  const say = (field: string, zh: string, en: string) =>
    found.push({ file: law.file, path: ['rules', at, field], problem: { zh, en } })
  const { since, until } = rule
  if (since !== undefined && until !== undefined && until <= since)
    say(
      'until',
      `应晚于 since（${since}），实际是 ${until}`,
      `expected a day after since (${since}), got ${until}`,
    )
  if (rule.kind === 'hours' && rule.from === rule.to)
    say('to', `时段 ${rule.from} 到 ${rule.to} 是空的`, `from ${rule.from} to ${rule.to} is no time at all`)
  if (rule.kind === 'hours' && rule.from > rule.to)
    say(
      'to',
      `允许的时段应在一天之内，实际是 ${rule.from} 到 ${rule.to}`,
      `expected a window within one day, got ${rule.from} to ${rule.to}`,
    )
  if (rule.kind === 'segments')
    for (const [alone, each] of [rule.gsm7 ?? [2, 2], rule.ucs2])
      if (each > alone)
        say(
          'ucs2',
          `多条时每条 ${each} 不应多于单条 ${alone}`,
          `a part of several (${each}) cannot hold more than one alone (${alone})`,
        )
  return found
}

function unknownGroups({ rule, law, at }: Placed, words: WordsFile): FileProblem[] {
  if (rule.kind !== 'words') return []
  return rule.groups.flatMap((name, index) =>
    Object.hasOwn(words.groups, name)
      ? []
      : [
          {
            file: law.file,
            path: ['rules', at, 'groups', index],
            problem: {
              zh: `words.yaml 中没有词组“${name}”，可用：${Object.keys(words.groups).join('、')}`,
              en: `words.yaml has no group "${name}"; there are ${Object.keys(words.groups).join(', ')}`,
            },
          },
        ],
  )
}

/** One id may stand twice only for times that do not overlap; of hours for the same messages only one may hold. */
function overlaps(placed: readonly Placed[]): FileProblem[] {
  const found: FileProblem[] = []
  placed.forEach((each, index) => {
    for (const other of placed.slice(0, index)) {
      if (!together(each.rule, other.rule)) continue
      const twice = each.rule.id === other.rule.id
      if (!twice && !sameHours(each, other)) continue
      const where = `${other.law.file}: ${other.rule.id}`
      found.push({
        file: each.law.file,
        path: ['rules', each.at, 'id'],
        problem: twice
          ? {
              zh: `编号“${each.rule.id}”在同一时期已用于 ${where}`,
              en: `"${each.rule.id}" is already taken at the same time by ${where}`,
            }
          : {
              zh: `与 ${where} 在同一时期规定了不同的时段`,
              en: `contradicts the hours of ${where} at the same time`,
            },
      })
    }
  })
  return found
}

const together = (a: RuleText, b: RuleText) =>
  (a.since ?? '') < (b.until ?? '9') && (b.since ?? '') < (a.until ?? '9')

function sameHours(a: Placed, b: Placed): boolean {
  if (a.rule.kind !== 'hours' || b.rule.kind !== 'hours') return false
  if (a.law.law !== b.law.law || a.law.channel !== b.law.channel) return false
  if (!a.law.countries.some((country) => b.law.countries.includes(country))) return false
  return share(a.rule.types, b.rule.types) && share(a.rule.purposes, b.rule.purposes)
}

function share(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  return a === undefined || b === undefined || a.some((each) => b.includes(each))
}

function circles({ groups }: WordsFile, file: string): FileProblem[] {
  const found: FileProblem[] = []
  for (const [name, group] of Object.entries(groups)) {
    group.with.forEach((member, at) => {
      const path = ['groups', name, 'with', at]
      if (!Object.hasOwn(groups, member))
        found.push({
          file,
          path,
          problem: { zh: `没有词组“${member}”`, en: `there is no group "${member}"` },
        })
      else if (reaches(groups, member, name, new Set()))
        found.push({
          file,
          path,
          problem: {
            zh: `“${name}”与“${member}”互相包含`,
            en: `"${name}" and "${member}" contain each other`,
          },
        })
    })
  }
  return found
}

function reaches(groups: WordsFile['groups'], from: string, to: string, seen: Set<string>): boolean {
  if (from === to) return true
  if (seen.has(from)) return false
  seen.add(from)
  return (groups[from]?.with ?? []).some((next) => reaches(groups, next, to, seen))
}

const WORD_FIELDS = ['words', 'also', 'fill', 'names', 'except', 'exceptAlone', 'unless'] as const

function unknownChoices({ choices, groups }: WordsFile, file: string): readonly FileProblem[] {
  return Object.entries(groups).flatMap(([group, each]) =>
    WORD_FIELDS.flatMap((field) =>
      each[field].flatMap((word, at) =>
        choicesIn(word)
          .filter((name) => !Object.hasOwn(choices, name))
          .map((name) => ({
            file,
            path: ['groups', group, field, at],
            problem: {
              zh: `choices 中没有“${name}”，可用：${Object.keys(choices).join('、')}`,
              en: `there is no choice "${name}"; there are ${Object.keys(choices).join(', ')}`,
            },
          })),
      ),
    ),
  )
}
