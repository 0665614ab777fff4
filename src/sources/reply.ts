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

export function unreadable(path: string, problem: string): Received {
  return { kind: 'unreadable', path, problem }
}
