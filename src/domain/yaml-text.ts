import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  YAMLParseError,
} from 'yaml'

interface Opened {
  readonly document: Document
  readonly lines: LineCounter
}

/**
 * The document of a YAML text and its lines. Its `errors` say what is no YAML, and that a second document follows:
 * at the log level `silent` the parser would drop that without a word.
 */
export function openYaml(text: string): Opened {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    logLevel: 'error',
    // The parser would compare each key of a map with all before it: 40,000 of them, 20 seconds.
    uniqueKeys: false,
  }) as Document
  const twice = keysTwice(document.contents)
  if (twice.length > 0) document.errors = [...document.errors, ...twice].sort((a, b) => a.pos[0] - b.pos[0])
  return { document, lines }
}

/** Keys that stand twice in one map, each but the first. Without recursion, since a text can be deeper than the stack. */
function keysTwice(contents: unknown): readonly YAMLParseError[] {
  const errors: YAMLParseError[] = []
  const open: unknown[] = [contents]
  while (open.length > 0) {
    const node = open.pop()
    if (isSeq(node)) for (const item of node.items) open.push(item)
    if (!isMap(node)) continue
    const seen = new Set<unknown>()
    for (const { key, value } of node.items as readonly Pair[]) {
      open.push(key, value)
      if (!isScalar(key)) continue
      const [from = 0, to = 0] = key.range ?? []
      if (seen.has(key.value))
        errors.push(new YAMLParseError([from, to], 'DUPLICATE_KEY', 'Map keys must be unique'))
      seen.add(key.value)
    }
  }
  return errors
}

type YamlCode = YAMLParseError['code']

/** Complaints about files that are written by hand. They quote nothing of the file, which may hold secrets. */
const WORDS: Readonly<Partial<Record<YamlCode, { readonly en: string; readonly zh: string }>>> = {
  BAD_INDENT: {
    en: 'the indentation is not right, or a bracket is not closed',
    zh: '缩进不对，或括号没有闭合',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    en: 'two colons in one line: put the value into quotes',
    zh: '一行里有两个冒号；请给值加上引号',
  },
  BLOCK_IN_FLOW: {
    en: 'inside brackets nothing may be written as indented lines',
    zh: '方括号或花括号里不能换成缩进写法',
  },
  DUPLICATE_KEY: { en: 'the same key stands here twice', zh: '同一个键写了两次' },
  MISSING_CHAR: {
    en: 'a quote, a bracket, a comma or the space after a colon is missing',
    zh: '缺少引号、括号、逗号或冒号后的空格',
  },
  MULTILINE_IMPLICIT_KEY: {
    en: 'a key must be in one line: look at colons and indentation',
    zh: '键不能跨行；请检查冒号和缩进',
  },
  MULTIPLE_DOCS: {
    en: 'a second document begins here (after ---), which would not be read: leave one document in the file',
    zh: '这里开始了第二个文档（--- 之后），不会被读取；一个文件请只保留一个文档',
  },
  TAB_AS_INDENT: { en: 'tabs cannot indent: use spaces', zh: '缩进不能用制表符，请用空格' },
  UNEXPECTED_TOKEN: { en: 'there are characters here that do not belong', zh: '这里出现了多余的字符' },
}

/** What the parser complains about; the code itself where there are no words for it. */
export const yamlWords = (code: YamlCode, language: 'en' | 'zh'): string => WORDS[code]?.[language] ?? code

/** As `yamlWords`, for files without secrets: in English the parser says it itself, with what it has found. */
export function yamlDetail({ code, message }: YAMLParseError, language: 'en' | 'zh'): string {
  if (language === 'zh') return WORDS[code]?.zh ?? message
  return code === 'MULTIPLE_DOCS' ? WORDS.MULTIPLE_DOCS!.en : message
}
