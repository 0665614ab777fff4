import { nearest } from '../template/nearest.ts'
import { TAG_NAMES } from '../template/tags.ts'
import type { Words } from './rule.ts'

/** A template as far as its writing can be followed: what is written, in order, and where it divides. */
export type Node =
  | { readonly kind: 'text'; readonly text: string; readonly from: number }
  | { readonly kind: 'output'; readonly inside: string; readonly from: number; readonly to: number }
  | {
      readonly kind: 'assign'
      readonly name: string
      readonly inside: string
      readonly from: number
      readonly to: number
    }
  /** Of these branches one is written, or none where `whole` is false. */
  | {
      readonly kind: 'choice'
      /** Whether the first branch asks for the registered link and nothing else. */
      readonly asks: boolean
      readonly whole: boolean
      readonly branches: readonly (readonly Node[])[]
      readonly from: number
    }

/** A place whose writing nobody can tell without rendering it. */
export interface Unclear {
  readonly from: number
  readonly to: number
  readonly why: Words
}

export interface Outline {
  readonly nodes: readonly Node[]
  readonly unclear: readonly Unclear[]
}

/**
 * One mark. Braces, backslashes, and percent signs in tags, may not stand in it, not even in quotes: there Liquid
 * might end it elsewhere, or write something else, than this reader thinks.
 */
const MARK =
  /\{\{(-?)((?:[^{}"'\\]|"[^"{}\\]*"|'[^'{}\\]*')*?)(-?)\}\}|\{%(-?)((?:[^{}%"'\\]|"[^"{}%\\]*"|'[^'{}%\\]*')*?)(-?)%\}/y

interface Mark {
  readonly tag: boolean
  readonly inside: string
  readonly from: number
  readonly to: number
}

type Token = Mark | { readonly text: string; readonly from: number }

/** Reads Liquid in one pass. Whatever it is not certain about is `unclear`. */
export function outlineOf(liquid: string): Outline {
  const unclear: Unclear[] = []
  const reading = new Reading(tokensOf(liquid, unclear), unclear)
  return { nodes: reading.all(), unclear }
}

function tokensOf(liquid: string, unclear: Unclear[]): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  let strip = false
  const text = (end: number, stripEnd: boolean) => {
    const written = liquid.slice(at, end)
    const kept = strip ? written.trimStart() : written
    tokens.push({ text: stripEnd ? kept.trimEnd() : kept, from: end - kept.length })
  }
  for (const { index } of liquid.matchAll(/\{[{%]/g)) {
    if (index < at) continue
    MARK.lastIndex = index
    const found = MARK.exec(liquid)
    const to = index + (found?.[0].length ?? 2)
    if (found === null) {
      unclear.push({ from: index, to: Math.min(liquid.length, index + 30), why: UNREADABLE })
      text(index, false)
    } else {
      text(index, (found[1] || found[4]) === '-')
      tokens.push({
        tag: found[5] !== undefined,
        inside: (found[2] ?? found[5] ?? '').trim(),
        from: index,
        to,
      })
    }
    strip = (found?.[3] || found?.[6]) === '-'
    at = to
  }
  text(liquid.length, false)
  return tokens
}

/** Takes tokens one after the other; a block ends with the tag that closes it. */
class Reading {
  private at = 0
  private readonly tokens: readonly Token[]
  private readonly unclear: Unclear[]

  constructor(tokens: readonly Token[], unclear: Unclear[]) {
    this.tokens = tokens
    this.unclear = unclear
  }

  all(): readonly Node[] {
    const nodes: Node[] = []
    while (this.at < this.tokens.length) {
      nodes.push(...this.block())
      const stray = this.tokens[this.at++]
      if (stray !== undefined && 'inside' in stray) this.say(stray, UNREADABLE)
    }
    return nodes
  }

  /** Up to a tag that belongs to the block around, which is left standing. */
  private block(depth = 0): readonly Node[] {
    const nodes: Node[] = []
    for (; this.at < this.tokens.length; this.at++) {
      const token = this.tokens[this.at]!
      if (!('inside' in token)) {
        if (token.text !== '') nodes.push({ kind: 'text', ...token })
      } else if (!token.tag) nodes.push({ kind: 'output', ...token })
      else if (/^(else|elsif|when|end\w+)\b/.test(token.inside)) return nodes
      else nodes.push(...this.tag(token, depth))
    }
    return nodes
  }

  private tag(token: Mark, depth: number): readonly Node[] {
    const [, name = '', rest = ''] = /^(\w+|#)\s*([\s\S]*)$/.exec(token.inside) ?? []
    switch (name) {
      case '#':
        return []
      case 'comment':
        return this.comment(token)
      case 'assign': {
        const [, target, inside] = /^([A-Za-z_]\w*)\s*=\s*([\s\S]+)$/.exec(rest) ?? []
        if (target === undefined) break
        return [{ ...token, kind: 'assign', name: target, inside: inside! }]
      }
      case 'if':
      case 'unless':
      case 'case':
        // Deeper than anybody writes; the stack is not endless.
        if (depth < 20) return [this.choice(token, name, rest, depth)]
    }
    this.say(token, (TAG_NAMES as readonly string[]).includes(name) ? TAG : unknownTag(name))
    return []
  }

  private choice(opening: Mark, name: string, condition: string, depth: number): Node {
    const branches: (readonly Node[])[] = []
    let whole = false
    this.at++
    const first = this.block(depth + 1)
    // What stands between `case` and the first `when` is not written.
    if (name !== 'case') branches.push(first)
    for (;;) {
      const token = this.tokens[this.at] as Mark | undefined
      if (token === undefined || token.inside.startsWith('end')) {
        if (token?.inside !== `end${name}`) this.say(opening, UNREADABLE)
        const asks = name === 'if' && condition.trim() === 'links.registered'
        return { kind: 'choice', asks, whole, branches, from: opening.from }
      }
      if (token.inside === 'else') whole = true
      else if (!token.inside.startsWith(name === 'case' ? 'when ' : 'elsif ')) this.say(token, UNREADABLE)
      this.at++
      branches.push(this.block(depth + 1))
    }
  }

  private comment(opening: Mark): readonly Node[] {
    const next = this.tokens[this.at + 2]
    const closed = next !== undefined && 'inside' in next && next.tag && next.inside === 'endcomment'
    if (closed) this.at += 2
    else this.say(opening, UNREADABLE)
    return []
  }

  private say({ from, to }: Mark, why: Words): void {
    this.unclear.push({ from, to, why })
  }
}

const UNREADABLE: Words = {
  zh: '看不出这里会写出什么',
  en: 'nobody can tell what this writes',
}
const TAG: Words = { zh: '这里不能用这个标签', en: 'this tag may not be here' }

function unknownTag(name: string): Words {
  const near = nearest(name, TAG_NAMES)
  return {
    zh: `没有 ${name} 这个标签${near === null ? '' : `，是不是想用 ${near}`}`,
    en: `there is no tag "${name}"${near === null ? '' : `; did you mean ${near}`}`,
  }
}
