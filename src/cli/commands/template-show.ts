import type { TemplateSource } from '../../domain/template/template.ts'
import type { KeptTemplate } from '../../pipeline/presets.ts'
import { loadTemplates } from '../../templates/load.ts'
import { type Command, CommandError, EXIT } from '../command.ts'
import { readNumber } from '../number-option.ts'
import { chooseShop, withDatabase } from '../session.ts'
import { findTemplate } from '../shop-template.ts'
import { OPTIONS } from '../texts/commands.ts'
import { TEMPLATES, VERSIONS } from '../texts/flows.ts'
import { say } from '../texts/text.ts'

/** Reads the database itself. */
export const templateShow: Command = {
  name: 'template show',
  summary: TEMPLATES.show,
  args: [{ name: '<template>', text: TEMPLATES.key }],
  options: [
    { flags: '--locale <locale>', text: TEMPLATES.locale },
    { flags: '--channel <channel>', text: TEMPLATES.channel },
    { flags: '--version <number>', text: VERSIONS.of },
    { flags: '--shop <slug>', text: OPTIONS.shop },
  ],
  examples: [
    'dingdong template show order_paid > order_paid.yaml',
    'dingdong template show order_paid --locale zh-CN --channel sms',
    'dingdong template show order_paid --version 1',
  ],
  async run(context, [name = ''], options) {
    const wanted = readNumber(context, options, 'version')
    return withDatabase(context, async (session) => {
      const { screen, language } = context
      const shop = await chooseShop(context, session, options.shop)
      const found = await findTemplate(context, session.pools.db, shop.id, name, wanted)
      const { version, source = null } = found
      const all = wordsOf(name, found)
      const shown = all.filter(
        ({ locale, channel }) =>
          (options.locale ?? locale) === locale && (options.channel ?? channel) === channel,
      )
      if (shown.length === 0) {
        const known = all.map(({ locale, channel }) => `${locale} ${channel}`).join(', ')
        throw new CommandError(EXIT.notFound, say(TEMPLATES.noVariant, language, { known }))
      }
      const whole = options.locale === undefined && options.channel === undefined
      if (source !== null && whole) for (const line of linesOf(source)) screen.file(line)
      else {
        if (source === null) screen.note(say(TEMPLATES.noSource, language))
        screen.line(`${screen.paint('bold', name)} v${version}`)
        for (const { locale, channel, purpose, words } of shown) {
          screen.line()
          screen.line(screen.paint('bold', `${locale} ${channel} · ${purpose}`))
          for (const [field, text] of words) screen.line(`${screen.paint('dim', `${field}:`)} ${text.trim()}`)
        }
      }
      const variants = found.variants.filter(({ locale, channel }) =>
        shown.some((each) => each.locale === locale && each.channel === channel),
      )
      screen.result({ template: name, version, source, variants })
      return EXIT.ok
    })
  },
}

type Words = Pick<TemplateSource, 'locale' | 'channel' | 'purpose'> & {
  readonly words: readonly (readonly [string, string])[]
}

/** Its words as they were written; of what was published before that was kept, as they were compiled. */
function wordsOf(name: string, { source, variants }: KeptTemplate): readonly Words[] {
  if (source === undefined)
    return variants.map(({ locale, channel, purpose, parts }) => {
      const words = parts.filter(({ at }) => at !== 'html').map(({ at, liquid }) => [at, liquid] as const)
      return { locale, channel, purpose, words }
    })
  const [loaded] = loadTemplates({ [`${name}.yaml`]: source }).templates
  return (loaded?.sources ?? []).map(
    ({ locale, channel, purpose, asksToPay: _, audience: __, ...fields }) => ({
      locale: Intl.getCanonicalLocales(locale)[0] ?? locale,
      channel,
      purpose,
      words: Object.entries(fields).map(
        ([field, value]) => [field, typeof value === 'string' ? value : JSON.stringify(value)] as const,
      ),
    }),
  )
}

const linesOf = (source: string) => source.replace(/\n$/, '').split('\n')
