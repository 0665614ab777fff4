import * as z from 'zod'

/** Characters of a text that a pattern sees: gateways that answer in text say what matters at once. */
const SEEN = 500

/**
 * Why `source` may not be used as a pattern, or `null`. Patterns come from people and run on what strangers
 * answer, in our only thread, so that none may take long: at most two repeats, none of a group, no look-around,
 * no back-reference. The worst of those needs 500³/6 steps, some milliseconds.
 */
export function patternProblem(source: string): string | null {
  if (source.length > 200) return 'expected at most 200 characters'
  try {
    new RegExp(source, 'u')
  } catch (error) {
    return (error as Error).message
  }
  // What is escaped or inside a class repeats nothing.
  const bare = source.replace(/\\[pP]\{[^}]*\}|\\./gu, 'x').replace(/\[[^\]]*\]/g, 'x')
  if (/\\[1-9k]/.test(source.replaceAll('\\\\', ''))) return 'a back-reference is not allowed'
  if (/\(\?[=!<]/.test(bare.replace(/\(\?<\w+>/g, '('))) return 'look-around is not allowed'
  if (/\)[*+{?]/.test(bare)) return 'a group may not be repeated; repeat one character or class instead'
  const repeats = bare.replace(/\(\?[:<]/g, '(').match(/[*+?]\??|\{\d[^}]*\}\??/g) ?? []
  return repeats.length > 2 ? 'expected at most two repeats (* + ? {n})' : null
}

/** A pattern as a setting. */
export const safePattern = z
  .string()
  .min(1)
  .superRefine((source, context) => {
    const problem = patternProblem(source)
    if (problem) context.addIssue({ code: 'custom', message: problem })
  })

/** The match of a checked pattern in the first 500 characters of `text`. */
export function matchPattern(source: string, text: string): RegExpExecArray | null {
  return new RegExp(source, 'u').exec(text.slice(0, SEEN))
}
