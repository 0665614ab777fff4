import { insteadOfLink } from './edits.ts'
import { type Checking, type Finding, finding, type LawScene, type Part } from './finding.ts'
import { cutLinks, findHosts, findLinks, type LinkFound, withoutRegistered } from './links.ts'
import { fold, skeleton } from './normalise.ts'
import { type Piece, VALUE_MARK } from './pieces.ts'
import type { Rule, RuleOf } from './rule.ts'
import { REGISTERED, type Whole } from './whole.ts'

type Value = Extract<Piece, { kind: 'value' }>
type Check<K extends Rule['kind']> = (rule: RuleOf<K>, checking: Checking) => readonly Finding[]

/** Names that nobody knows are judged by their look. */
const LINK_NAME = /url|link|href|http|addr|site|链接|网址/i

const links: Check<'links'> = (rule, { scene, parts }) =>
  parts.flatMap((part) => [
    ...(rule.allow === 'noShorteners'
      ? []
      : values(part).flatMap((value) => valueLink(rule, scene, part, value))),
    ...wholes(part).flatMap((whole) =>
      linksIn(rule, whole.text, scene.registered).map((link) => {
        const range = whole.source(link.from, link.to)
        return finding(rule, part, range, [insteadOfLink(rule, scene, part, range)])
      }),
    ),
  ])

/** A value that is an address, or may be one because nobody knows what it is. */
function valueLink(rule: RuleOf<'links'>, scene: LawScene, part: Part, value: Value): readonly Finding[] {
  const { path, variable } = value
  if (path === REGISTERED || path === '') return []
  const mayBe = variable === null ? LINK_NAME.test(path) : variable.type === 'url' || variable.type === 'any'
  if (!mayBe) return []
  const address = variable?.type === 'url'
  const instead = address ? insteadOfLink(rule, scene, part, range(value)) : { ...range(value), text: '' }
  return [finding(rule, part, value, [instead])]
}

/** Also with each value as something or nothing: `{{ order.no }}.cn` leads somewhere, whatever the number. */
function linksIn(rule: RuleOf<'links'>, text: string, registered: string | null): readonly LinkFound[] {
  const found = linksOf(rule, text, registered)
  if (found.length > 0 || !text.includes(VALUE_MARK)) return found
  // One for one, so that places stay the same; the second is drawn as nothing.
  for (const value of ['x', '\u200b']) {
    const filled = linksOf(rule, text.replaceAll(VALUE_MARK, value), registered)
    if (filled.length > 0) return filled
  }
  return rule.allow === 'noShorteners' ? [] : cutLinks(text)
}

function linksOf(rule: RuleOf<'links'>, text: string, registered: string | null) {
  switch (rule.allow) {
    case 'none':
      return findLinks(text)
    case 'registered':
      return findLinks(withoutRegistered(text, registered))
    case 'noShorteners':
      return findHosts(text, rule.shorteners)
  }
}

const words: Check<'words'> = (rule, { scene, draft, parts }) =>
  rule.undeclared === true && draft.asksToPay ? [] : parts.flatMap((part) => wordsIn(rule, scene, part))

const wordsIn = (rule: RuleOf<'words'>, scene: LawScene, part: Part): readonly Finding[] =>
  wholes(part).flatMap((whole) =>
    rule.groups.flatMap((group) =>
      part.wordsOf(whole, group).map((found) => {
        const place = whole.source(found.from, found.to)
        const about = scene.words.groups.get(found.group)?.title ?? null
        return finding(rule, part, place, [part.clauseAround(place)], about)
      }),
    ),
  )

/** What may be written for a character that may not. */
const INSTEAD: Readonly<Record<string, string>> = {
  '&': '和',
  '＆': '和',
  '【': '',
  '】': '',
  '¥': '',
  '￥': '',
}

const characters: Check<'characters'> = (rule, { parts }) => {
  const yuan = rule.chars.includes('¥')
  return parts.flatMap((part) => [
    ...part.pieces.flatMap((piece) => (piece.kind === 'text' ? charsIn(rule, part, piece) : [])),
    ...values(part)
      .filter(({ variable, silent }) => yuan && !silent && variable?.type === 'money')
      .map((value) => finding(rule, part, value, [part.clauseAround(value)])),
  ])
}

function charsIn(rule: RuleOf<'characters'>, part: Part, piece: Extract<Piece, { kind: 'text' }>): Finding[] {
  const found: Finding[] = []
  let at = piece.from
  for (const char of piece.text) {
    const place = { from: at, to: at + char.length }
    if (rule.chars.includes(char) || rule.chars.includes(char.normalize('NFKC')))
      found.push(finding(rule, part, place, [{ ...place, text: INSTEAD[char] ?? '' }]))
    at += char.length
  }
  return found
}

/** A value is counted as so many characters before it is known. */
const VALUE_LENGTH = 10

const length: Check<'length'> = (rule, { scene, parts, rendered }) =>
  parts.flatMap((part) => {
    const own = part.plain.text.startsWith('【') || scene.signature === null ? 0 : scene.signature.length + 2
    const marks = rendered ? 0 : [...part.plain.text].filter((char) => char === VALUE_MARK).length
    const count = [...part.plain.text].length + own + marks * (VALUE_LENGTH - 1)
    return count > rule.most ? [finding(rule, part, null)] : []
  })

const variables: Check<'variables'> = (rule, { parts, rendered }) => {
  if (rendered) return []
  return parts.flatMap((part) => {
    const own = values(part).filter(({ silent, path }) => !silent && path !== REGISTERED)
    const found: Finding[] = []
    if (rule.most !== undefined && own.length > rule.most)
      found.push(
        finding(
          rule,
          part,
          own[rule.most]!,
          own.slice(rule.most).map((each) => ({ ...range(each), text: '' })),
        ),
      )
    if (rule.adjacent === false) found.push(...adjacent(rule, part))
    const fixed = part.pieces.flatMap((piece) => (piece.kind === 'text' ? [piece.text] : [])).join('')
    if (rule.only === false && own.length > 0 && !/[\p{L}\p{N}]/u.test(fixed))
      found.push(finding(rule, part, own[0]!))
    const again = own.find(({ path }, at) => own.findIndex((each) => each.path === path) < at)
    if (rule.repeated === false && again)
      found.push(finding(rule, part, again, [{ ...range(again), text: '' }]))
    return found
  })
}

function adjacent(rule: Rule, part: Part): Finding[] {
  const found: Finding[] = []
  let last: Value | null = null
  for (const piece of part.pieces) {
    if (piece.kind === 'text') {
      if (piece.text === '' || /[\p{L}\p{N}]/u.test(piece.text)) last = null
    } else if (!piece.silent && piece.path !== REGISTERED) {
      if (last !== null)
        found.push(finding(rule, part, { from: last.from, to: piece.to }, [{ ...range(piece), text: '' }]))
      last = piece
    }
  }
  return found
}

const signature: Check<'signature'> = (rule, { scene, parts }) =>
  scene.signature !== null || /^\s*【[^】]+】/.test(parts[0]?.plain.text ?? '')
    ? []
    : parts.slice(0, 1).map((part) => finding(rule, part, null))

const mustSay: Check<'mustSay'> = (rule, { parts }) => {
  const said = (text: string) => {
    const bare = skeleton(fold(text)).chars.join('')
    return rule.oneOf.some((phrase) => {
      const wanted = skeleton(fold(phrase)).chars.join('')
      return rule.atEnd ? bare.endsWith(wanted) : bare.includes(wanted)
    })
  }
  const always = ({ plain, followed: { ways } }: Part) =>
    said(plain.text) && ways.every(({ text }) => said(text))
  if (parts.some(always)) return []
  return parts.slice(0, 1).map((part) => {
    const end = part.liquid.trimEnd().length
    const comma = /[\p{Script=Han}]/u.test(part.liquid) ? '，' : '. '
    return finding(rule, part, null, [{ from: end, to: end, text: `${comma}${rule.oneOf[0]}` }])
  })
}

const mustNotSay: Check<'mustNotSay'> = (rule, { parts }) =>
  parts.flatMap((part) => {
    const bare = skeleton(fold(part.plain.text))
    return rule.phrases.flatMap((phrase) => {
      const wanted = skeleton(fold(phrase)).chars
      const at = bare.chars.findIndex((_, start) =>
        wanted.every((char, step) => bare.chars[start + step] === char),
      )
      if (at < 0) return []
      const place = part.plain.source(bare.from[at]!, bare.to[at + wanted.length - 1]!)
      return [finding(rule, part, place, [part.clauseAround(place)])]
    })
  })

const banned: Check<'banned'> = (rule, { draft, parts }) =>
  rule.asksToPay && !draft.asksToPay ? [] : parts.slice(0, 1).map((part) => finding(rule, part, null))

const mustHave: Check<'mustHave'> = (rule, { parts, rendered }) =>
  rendered || parts.some((part) => values(part).some(({ path }) => path === rule.variable))
    ? []
    : parts.slice(0, 1).map((part) => finding(rule, part, null))

const readable: Check<'readable'> = (rule, { parts }) =>
  parts.flatMap((part) =>
    part.followed.unclear.map(({ from, to, why }) =>
      finding(rule, part, to > from ? { from, to } : null, [{ from, to, text: '' }], why),
    ),
  )

const nothing = () => []

/** What each kind of rule finds in a message. Hours, consent, opt-out words and prices are asked elsewhere. */
export const CHECKS: { readonly [K in Rule['kind']]: Check<K> } = {
  links,
  words,
  characters,
  length,
  variables,
  signature,
  mustSay,
  mustNotSay,
  banned,
  mustHave,
  readable,
  hours: nothing,
  consent: nothing,
  optOutWords: nothing,
  segments: nothing,
  duty: nothing,
}

const range = ({ from, to }: Value) => ({ from, to })
const values = (part: Part): readonly Value[] => part.pieces.filter((piece) => piece.kind === 'value')

/** The text as it stands, as literals would write it, and as each branch does. */
function wholes({ plain, literal, followed }: Part): readonly Whole[] {
  return [...new Map([...followed.ways, literal, plain].map((whole) => [whole.text, whole])).values()]
}
