import type { Language } from '../domain/input-problems.ts'
import { type Sentences, translator } from '../domain/sentences.ts'
import { mayBeUnstorable, mendJson } from '../domain/storable-text.ts'

/** Deeper JSON than this is nobody's event, and would overflow the stack of whatever walks it. */
const MAX_DEPTH = 64

/** What can be wrong with a body, and the same in Chinese. */
const JSON_PROBLEMS: Sentences = {
  'expected text in UTF-8': '应为 UTF-8 编码的文字',
  'expected JSON, the body is empty': '应为 JSON，请求体为空',
  'expected at most {} levels of nesting': '嵌套最多 {} 层',
  'expected valid JSON, it breaks at character {}': '应为合法的 JSON，在第 {} 个字符处中断',
  'expected valid JSON': '应为合法的 JSON',
  'expected no name "__proto__" or "constructor"': '不能有名为 "__proto__" 或 "constructor" 的字段',
}

const inChinese = translator(JSON_PROBLEMS)
/** What is wrong with a body, in the reader’s language. */
export const jsonProblem = (problem: string, language: Language): string =>
  language === 'zh' ? inChinese(problem) : problem

export type ReadJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: string }

/**
 * The value in `body`, which must be UTF-8 JSON at most 64 levels deep. The problem never quotes the body:
 * it goes into answers and logs. Texts that cannot be kept are mended: who sent them will not send others.
 */
export function readJson(body: Uint8Array): ReadJson {
  const read = readJsonAsSent(body)
  return read.ok ? { ok: true, value: mendJson(read.value, read.text) } : read
}

/** The same as it came; `unstorable`: some text in it may be one that cannot be kept. */
export function readJsonAsSent(
  body: Uint8Array,
):
  | Exclude<ReadJson, { ok: true }>
  | { readonly ok: true; readonly value: unknown; readonly text: string; readonly unstorable: boolean } {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return { ok: false, problem: 'expected text in UTF-8' }
  }
  if (text.trim() === '') return { ok: false, problem: 'expected JSON, the body is empty' }
  const deep = nestingProblem(text)
  if (deep !== null) return { ok: false, problem: deep }
  try {
    return { ok: true, value: JSON.parse(text), text, unstorable: mayBeUnstorable(text) }
  } catch (error) {
    const where = /position (\d+)/.exec(String(error))?.[1]
    return { ok: false, problem: `expected valid JSON${where ? `, it breaks at character ${where}` : ''}` }
  }
}

/** What is wrong with how deep a JSON text goes; `null`: nothing. */
const nestingProblem = (text: string): string | null =>
  mayBeDeep(text) && depthOf(text) > MAX_DEPTH ? `expected at most ${MAX_DEPTH} levels of nesting` : null

/** Whether there are brackets enough at all: spares ordinary bodies the walk, a third of the cost of reading them. */
function mayBeDeep(text: string): boolean {
  let left = MAX_DEPTH
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1))
      if (--left < 0) return true
  }
  return false
}

/** Deepest nesting of brackets outside strings. */
function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  let inString = false
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (inString) {
      if (char === 0x5c) at++
      else if (char === 0x22) inString = false
    } else if (char === 0x22) inString = true
    else if (char === 0x7b || char === 0x5b) deepest = Math.max(deepest, ++depth)
    else if (char === 0x7d || char === 0x5d) depth--
  }
  return deepest
}

export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What lies at `path` inside `value`; `undefined` where the path breaks. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let here = value
  for (const key of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, key)) return undefined
    here = (here as Record<string | number, unknown>)[key]
  }
  return here
}

/** Trimmed text at `path`, a whole number as its digits; `undefined` when it is neither or empty. */
export function textAt(value: unknown, ...path: readonly (string | number)[]): string | undefined {
  const found = at(value, ...path)
  if (typeof found === 'number' && Number.isSafeInteger(found)) return String(found)
  if (typeof found !== 'string') return undefined
  return found.trim() || undefined
}

/** Whether anything was said at `path`: not where there is nothing, `null` or an empty text. */
export function cameAt(value: unknown, ...path: readonly (string | number)[]): boolean {
  const found = at(value, ...path)
  return found !== undefined && found !== null && !(typeof found === 'string' && found.trim() === '')
}

/** The list at `path`, or an empty one. */
export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}
