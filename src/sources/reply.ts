import type { Received, SourceReply } from './source.ts'

export function jsonReply(body: object): SourceReply {
  return { status: 200, type: 'application/json', body: JSON.stringify(body) }
}

export function textReply(body: string): SourceReply {
  return { status: 200, type: 'text/plain; charset=utf-8', body }
}

export function forged(why: string): Received {
  return { kind: 'forged', why }
}

/** Whether the signature itself held and only its time did not: then clocks are to be compared, not secrets. */
export function isStale(why: string): boolean {
  return /^signed \d+ s (ago|in the future), /.test(why)
}

/** Why a time that a signature covers does not hold, `off` seconds before ours; `null` when it does. */
export function timeProblem(off: number, tolerance: number): string | null {
  if (Math.abs(off) <= tolerance) return null
  const when = off < 0 ? `${-off} s in the future` : `${off} s ago`
  return `signed ${when}, at most ${tolerance} either way are allowed`
}

export function unreadable(path: string, problem: string): Received {
  return { kind: 'unreadable', path, problem }
}
