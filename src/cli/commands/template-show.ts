import { listTemplates, readDefinitions } from '../../db/flows.ts'
import type { CompiledTemplate } from '../../domain/template/template.ts'
import { type Command, CommandError, EXIT } from '../command.ts'
import { chooseShop, withDatabase } from '../session.ts'
import { nearTo } from '../shop-flow.ts'
import { OPTIONS } from '../texts/commands.ts'
import { TEMPLATES } from '../texts/flows.ts'
import { say } from '../texts/text.ts'

/** Reads the database itself. */
export const templateShow: Command = {
  name: 'template show',
  summary: TEMPLATES.show,
  args: [{ name: '<template>', text: TEMPLATES.key }],
  options: [
    { flags: '--locale <locale>', text: TEMPLATES.locale },
    { flags: '--channel <channel>', text: TEMPLATES.channel },
    { flags: '--shop <slug>', text: OPTIONS.shop },
  ],
  examples: ['dingdong template show order_paid --locale zh-CN --channel sms'],
  run: (context, [name = ''], options) =>
    withDatabase(context, async (session) => {
      const { screen, language } = context
      const { db } = session.pools
      const shop = await chooseShop(context, session, options.shop)
      const all = await listTemplates(db, shop.id)
      const row = all.find(({ key }) => key === name)
      if (!row) {
        const known = all.map(({ key }) => key)
        const near = nearTo(language, name, known)
        throw new CommandError(EXIT.notFound, say(TEMPLATES.unknown, language, { name, near }))
      }
      const [kept] = await readDefinitions(db, [row.definition_hash])
      const { variants } = kept!.body as { variants: readonly CompiledTemplate[] }
      const shown = variants.filter(
        ({ locale, channel }) =>
          (options.locale ?? locale) === locale && (options.channel ?? channel) === channel,
      )
      if (shown.length === 0) {
        const known = variants.map(({ locale, channel }) => `${locale} ${channel}`).join(', ')
        throw new CommandError(EXIT.notFound, say(TEMPLATES.noVariant, language, { known }))
      }
      screen.line(`${screen.paint('bold', name)} v${row.version}`)
      for (const { locale, channel, purpose, parts } of shown) {
        screen.line()
        screen.line(screen.paint('bold', `${locale} ${channel} · ${purpose}`))
        for (const { at, liquid } of parts.filter((part) => part.at !== 'html'))
          screen.line(`${screen.paint('dim', `${at}:`)} ${liquid.trim()}`)
      }
      screen.result({ template: name, version: row.version, variants: shown })
      return EXIT.ok
    }),
}
