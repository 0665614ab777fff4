import { readLaw } from '../../app/law.ts'
import { readTemplates } from '../../app/presets.ts'
import { type AccountLaw, type LawBook, lawNames, NO_ACCOUNT_LAW } from '../../domain/law/book.ts'
import { sceneOf } from '../../domain/law/check.ts'
import { segmentSizes } from '../../domain/law/price.ts'
import { type LawReport, type LawReportItem, reportOn } from '../../domain/law/report.ts'
import { LAW_CHANNELS, type LawChannel } from '../../domain/law/rule.ts'
import { PURPOSES, type Purpose } from '../../domain/message.ts'
import { nearest } from '../../domain/template/nearest.ts'
import { smsSegments } from '../../domain/template/sms-segments.ts'
import { type Command, CommandError, type Context, EXIT } from '../command.ts'
import { ERRORS } from '../texts/errors.ts'
import { LAW } from '../texts/law.ts'
import { say, type Text } from '../texts/text.ts'

type Options = Readonly<Record<string, string | boolean | undefined>>

interface Draft {
  readonly name: string
  readonly purpose: Purpose
  readonly asksToPay: boolean
  readonly parts: readonly { readonly place: string; readonly liquid: string }[]
}

const REGISTERED = 'https://shop.example/d'

/** Works on the files alone: it needs neither database nor server. */
export const lawCheck: Command = {
  name: 'law check',
  summary: LAW.check,
  args: [{ name: '[template]', text: LAW.template }],
  options: [
    { flags: '--text <text>', text: LAW.text },
    { flags: '--channel <channel>', text: LAW.channel },
    { flags: '--provider <name>', text: LAW.provider },
    { flags: '--country <code>', text: LAW.country },
    { flags: '--purpose <purpose>', text: LAW.purpose },
    { flags: '--asks-to-pay', text: LAW.pay },
  ],
  examples: [
    'dingdong law check --text "您的订单还没有付款 https://a.cn/x" --provider tencent --country CN',
    'dingdong law check payment_failed_last --provider aliyun',
  ],
  async run(context, [name], options) {
    const { screen, language, clock } = context
    const book = await readLaw(language)
    const channel = oneOf(context, 'channel', options.channel, LAW_CHANNELS) ?? 'sms'
    const law = readAccount(context, book, channel, options)
    const scene = sceneOf(book, channel, law, 'CN', clock.now())
    const drafts = await readDrafts(context, name, channel, options)
    const reports = drafts.map((draft) => ({ draft, report: reportOn(scene, draft) }))
    const sizes = segmentSizes(book, { ...law, country: law.country ?? 'CN' }, clock.now())
    for (const { draft, report } of reports) {
      show(context, draft, law, report)
      const text = draft.parts.find(({ place }) => place === 'text')?.liquid.trim() ?? ''
      const { segments, units } = smsSegments(text.replace(/\{\{?[^}]*\}\}?/g, '12345678'), undefined, sizes)
      if (channel === 'sms') screen.line(say(LAW.segments, language, { segments, units }))
    }
    screen.line(screen.paint('dim', say(LAW.notAdvice, language)))
    screen.result(reports.map(({ draft, report }) => ({ name: draft.name, ...report })))
    return reports.every(({ report }) => mayGo(report)) ? EXIT.ok : EXIT.failed
  },
}

function readAccount(context: Context, book: LawBook, channel: LawChannel, options: Options): AccountLaw {
  const country = options.country ?? 'CN'
  if (typeof country !== 'string' || !/^[A-Z]{2}$/.test(country))
    throw new CommandError(EXIT.usage, say(LAW.countryWrong, context.language))
  const law = options.provider
  if (law === undefined) return { ...NO_ACCOUNT_LAW, country, registered: { url: REGISTERED, icp: null } }
  const known = lawNames(book, channel)
  if (!known.includes(String(law))) throw unknown(context, LAW.lawUnknown, String(law), known)
  return { law: String(law), country, signature: null, registered: { url: REGISTERED, icp: null } }
}

async function readDrafts(
  context: Context,
  name: string | undefined,
  channel: LawChannel,
  options: Options,
): Promise<readonly Draft[]> {
  const asked = oneOf(context, 'purpose', options.purpose, PURPOSES)
  if (typeof options.text === 'string')
    return [
      {
        name: '--text',
        purpose: asked ?? 'service',
        asksToPay: options.asksToPay === true,
        parts: [{ place: 'text', liquid: options.text }],
      },
    ]
  if (name === undefined) throw new CommandError(EXIT.usage, say(LAW.needsOne, context.language))
  const templates = await readTemplates()
  const found = templates.find((template) => template.name === name)
  if (!found)
    throw unknown(
      context,
      LAW.templateUnknown,
      name,
      templates.map((each) => each.name),
    )
  return found.sources
    .filter((source) => source.channel === channel)
    .map((source) => ({
      name: `${name} ${source.locale}`,
      purpose: asked ?? source.purpose,
      asksToPay: source.asksToPay ?? false,
      parts: [
        { place: 'subject', liquid: source.subject ?? '' },
        { place: 'text', liquid: source.text ?? '' },
      ].filter(({ liquid }) => liquid !== ''),
    }))
}

function oneOf<T extends string>(
  context: Context,
  option: string,
  value: string | boolean | undefined,
  known: readonly T[],
): T | null {
  if (value === undefined) return null
  if ((known as readonly unknown[]).includes(value)) return value as T
  throw unknown(context, LAW.valueUnknown, String(value), known, { option })
}

function unknown(
  { language }: Context,
  text: Text,
  name: string,
  known: readonly string[],
  more: Readonly<Record<string, string>> = {},
): CommandError {
  const close = nearest(name, known)
  const near = close ? say(ERRORS.near, language, { near: close }) : say(ERRORS.noNear, language)
  return new CommandError(EXIT.usage, say(text, language, { name, near, known: known.join(', '), ...more }))
}

const mayGo = ({ lawful, lacks }: LawReport) => lawful && lacks.length === 0

function show({ screen, language }: Context, draft: Draft, law: AccountLaw, report: LawReport): void {
  const whose = law.law ?? say(LAW.everybody, language)
  const outcome = !mayGo(report)
    ? screen.paint('red', say(LAW.refused, language))
    : screen.paint(
        report.findings.length > 0 ? 'yellow' : 'green',
        say(report.findings.length > 0 ? LAW.warned : LAW.lawful, language),
      )
  screen.line(`${screen.paint('bold', draft.name)} · ${whose} · ${law.country ?? ''}: ${outcome}`)
  for (const item of report.findings) for (const line of linesOf(item, language)) screen.line(`  ${line}`)
  for (const lack of report.lacks) screen.line(`  ✗ ${say(LAW[lack], language)}`)
  if (report.lawful) return
  screen.line(say(report.nearest === null ? LAW.none : LAW.nearest, language))
  if (report.nearest !== null) screen.line(`  ${screen.paint('green', report.nearest)}`)
}

function linesOf(item: LawReportItem, language: 'zh' | 'en'): readonly string[] {
  const excerpt = item.excerpt === '' ? '' : `“${item.excerpt}” `
  const about = item.about === null ? '' : ` (${item.about[language]})`
  const { url, title } = item.source
  const source = `${title}${url === undefined ? '' : ` ${url}`}${item.unverified ? say(LAW.claim, language) : ''}`
  return [
    `${item.severity === 'refuse' ? '✗' : '!'} ${item.rule}: ${excerpt}${item.says[language]}${about}`,
    `  ${say(LAW.instead, language, { text: item.instead[language] })}`,
    `  ${say(LAW.source, language, { source, checked: item.checked })}`,
  ]
}
