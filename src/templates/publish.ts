import { MOST_FAULTS } from '../domain/errors.ts'
import { lintWords } from '../domain/template/lint/lint.ts'
import { compileNames } from '../domain/template/names.ts'
import { type TemplateProblem, templateProblem } from '../domain/template/problems.ts'
import type { CompiledTemplate, TemplatePart, TemplateSource } from '../domain/template/template.ts'
import { sampleVars } from '../domain/template/variables.ts'
import { pointer } from './assemble.ts'
import { createEngine, MAX_SOURCE } from './engine.ts'
import { inspectPart, syntaxProblem, unknownName, withoutPlace } from './inspect.ts'
import { type MailLayout, pickFooter, textToMjml, withLanguage, wrapMjml } from './mail.ts'
import { breaksIn, type CompileMjml } from './mjml.ts'
import type { MjmlProblem } from './mjml-process.ts'
import type { Renderer } from './renderer.ts'

export interface PublishContext {
  /** `createMjmlCompiler(…).compile` (mjml.ts). */
  readonly compileMjml: CompileMjml
  /** The shop's mail layout; without one an email's `mjml` must be a whole document. */
  readonly layout?: MailLayout
  /** With a renderer, a template that parses is tried once with sample values, in the worker. */
  readonly renderer?: Pick<Renderer, 'render'>
  /** Of the problems' sentences. Default `en`. */
  readonly language?: 'en' | 'zh'
}

export type Published = { readonly ok: CompiledTemplate } | { readonly problems: readonly TemplateProblem[] }

/** A part before it is inspected, the field its author wrote it in, and what stands there. */
interface Draft extends TemplatePart {
  readonly field: string
  readonly written: string
}

interface Work {
  readonly source: TemplateSource
  readonly context: PublishContext
  readonly problems: TemplateProblem[]
  readonly report: (
    code: TemplateProblem['code'],
    field: string,
    params?: Record<string, string | number>,
  ) => void
}

const MAX_SUBJECT = 200
const MAX_SMS = 500

/** Checks one variant and compiles it: every problem at once, with the field it is in. */
export async function publishTemplate(source: TemplateSource, context: PublishContext): Promise<Published> {
  const problems: TemplateProblem[] = []
  const language = context.language ?? 'en'
  const work: Work = {
    source,
    context,
    problems,
    report: (code, field, params = {}) => problems.push(templateProblem(code, field, language, params)),
  }
  const locale = canonicalLocale(source.locale)
  if (locale === null) work.report('LOCALE', 'locale', { locale: source.locale.slice(0, 40) })
  checkFields(work)
  const drafts = await draftParts(work)
  const reads = new Map<string, readonly string[]>()
  for (const draft of drafts) {
    if (roomIn(work) === 0) break
    const engine = createEngine(draft.escape, { renderLimit: 0 })
    const { purpose, channel } = source
    const { field, written } = draft
    const found = inspectPart(draft, { engine, purpose, channel, language, field, written })
    problems.push(...found.problems)
    reads.set(draft.at, found.variables)
  }
  if (roomIn(work) > 0) checkLinks(work, reads)
  problems.push(...lintWords(source, language))
  if (problems.length > 0 || locale === null) return { problems: distinct(problems) }
  const template = compiled(source, locale, drafts, reads)
  await tryOut(template, work)
  return problems.length > 0 ? { problems } : { ok: template }
}

/** How many more faults are told. */
const roomIn = ({ problems }: Work) => Math.max(0, MOST_FAULTS - problems.length)

function compiled(
  source: TemplateSource,
  locale: string,
  drafts: readonly Draft[],
  reads: ReadonlyMap<string, readonly string[]>,
): CompiledTemplate {
  return {
    format: 1,
    channel: source.channel,
    purpose: source.purpose,
    locale,
    parts: drafts.map(({ at, liquid, escape: target }) => ({ at, liquid, escape: target })),
    variables: [...new Set([...reads.values()].flat())].sort(),
    ...(source.asksToPay ? { asksToPay: true as const } : {}),
    ...(source.channel === 'webhook' ? { type: source.type ?? '', body: source.body ?? {} } : {}),
  }
}

function checkFields({ source, report }: Work): void {
  const needed = {
    email: ['subject', 'text'],
    sms: ['text'],
    inbox: ['title', 'text'],
    webhook: ['type', 'body'],
  } as const
  for (const field of needed[source.channel]) {
    const value = source[field]
    const empty =
      typeof value === 'string' ? value.trim() === '' : typeof value !== 'object' || value === null
    if (empty) report('MISSING', field, { channel: source.channel, field })
  }
  const limits = {
    subject: MAX_SUBJECT,
    title: MAX_SUBJECT,
    text: source.channel === 'sms' ? MAX_SMS : MAX_SOURCE / 4,
    mjml: MAX_SOURCE / 4,
  } as const
  for (const [field, limit] of Object.entries(limits)) {
    const length = (source[field as keyof typeof limits] ?? '').length
    if (length > limit) report('TOO_LONG', field, { length, limit })
  }
  for (const field of ['subject', 'title'] as const)
    if (/[\r\n]/.test((source[field] ?? '').trim())) report('SUBJECT_LINES', field)
}

/** The parts with names compiled and MJML turned into HTML. */
async function draftParts(work: Work): Promise<readonly Draft[]> {
  const { source } = work
  const names = (field: string, text: string) => {
    const { liquid, unknown } = compileNames(text)
    for (const name of unknown.slice(0, roomIn(work)))
      work.problems.push(unknownName(name, field, work.context.language ?? 'en'))
    return liquid
  }
  const draft = (
    field: 'subject' | 'title' | 'text' | 'link',
    target: Draft['escape'],
    text: string,
  ): Draft => ({
    at: field,
    field,
    written: source[field] ?? '',
    escape: target,
    liquid: names(field, text),
  })
  const text = (source.text ?? '').trim()
  switch (source.channel) {
    case 'sms':
      return [draft('text', 'plain', text)]
    case 'inbox':
      return [
        draft('title', 'line', (source.title ?? '').trim()),
        draft('text', 'plain', text),
        ...(source.link ? [draft('link', 'line', source.link.trim())] : []),
      ]
    case 'webhook':
      return webhookParts(source.body ?? {}, '').map((part) => ({
        ...part,
        liquid: names(`body${part.at}`, part.liquid),
      }))
    case 'email': {
      const footer = work.context.layout
        ? pickFooter(work.context.layout, source.locale, source.purpose).text.trim()
        : ''
      return [
        draft('subject', 'line', (source.subject ?? '').trim()),
        draft('text', 'plain', footer ? `${text}\n\n${footer}\n` : `${text}\n`),
        ...(await htmlPart(work, names)),
      ]
    }
  }
}

async function htmlPart(
  work: Work,
  names: (field: string, text: string) => string,
): Promise<readonly Draft[]> {
  const { source, context } = work
  const field = source.mjml ? 'mjml' : 'text'
  const written = source[field] ?? ''
  const document = mailDocument(work, names)
  if (document === null) return []
  // Before MJML: of what comes out of it nobody knows the lines.
  const syntax = syntaxProblem(createEngine('html', { renderLimit: 0 }), written)
  if (syntax !== null) work.report('SYNTAX', field, { detail: syntax })
  const { html, problems } = await context.compileMjml(document.mjml)
  for (const problem of problems)
    work.report('MJML', field, { detail: sayMjml(problem, written, document.before) })
  return problems.length > 0 || syntax !== null
    ? []
    : [{ at: 'html', field, written, escape: 'html', liquid: html }]
}

/** With the line of the author's field, where the problem is in there and not in what the layout adds. */
function sayMjml({ line, tag, message }: MjmlProblem, written: string, before: number | null): string {
  const own = line === null || before === null ? 0 : line - before
  const place = own >= 1 && own <= breaksIn(written) + 1 ? [`line ${own}`] : []
  const where = [...place, ...(tag === null ? [] : [`<${tag}>`])].join(', ')
  return where === '' ? message : `${where}: ${message}`
}

interface MailDocument {
  readonly mjml: string
  /** Its lines before the first of the author's own `mjml`; `null`: the author wrote no MJML. */
  readonly before: number | null
}

function mailDocument(work: Work, names: (field: string, text: string) => string): MailDocument | null {
  const { source, context } = work
  const written = source.mjml ?? ''
  const own = written.trim()
  const trimmed = breaksIn(written.slice(0, written.length - written.trimStart().length))
  if (/<mjml[\s>]/.test(own))
    return { mjml: withLanguage(names('mjml', own), source.locale), before: -trimmed }
  const { layout } = context
  if (!layout) {
    work.report('NO_LAYOUT', 'mjml')
    return null
  }
  const sections = own === '' ? textToMjml(names('text', source.text ?? '')) : names('mjml', own)
  const footer = pickFooter(layout, source.locale, source.purpose)
  const wrap = (inside: string) => wrapMjml(layout, inside, footer, source.locale)
  const [above] = wrap(CUT).split(CUT) as [string]
  return {
    mjml: compileNames(wrap(sections)).liquid,
    before: own === '' ? null : breaksIn(above) - trimmed,
  }
}

/** A word that no layout has. */
const CUT = '\u0000'

/** Every string of a webhook's body that says something variable. */
function webhookParts(value: unknown, at: string): Draft[] {
  if (typeof value === 'string')
    return /[{]/.test(value)
      ? [{ at, field: `body${at}`, written: value, escape: 'plain', liquid: value }]
      : []
  if (Array.isArray(value)) return value.flatMap((each, index) => webhookParts(each, `${at}/${index}`))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, each]) => webhookParts(each, pointer(at, name)))
}

/** Links a message must carry: to payment when it asks for it, to preferences when it is not essential. */
function checkLinks(work: Work, reads: ReadonlyMap<string, readonly string[]>): void {
  const { source, report } = work
  const has = (at: string, path: string) => reads.get(at)?.includes(path) ?? false
  if (source.channel === 'email' && source.purpose !== 'essential')
    for (const at of ['text', 'html'])
      if (reads.has(at) && !has(at, 'links.preferences'))
        report('NO_PREFERENCES_LINK', at === 'html' ? 'mjml' : 'text')
  if (!source.asksToPay) return
  if (source.channel === 'email') {
    for (const at of ['text', 'html'])
      if (reads.has(at) && !has(at, 'links.pay'))
        report('NO_PAY_LINK', at === 'html' ? 'mjml' : 'text', { names: '{{ links.pay }}' })
  } else if (source.channel === 'inbox') {
    if (!has('link', 'links.pay')) report('NO_PAY_LINK', 'link', { names: '{{ links.pay }}' })
  } else if (source.channel === 'sms') {
    // Where carriers forbid links that vary (China), a fixed registered address and a short code or number do it.
    const fixed = /https?:\/\//.test(source.text ?? '') || has('text', 'links.registered')
    const named = has('text', 'order.short_code') || has('text', 'order.no')
    if (!has('text', 'links.pay') && !has('text', 'links.order') && !(fixed && named))
      report('NO_PAY_LINK', 'text', { names: '{{ links.order }}' })
  }
}

async function tryOut(template: CompiledTemplate, { context, report }: Work): Promise<void> {
  if (!context.renderer) return
  const key = `trial:${JSON.stringify(template)}`
  const [result] = await context.renderer.render([{ key, template, vars: sampleVars(), timeZone: 'UTC' }])
  if (result && 'failed' in result) report('TRIAL', 'text', { detail: withoutPlace(result.detail) })
}

function canonicalLocale(locale: string): string | null {
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? null
  } catch {
    return null
  }
}

function distinct(problems: readonly TemplateProblem[]): readonly TemplateProblem[] {
  return [...new Map(problems.map((each) => [`${each.path} ${each.problem}`, each])).values()]
}
