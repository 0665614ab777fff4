import { readLaw } from '../../app/law.ts'
import type { AccountAsked } from '../../domain/law/asked.ts'
import { type AccountLaw, type LawBook, lawNames, NO_LAW } from '../../domain/law/book.ts'
import { sceneOf } from '../../domain/law/check.ts'
import { segmentSizes } from '../../domain/law/price.ts'
import { type LawReport, type LawReportItem, reportOn } from '../../domain/law/report.ts'
import { LAW_CHANNELS, type LawChannel } from '../../domain/law/rule.ts'
import { smsSegments } from '../../domain/template/sms-segments.ts'
import { type Command, CommandError, type Context, EXIT } from '../command.ts'
import { type Draft, type Options, oneOf, readAsked, unknown, type Wanted } from '../law-asked.ts'
import { OPTIONS } from '../texts/commands.ts'
import { nearText } from '../texts/errors.ts'
import { LAW } from '../texts/law.ts'
import { say } from '../texts/text.ts'

/**
 * What is not given is the shop's: its template in force, the laws of its accounts, its country. Without a database
 * the program's own files are looked at, in mainland China.
 */
export const lawCheck: Command = {
  name: 'law check',
  summary: LAW.check,
  args: [{ name: '[template]', text: LAW.template }],
  options: [
    { flags: '--text <text>', text: LAW.text },
    { flags: '--channel <channel>', text: LAW.channel },
    { flags: '--law <name>', text: LAW.law },
    { flags: '--provider <name>', text: LAW.provider },
    { flags: '--country <code>', text: LAW.country },
    { flags: '--purpose <purpose>', text: LAW.purpose },
    { flags: '--asks-to-pay', text: LAW.pay },
    { flags: '--shop <slug>', text: OPTIONS.shop },
  ],
  examples: [
    'dingdong law check --text "您的订单还没有付款 https://a.cn/x" --law tencent --country CN',
    'dingdong law check payment_failed_last',
    'dingdong law check payment_failed_last --law aliyun',
  ],
  async run(context, [name], options) {
    const { screen, language, clock } = context
    const book = await readLaw(language)
    const channel = oneOf(context, 'channel', options.channel, LAW_CHANNELS) ?? 'sms'
    const wanted = readWanted(context, book, channel, options)
    const { country, accounts, drafts } = await readAsked(context, { name, channel, wanted, options })
    const reports = accounts.flatMap(({ account, law }) => {
      const scene = sceneOf(book, channel, law, country, clock.now())
      const own = { ...law, country: law.country ?? country }
      return drafts.map((draft) => ({ account, law: own, draft, report: reportOn(scene, draft) }))
    })
    for (const each of reports) {
      show(context, each)
      if (channel === 'sms') screen.line(segmentsLine(context, book, each))
    }
    screen.line(screen.paint('dim', say(LAW.notAdvice, language)))
    screen.result(
      reports.map(({ account, law, draft, report }) => ({
        name: draft.name,
        account,
        law: law.law,
        country: law.country,
        ...report,
      })),
    )
    return reports.every(({ report }) => mayGo(report)) ? EXIT.ok : EXIT.failed
  },
}

/** What it costs to send, with the signature that the gateway puts in front where an account tells it. */
function segmentsLine({ language, clock }: Context, book: LawBook, { law, draft }: Shown): string {
  const text = draft.parts.find(({ place }) => place === 'text')?.liquid.trim() ?? ''
  const signature = law.signature?.replace(/[【】]/g, '') || undefined
  const { segments, units } = smsSegments(
    text.replace(/\{\{?[^}]*\}\}?/g, '12345678'),
    signature,
    segmentSizes(book, law, clock.now()),
  )
  return signature === undefined
    ? say(LAW.segments, language, { segments, units })
    : say(LAW.segmentsSigned, language, { segments, units, signature })
}

function readWanted(context: Context, book: LawBook, channel: LawChannel, options: Options): Wanted {
  const country = options.country ?? null
  if (country !== null && (typeof country !== 'string' || !/^[A-Z]{2}$/.test(country)))
    throw new CommandError(EXIT.usage, say(LAW.countryWrong, context.language))
  const law = options.law ?? options.provider
  if (law === undefined) return { law: null, country }
  const known = lawNames(book, channel)
  if (!known.includes(String(law))) throw unknown(context, LAW.lawUnknown, String(law), known)
  return { law: String(law), country }
}

const mayGo = ({ lawful, lacks }: LawReport) => lawful && lacks.length === 0

interface Shown extends AccountAsked {
  readonly law: AccountLaw & { readonly country: string }
  readonly draft: Draft
  readonly report: LawReport
}

function show({ screen, language }: Context, { account, law, draft, report }: Shown): void {
  const whose = law.law ?? say(LAW.everybody, language)
  const outcome =
    !report.checked && report.unknown.length === 0
      ? screen.paint('yellow', say(law.law === NO_LAW ? LAW.uncheckedByNone : LAW.uncheckedThere, language))
      : !mayGo(report)
        ? screen.paint('red', say(LAW.refused, language))
        : screen.paint(
            report.findings.length > 0 ? 'yellow' : 'green',
            say(report.findings.length > 0 ? LAW.warned : LAW.lawful, language),
          )
  const road = account === null ? whose : `${account} (${whose})`
  screen.line(`${screen.paint('bold', draft.name)} · ${road} · ${law.country ?? ''}: ${outcome}`)
  for (const items of alike(report.findings))
    for (const line of linesOf(items, language)) screen.line(`  ${line}`)
  for (const lack of report.lacks) screen.line(`  ✗ ${say(LAW[lack], language)}`)
  for (const { name, suggestion } of report.unknown) {
    const near = nearText(suggestion, language)
    screen.line(`  ✗ ${say(LAW.nameUnknown, language, { name, near })}`)
  }
  if (report.needs !== null)
    screen.line(`${say(LAW.none, language)}${say(LAW.needs[report.needs], language)}`)
  if (report.nearest === null) return
  screen.line(say(LAW.nearest, language))
  screen.line(`  ${screen.paint('green', report.nearest)}`)
}

/** What one rule says of one place, once for all its words. */
const alike = (items: readonly LawReportItem[]): readonly (readonly LawReportItem[])[] => [
  ...Map.groupBy(items, ({ rule, place, about }) => `${rule} ${place} ${about?.en ?? ''}`).values(),
]

function linesOf(items: readonly LawReportItem[], language: 'zh' | 'en'): readonly string[] {
  const item = items[0]!
  const words = [...new Set(items.map(({ excerpt }) => excerpt))]
  // Words that lie within longer ones are told with them.
  const told = words.filter(
    (each) => each !== '' && !words.some((other) => other !== each && other.includes(each)),
  )
  const excerpt = told.map((each) => `“${each}” `).join('')
  const about = item.about === null ? '' : ` (${item.about[language]})`
  const { url, title } = item.source
  const source = `${title}${url === undefined ? '' : ` ${url}`}${item.unverified ? say(LAW.claim, language) : ''}`
  return [
    `${item.severity === 'refuse' ? '✗' : '!'} ${item.rule}: ${excerpt}${item.says[language]}${about}`,
    `  ${say(LAW.instead, language, { text: item.instead[language] })}`,
    `  ${say(LAW.source, language, { source, checked: item.checked })}`,
  ]
}
