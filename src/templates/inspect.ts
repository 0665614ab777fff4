import type { Liquid } from 'liquidjs'
import { MOST_FAULTS } from '../domain/errors.ts'
import type { Purpose } from '../domain/message.ts'
import { suggestName } from '../domain/template/names.ts'
import { nearest } from '../domain/template/nearest.ts'
import { type TemplateProblem, templateProblem } from '../domain/template/problems.ts'
import { TAG_NAMES } from '../domain/template/tags.ts'
import type { TemplateChannel, TemplatePart } from '../domain/template/template.ts'
import { findVariable, isHidden, VARIABLES } from '../domain/template/variables.ts'
import { FILTER_NAMES } from './engine.ts'
import { DATE_STYLES } from './format.ts'

export interface Inspection {
  /** Paths of the variables this part reads. */
  readonly variables: readonly string[]
  readonly problems: readonly TemplateProblem[]
}

export interface InspectContext {
  readonly engine: Liquid
  readonly channel: TemplateChannel
  readonly purpose: Purpose
  readonly language: 'en' | 'zh'
  /** The field the author wrote it in. */
  readonly field: string
  /** As the author wrote it: what is inspected has other lines and columns. */
  readonly written: string
}

/** What one part of a template reads, and everything that is wrong with it. Pure: nothing is rendered. */
export function inspectPart(part: TemplatePart, context: InspectContext): Inspection {
  const { engine, field, language, written } = context
  let read: ReturnType<Liquid['globalVariableSegmentsSync']>
  try {
    read = engine.globalVariableSegmentsSync(engine.parse(part.liquid))
  } catch (error) {
    const detail = syntaxProblem(engine, written) ?? explainSyntax(withoutPlace(messageOf(error)))
    return { variables: [], problems: [templateProblem('SYNTAX', field, language, { detail })] }
  }
  const problems: TemplateProblem[] = [...dateProblems(part.liquid, context)]
  const variables = new Set<string>()
  for (const segments of read) {
    if (problems.length >= MOST_FAULTS) break
    const written = segments.filter((each) => typeof each !== 'object').join('.')
    if (segments.some((each) => typeof each === 'object')) {
      problems.push(templateProblem('COMPUTED_NAME', field, language, { name: written }))
      continue
    }
    const variable = findVariable(segments as (string | number)[])
    if (variable === null) problems.push(unknownName(written, field, language))
    else {
      variables.add(variable.path)
      if (isHidden(variable, context.channel, context.purpose))
        problems.push(
          templateProblem('HIDDEN', field, language, { name: variable.path, channel: context.channel }),
        )
    }
  }
  if (part.escape === 'html') problems.push(...linkProblems(part.liquid, field, language))
  return { variables: [...variables], problems: unique(problems) }
}

/** What Liquid does not understand in the author's own text, with its line and column there; `null`: nothing. */
export function syntaxProblem(engine: Liquid, written: string): string | null {
  try {
    engine.parse(written)
    return null
  } catch (error) {
    return explainSyntax(messageOf(error))
  }
}

const messageOf = (error: unknown) => String(error instanceof Error ? error.message : error)

/** A message of Liquid's about text that no author has seen. */
export const withoutPlace = (message: string) => message.replace(/, line:\d+, col:\d+/g, '')

export function unknownName(name: string, field: string, language: 'en' | 'zh'): TemplateProblem {
  const near = suggestName(name)
  return near === null
    ? templateProblem('UNKNOWN_NAME', field, language, { name })
    : templateProblem('UNKNOWN_NAME_NEAR', field, language, { name, near })
}

const INSTANTS = VARIABLES.filter((variable) => variable.type === 'instant').map((variable) => variable.path)

function dateProblems(liquid: string, { field, language }: InspectContext): TemplateProblem[] {
  const problems: TemplateProblem[] = []
  for (const [, name] of liquid.matchAll(/\{\{-?\s*([\w.]+)\s*-?\}\}/g))
    if (INSTANTS.includes(name!))
      problems.push(templateProblem('RAW_INSTANT', field, language, { name: name! }))
  for (const [, single, double] of liquid.matchAll(/\|\s*date\s*:\s*(?:'([^']*)'|"([^"]*)")/g)) {
    const style = single ?? double ?? ''
    if (!Object.hasOwn(DATE_STYLES, style)) {
      const styles = Object.keys(DATE_STYLES).join(', ')
      problems.push(templateProblem('DATE_STYLE', field, language, { style: style.slice(0, 40), styles }))
    }
  }
  return problems
}

/** An address must be known to be one: a customer's name in `href` could be `javascript:…`. */
function linkProblems(html: string, field: string, language: 'en' | 'zh'): TemplateProblem[] {
  const problems: TemplateProblem[] = []
  for (const [, link] of html.matchAll(/\b(?:href|src|action|background)\s*=\s*"([^"]*)"/gi)) {
    const path = /^\{\{-?\s*([\w.]+)/.exec(link!)?.[1]
    const known = path === undefined ? null : findVariable(path.split('.'))
    const fine = path === undefined ? /^(https?:|mailto:|tel:|cid:|#|$)/i.test(link!) : known?.type === 'url'
    if (!fine && !(path !== undefined && known === null))
      problems.push(templateProblem('LINK', field, language, { link: link!.slice(0, 60) }))
  }
  return problems
}

/** Liquid's sentence, with the nearest filter or tag that there is. */
function explainSyntax(message: string): string {
  const filter = /undefined filter: (\w+)/.exec(message)?.[1]
  const tag = /tag "([^"]+)" not found/.exec(message)?.[1]
  const near = filter ? nearest(filter, FILTER_NAMES) : tag ? nearest(tag, TAG_NAMES) : null
  return near === null ? message : `${message} (did you mean ${near}?)`
}

function unique(problems: readonly TemplateProblem[]): TemplateProblem[] {
  return [...new Map(problems.map((each) => [`${each.path} ${each.problem}`, each])).values()]
}
