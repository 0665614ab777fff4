import { compileNames } from '../template/names.ts'
import { type Lack, lacksOf } from './carry.ts'
import { checkTemplate, type Finding, type LawDraft, type LawScene, refuses } from './check.ts'
import { nearestLawful } from './nearest.ts'
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

/** What the law holds against a template, and the nearest version that may go. */
export interface LawReport {
  /** Whether any rule is known there; else nothing was looked at. */
  readonly checked: boolean
  readonly lawful: boolean
  readonly findings: readonly LawReportItem[]
  /** Lawful and still never sent there: a reminder that leads to no payment, a registered link that is not there. */
  readonly lacks: readonly Lack[]
  /** `null` where it is lawful already, or where nothing may be said on this road. */
  readonly nearest: string | null
}

/** Checks a draft whose parts are written as people write templates (`{订单号}` or Liquid). */
export function reportOn(scene: LawScene, draft: LawDraft): LawReport {
  const compiled = {
    ...draft,
    parts: draft.parts.map(({ place, liquid }) => ({ place, liquid: compileNames(liquid).liquid })),
  }
  const findings = checkTemplate(scene, compiled)
  const lawful = !findings.some(refuses)
  return {
    checked: scene.rules.length > 0,
    lawful,
    findings: findings.map(itemOf),
    lacks: lacksOf(scene, compiled),
    nearest: lawful ? null : nearestLawful(scene, compiled, findings),
  }
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
