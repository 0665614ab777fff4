import { type Carried, carriedBy, type Obstacle, type OfferedText, type Road } from '../domain/law/carry.ts'
import { lawDraft } from '../domain/template/law-draft.ts'
import { compileNames } from '../domain/template/names.ts'
import { type TemplateProblem, templateProblem } from '../domain/template/problems.ts'
import type { CompiledTemplate, TemplateSource } from '../domain/template/template.ts'

/** Texts that an account will never carry, though the template is published: another text or channel does it. */
export interface KeptBack {
  readonly account: string
  /** `en sms`. */
  readonly texts: readonly string[]
  /** Ids of the rules; `no_way_to_pay`, `no_registered_link`. */
  readonly because: readonly string[]
}

export interface UnderLaw {
  /** `zh-CN.sms.text: …`; any of them keeps the template from being published. */
  readonly problems: readonly TemplateProblem[]
  readonly kept: readonly KeptBack[]
}

/** What a template offers to SMS accounts, and whether it speaks elsewhere too. */
export interface Offered {
  readonly texts: readonly OfferedText[]
  readonly elsewhere: boolean
}

/**
 * Holds the SMS texts of a template against the law of each account that would carry them. An account must find one
 * text that it may carry, in whatever language: the gate never chooses another there. Where no words would help, since
 * the law bans such a message altogether or the account has no registered link, it is enough that the template speaks
 * on another channel.
 */
export function underLaw(
  { texts, elsewhere }: Offered,
  roads: readonly Road[],
  language: 'en' | 'zh',
): UnderLaw {
  const problems: TemplateProblem[] = []
  const kept: KeptBack[] = []
  if (texts.length === 0) return { problems, kept }
  for (const road of roads) {
    const carried = carriedBy(road.scene, texts)
    const helpless = elsewhere ? noWordsHelp(carried) : null
    if (helpless !== null)
      kept.push({
        account: road.name,
        texts: texts.map(({ locale }) => `${locale} sms`),
        because: [helpless],
      })
    else if (carried.kind === 'refused')
      problems.push(...carried.obstacles.map((each) => problemOf(each, road, language)))
    else if (carried.kind === 'banned')
      problems.push(
        problemOf({ kind: 'law', locale: texts[0]!.locale, finding: carried.finding }, road, language),
      )
    else
      for (const [locale, obstacles] of Map.groupBy(carried.keptBack, (each) => each.locale))
        kept.push({ account: road.name, texts: [`${locale} sms`], because: namesOf(obstacles) })
  }
  return { problems: distinct(problems), kept }
}

/** Why an account says nothing of this, whatever is written; `null` where other words could go. */
function noWordsHelp(carried: Carried): string | null {
  if (carried.kind === 'banned') return carried.finding.rule.id
  const linkless =
    carried.kind === 'refused' && carried.obstacles.every(({ kind }) => kind === 'no_registered_link')
  return linkless ? 'no_registered_link' : null
}

/** As its author wrote it. */
export const offeredSources = (sources: readonly TemplateSource[]): Offered => ({
  texts: sources.filter(bySms).map(offeredText),
  elsewhere: !sources.every(bySms),
})

/** As it was published. */
export const offeredVariants = (variants: readonly CompiledTemplate[]): Offered => ({
  texts: variants.filter(bySms).map((variant) => ({ locale: variant.locale, draft: lawDraft(variant) })),
  elsewhere: !variants.every(bySms),
})

const bySms = ({ channel }: { readonly channel: string }) => channel === 'sms'

function offeredText({ locale, text, purpose, asksToPay }: TemplateSource): OfferedText {
  const { liquid } = compileNames((text ?? '').trim())
  return { locale, draft: { purpose, asksToPay: asksToPay ?? false, parts: [{ place: 'text', liquid }] } }
}

const namesOf = (obstacles: readonly Obstacle[]) => [
  ...new Set(obstacles.map((each) => (each.kind === 'law' ? each.finding.rule.id : each.kind))),
]

function problemOf(obstacle: Obstacle, { id, name: account }: Road, language: 'en' | 'zh'): TemplateProblem {
  const path = `${obstacle.locale}.sms.text`
  switch (obstacle.kind) {
    case 'no_registered_link':
      return templateProblem('NO_REGISTERED_LINK', path, language, { account, id })
    case 'no_way_to_pay': {
      const names = obstacle.names.map((name) => `{{ ${name} }}`).join(language === 'zh' ? '、' : ' and ')
      return templateProblem('NO_PAY_LINK_HERE', path, language, { account, names })
    }
    case 'law': {
      const { rule, excerpt, about } = obstacle.finding
      const what = [excerpt && `“${excerpt}”`, about && `(${about[language]})`].filter(Boolean).join(' ')
      const source = rule.source.url ?? rule.source.title
      const problem = templateProblem('LAW', path, language, {
        account,
        what: what === '' ? '' : `${what} `,
        says: rule.says[language],
        instead: rule.instead[language],
        rule: rule.id,
        source,
      })
      return { ...problem, rule: rule.id, source }
    }
  }
}

function distinct(problems: readonly TemplateProblem[]): readonly TemplateProblem[] {
  return [...new Map(problems.map((each) => [`${each.path} ${each.problem}`, each])).values()]
}
