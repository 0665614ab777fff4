import type * as z from 'zod'
import { problemText, readShape } from '../flow/schema-problems.ts'
import { offsetOf } from '../flow/yaml.ts'
import { translator } from '../sentences.ts'
import { openYaml, yamlDetail } from '../yaml-text.ts'
import type { LawBook } from './book.ts'
import { contradictions, type FileProblem } from './contradictions.ts'
import { type LawFile, lawFile, type WordsFile, wordsFile } from './rule.ts'
import { compileWords } from './words.ts'

/** What is wrong in which file, line and field, and what was expected. */
export interface LawProblem {
  readonly file: string
  readonly line: number
  readonly path: string
  readonly problem: string
}

export type LoadedLaw =
  | { readonly ok: true; readonly book: LawBook }
  | { readonly ok: false; readonly problems: readonly LawProblem[] }

/** What rule.ts and day.ts say by themselves. */
const inChinese = translator({
  'expected a day such as {}': '应为日期，如 {}',
  'there is no day {}': '没有 {} 这一天',
  'expected a time of day such as 08:00, or 24:00': '应为时刻，如 08:00，或 24:00',
  'expected small letters, digits and hyphens': '应为小写字母、数字和连字符',
  'expected brackets in pairs, none within another': '括号应成对，且不能嵌套',
  'expected no brackets': '不应有括号',
  'expected a country such as CN, or *': '应为国家代码，如 CN，或 *',
})

const WORDS = 'words.yaml'
const NO_WORDS: WordsFile = { choices: {}, groups: {} }
const LONGEST_FILE = 200_000

/** One file as parsed, for the line of a path. */
interface Parsed<T> {
  readonly file: string
  readonly value: T
  lineOf(path: readonly (string | number)[]): number
}

/** Reads every law file (`name → text`). Pure. All problems at once; nothing of a wrong set is used. */
export function loadLaw(files: Readonly<Record<string, string>>, language: 'en' | 'zh' = 'en'): LoadedLaw {
  const problems: LawProblem[] = []
  const read = <T>(file: string, schema: z.ZodType<T>) =>
    readFile(file, files[file]!, schema, language, problems)
  const words = files[WORDS] === undefined ? null : read(WORDS, wordsFile)
  const laws = Object.keys(files)
    .filter((file) => file.endsWith('.yaml') && file !== WORDS)
    .sort()
    .flatMap((file) => read(file, lawFile) ?? [])
  const say = ({ file, path, problem }: FileProblem) => {
    const parsed = file === WORDS ? words : laws.find((each) => each.file === file)
    problems.push({ file, line: parsed?.lineOf(path) ?? 1, path: path.join('.'), problem: problem[language] })
  }
  // Of files that cannot be read whole, what is missing would only be complained about twice.
  if (problems.length > 0) return { ok: false, problems }
  contradictions(
    laws.map(({ file, value }) => ({ ...value, file })),
    words?.value ?? NO_WORDS,
    WORDS,
  ).forEach(say)
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, book: bookOf(laws, words?.value ?? NO_WORDS) }
}

function bookOf(laws: readonly Parsed<LawFile>[], words: WordsFile): LawBook {
  return {
    files: laws.map(({ file, value }) => ({ ...value, file })),
    rules: laws.flatMap(({ file, value }) =>
      value.rules.map((rule) => ({
        ...rule,
        law: value.law,
        channel: value.channel,
        countries: value.countries,
        file,
      })),
    ),
    words: compileWords(words),
  }
}

function readFile<T>(
  file: string,
  text: string,
  schema: z.ZodType<T>,
  language: 'en' | 'zh',
  problems: LawProblem[],
): Parsed<T> | null {
  if (text.length > LONGEST_FILE) {
    const problem = { en: `expected at most ${LONGEST_FILE} characters`, zh: `最多 ${LONGEST_FILE} 个字符` }
    problems.push({ file, line: 1, path: '', problem: problem[language] })
    return null
  }
  const { document, lines } = openYaml(text)
  const lineAt = (offset: number) => lines.linePos(offset).line
  if (document.errors.length > 0) {
    for (const error of document.errors)
      problems.push({ file, line: lineAt(error.pos[0]), path: '', problem: yamlDetail(error, language) })
    return null
  }
  const lineOf = (path: readonly (string | number)[]) => lineAt(offsetOf(document, path))
  const shape = readShape(schema, document.toJS({ maxAliasCount: 100 }), language)
  if ('value' in shape) return { file, value: shape.value, lineOf }
  for (const problem of shape.problems)
    problems.push({
      file,
      line: lineOf(problem.path),
      path: problem.path.join('.'),
      problem: language === 'zh' ? inChinese(problemText(problem, language)) : problemText(problem, language),
    })
  return null
}
