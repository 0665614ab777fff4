import { countEmoji, MAX_EMOJI } from '../emoji.ts'
import { compileNames } from '../names.ts'
import { type TemplateProblem, templateProblem } from '../problems.ts'
import type { TemplateSource } from '../template.ts'
import { actionsOf, leadsToPay } from './actions.ts'
import { findKept, findScarce } from './promises.ts'
import { guardedBy, segmentsOf } from './segments.ts'
import { BLAME, findUnwanted, plain, RISK, withoutKind } from './words.ts'

const FIELDS = ['subject', 'title', 'text', 'mjml'] as const

/** Everything in the words of one variant that a buyer should not have to read. Pure. */
export function lintWords(source: TemplateSource, language: 'en' | 'zh'): readonly TemplateProblem[] {
  const problems: TemplateProblem[] = []
  const report: Report = (code, field, params = {}) =>
    problems.push(templateProblem(code, field, language, params))
  emoji(source, report)
  if ((source.audience ?? 'buyer') !== 'buyer') return problems
  for (const field of FIELDS) {
    const written = source[field]
    if (written === undefined || source.channel === 'webhook') continue
    const { liquid } = compileNames(written)
    tone(source, field, liquid, report)
    failureClass(field, liquid, report)
    kept(field, liquid, report)
    if (source.purpose !== 'promotion') scarce(field, liquid, report)
  }
  oneAction(source, report)
  return problems
}

type Report = (code: TemplateProblem['code'], field: string, params?: Record<string, string | number>) => void

function emoji(source: TemplateSource, report: Report): void {
  for (const field of ['text', 'mjml'] as const) {
    const count = countEmoji(`${source.subject ?? ''}${source.title ?? ''}${source[field] ?? ''}`)
    if (source[field] !== undefined && count > MAX_EMOJI) report('EMOJI', field, { count, limit: MAX_EMOJI })
  }
}

function tone({ purpose }: TemplateSource, field: string, liquid: string, report: Report): void {
  const text = plain(
    segmentsOf(liquid)
      .map((segment) => segment.text)
      .join('\n'),
  )
  const blame = findUnwanted(withoutKind(text), BLAME)
  if (blame) report('BLAME', field, blame)
  // A security notice (essential) may have to say that a log-in looked suspicious.
  const risk = purpose === 'essential' ? null : findUnwanted(text, RISK)
  if (risk) report('RISK_WORD', field, risk)
}

/** A class is a code for choosing words, never a word itself, and none of the words may depend on a risk decision. */
function failureClass(field: string, liquid: string, report: Report): void {
  if (/['"]risk_block['"]/.test(liquid)) report('RISK_BRANCH', field)
  if (/\{\{-?\s*failure\.class\b/.test(liquid)) report('RAW_CLASS', field)
}

function kept(field: string, liquid: string, report: Report): void {
  for (const segment of segmentsOf(liquid)) {
    const found = findKept(plain(segment.text))
    if (found !== null && !guardedBy(segment, 'order.reserved_until')) {
      report('KEPT', field, { found })
      return
    }
  }
}

/** `stock.left` has a value in what is sent on news of the stock alone. */
function scarce(field: string, liquid: string, report: Report): void {
  for (const segment of segmentsOf(liquid)) {
    const found = findScarce(plain(segment.text))
    if (found !== null && !guardedBy(segment, 'stock.left')) {
      report('SCARCE', field, { found })
      return
    }
  }
}

/** One thing to do; in a message that asks for payment that thing is paying. */
function oneAction(source: TemplateSource, report: Report): void {
  for (const field of ['text', 'mjml', 'link'] as const) {
    const written = source[field]
    if (written === undefined || source.channel === 'webhook') continue
    const { buttons, links } = actionsOf(source, field, compileNames(written).liquid)
    const count = buttons.length + links.length
    if (count > 1)
      report('ACTIONS', field, { count, links: [...buttons, ...links].join(' , ').slice(0, 200) })
    else if (source.asksToPay && buttons.length === 1 && !leadsToPay(buttons[0]!))
      report('BUTTON', field, { link: buttons[0]!.slice(0, 60) })
  }
}
