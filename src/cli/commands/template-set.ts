import path from 'node:path'
import { compileTemplate } from '../../app/presets.ts'
import { type Queryable, transaction } from '../../db/connect.ts'
import { listTemplates, readDefinitions } from '../../db/flows.ts'
import type { ShopId } from '../../domain/ids.ts'
import { nearest } from '../../domain/template/nearest.ts'
import { TEMPLATE_KEY } from '../../domain/template/template.ts'
import type { KeptTemplate } from '../../pipeline/presets.ts'
import { publishDefinition } from '../../pipeline/publish-definition.ts'
import { type Command, CommandError, type Context, EXIT } from '../command.ts'
import { record } from '../record.ts'
import { chooseShop, withKeys } from '../session.ts'
import { readText } from '../settings-file.ts'
import { refusal } from '../shop-flow.ts'
import { roadsOf } from '../shop-template.ts'
import { shopWords } from '../shop-words.ts'
import { OPTIONS } from '../texts/commands.ts'
import { nearText } from '../texts/errors.ts'
import { TEMPLATES } from '../texts/flows.ts'
import { LAW } from '../texts/law.ts'
import { say } from '../texts/text.ts'

/**
 * Works on the database itself, and needs the master key: which law an account is under stands in its sealed
 * settings. The file is the whole template: what it does not say is no longer said.
 */
export const templateSet: Command = {
  name: 'template set',
  summary: TEMPLATES.set,
  args: [
    { name: '<template-or-file>', text: TEMPLATES.fileOrKey },
    { name: '[file]', text: TEMPLATES.file },
  ],
  options: [{ flags: '--shop <slug>', text: OPTIONS.shop }],
  examples: [
    'dingdong template set order_paid.yaml',
    'dingdong template set order_paid edited.yaml --shop my-shop',
  ],
  async run(context, [first = '', second], options) {
    const { screen, language, clock } = context
    const file = second ?? first
    const name = nameOf(context, second === undefined ? path.basename(first) : `${first}.yaml`)
    const text = await readText(context, file)
    return withKeys(context, async (session) => {
      const shop = await chooseShop(context, session, options.shop)
      const roads = await roadsOf(context, session, shop)
      const made = await compileTemplate(clock, name, text, language, roads)
      if (!made.ok) throw refusal(say(TEMPLATES.invalid, language), made.problems)
      const done = await transaction(session.pools.db, async (tx) => {
        const before = await variantsOf(tx, shop.id, name)
        const as = { by: 'command line', now: clock.now(), basedOn: null }
        const published = await publishDefinition(
          tx,
          { shop: shop.id, kind: 'template', key: name, ...as },
          made.value,
        )
        const after = await variantsOf(tx, shop.id, name)
        const gone = before.filter((each) => !after.includes(each))
        const version = published.outcome === 'moved' ? 0 : published.version
        const changed = published.outcome === 'published'
        if (changed) await record(context, tx, shop.id, 'template.set', name, { version, gone })
        const unused = before.length === 0 && !(await shopWords(tx, shop.id)).categoryOf.has(name)
        return { version, variants: after, gone, changed, unused }
      })
      const { version, variants, gone, changed, unused } = done
      const params = { name, version, count: variants.length }
      screen.line(say(changed ? TEMPLATES.changed : TEMPLATES.same, language, params))
      if (unused) {
        const others = (await listTemplates(session.pools.db, shop.id)).map(({ key }) => key)
        const near = nearText(
          nearest(
            name,
            others.filter((key) => key !== name),
          ),
          language,
        )
        screen.note(say(TEMPLATES.unused, language, { name, near }))
      }
      if (gone.length > 0) screen.line(say(TEMPLATES.gone, language, { variants: gone.join(', ') }))
      for (const { account, texts, because } of made.kept)
        screen.line(
          say(TEMPLATES.kept, language, { account, texts: texts.join(', '), because: because.join(', ') }),
        )
      if (made.kept.some(({ because }) => because.includes('no_registered_link')))
        screen.line(say(LAW.no_registered_link, language))
      screen.result({ template: name, ...done, kept: made.kept })
      return EXIT.ok
    })
  },
}

/** `order_paid.yaml` is about `order_paid`. */
function nameOf({ language }: Context, file: string): string {
  const name = file.replace(/\.yaml$/, '')
  if (name === file || !TEMPLATE_KEY.test(name))
    throw new CommandError(EXIT.usage, say(TEMPLATES.badName, language, { file }))
  return name
}

async function variantsOf(db: Queryable, shop: ShopId, name: string): Promise<readonly string[]> {
  const row = (await listTemplates(db, shop)).find(({ key }) => key === name)
  const [kept] = row ? await readDefinitions(db, [row.definition_hash]) : []
  const { variants } = (kept?.body ?? { variants: [] }) as KeptTemplate
  return variants.map(({ locale, channel }) => `${locale} ${channel}`)
}
