import { compileNames, suggestName } from '../template/names.ts'
import { type Lack, lacksOf } from './carry.ts'
import { checkTemplate, type Finding, type LawDraft, type LawScene, refuses } from './check.ts'
import { type Need, nearestLawful, neededFor } from './nearest.ts'
import { piecesOf } from './pieces.ts'
import type { Words } from './rule.ts'

/** A finding as a person or program outside reads it. */
export interface LawReportItem {
  readonly rule: string
  readonly severity: 'refuse' | 'warn'
  readonly place: string
  readonly excerpt: string
  readonly about: Words | null
  readonly says: Words
  readonly instead: Words
  readonly source: { readonly title: string; readonly url?: string; readonly dated?: string }
  readonly checked: string
  readonly unverified: boolean
}

/** A name that means nothing, with the nearest that does. */
interface UnknownName {
  readonly name: string
  readonly suggestion: string | null
}

/** What the law holds against a template, and the nearest version that may go. */
export interface LawReport {
  /** Whether any rule is known there; else nothing but names was looked at. */
  readonly checked: boolean
  /** Breaks no rule, and every name in it means something. */
  readonly lawful: boolean
  readonly findings: readonly LawReportItem[]
  /** Names that no template may use, and the nearest that it may. */
  readonly unknown: readonly UnknownName[]
  /** Lawful and still never sent there: a reminder that leads to no payment, a registered link that is not there. */
  readonly lacks: readonly Lack[]
  /** Publishing takes it; `null` where this text may go already, or none like it. */
  readonly nearest: string | null
  /** Where it may not go and no version of it may: what would make one possible. */
  readonly needs: Need | null
}

/** Checks a draft whose parts are written as people write templates (`{订单号}` or Liquid). */
export function reportOn(scene: LawScene, draft: LawDraft): LawReport {
  const read = draft.parts.map(({ place, liquid }) => ({ place, ...compileNames(liquid) }))
  const compiled = { ...draft, parts: read.map(({ place, liquid }) => ({ place, liquid })) }
  const findings = checkTemplate(scene, compiled)
  const unknown = new Set(read.flatMap((part) => [...part.unknown, ...unknownIn(part.liquid)]))
  const broken = findings.some(refuses)
  const lacks = lacksOf(scene, compiled)
  const refused = broken || lacks.length > 0
  const nearest = refused ? nearestLawful(scene, compiled, findings) : null
  return {
    checked: scene.rules.length > 0,
    lawful: !broken && unknown.size === 0,
    findings: findings.map(itemOf),
    unknown: [...unknown].map((name) => ({ name, suggestion: suggestName(name) })),
    lacks,
    nearest,
    needs: refused && nearest === null ? neededFor(scene, compiled, findings) : null,
  }
}

/** Names inside Liquid that are neither variables nor made by the template. */
function unknownIn(liquid: string): readonly string[] {
  const made = new Set([...liquid.matchAll(/\{%-?\s*(?:assign|for)\s+(\w+)/g)].map(([, name]) => name!))
  return piecesOf(liquid).flatMap((piece) => {
    if (piece.kind === 'text' || piece.silent || piece.path === '' || piece.variable !== null) return []
    const { path: name } = piece
    return made.has(name.split('.')[0]!) ? [] : [name]
  })
}

function itemOf({ rule, place, excerpt, about }: Finding): LawReportItem {
  const { title, url, dated } = rule.source
  return {
    rule: rule.id,
    severity: rule.severity,
    place,
    excerpt,
    about,
    says: rule.says,
    instead: rule.instead,
    source: { title, ...(url === undefined ? {} : { url }), ...(dated === undefined ? {} : { dated }) },
    checked: rule.checked,
    unverified: rule.unverified ?? false,
  }
}
