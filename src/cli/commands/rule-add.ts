import { transaction } from '../../db/connect.ts'
import { keepPresets, listFlows, listTemplates, publishFlows, publishTemplates } from '../../db/flows.ts'
import { listRules, publishRules } from '../../db/rules.ts'
import { bumpConfig } from '../../db/shops.ts'
import { type Command, EXIT } from '../command.ts'
import { record } from '../record.ts'
import { chooseShop, withDatabase } from '../session.ts'
import { OPTIONS } from '../texts/commands.ts'
import { RULES } from '../texts/reviews.ts'
import { say } from '../texts/text.ts'

/** The words that reviews and log-ins need. */
const WORDS = /^(shop_review_|member_code$|order_not_accepted$)/

/** Works on the database itself. What the shop has already, whatever it says by now, stays. */
export const ruleAdd: Command = {
  name: 'rule add',
  summary: RULES.add,
  options: [{ flags: '--shop <slug>', text: OPTIONS.shop }],
  examples: ['dingdong rule add --shop my-shop'],
  run: (context, _args, options) =>
    withDatabase(context, async (session) => {
      const { screen, language, clock } = context
      const { db } = session.pools
      const shop = await chooseShop(context, session, options.shop)
      const presets = await context.presets()
      const added = await transaction(db, async (tx) => {
        const [rules, flows, templates] = await Promise.all([
          listRules(tx, shop.id),
          listFlows(tx, shop.id),
          listTemplates(tx, shop.id),
        ])
        const missing = <T extends { readonly key: string }>(
          all: readonly T[],
          have: readonly { key: string }[],
        ) => all.filter(({ key }) => !have.some((each) => each.key === key))
        const newRules = missing(presets.rules ?? [], rules)
        const newFlows = missing(presets.flows, flows).filter(({ key }) => key.startsWith('review-'))
        const newTemplates = missing(presets.templates, templates).filter(({ key }) => WORDS.test(key))
        const now = clock.now()
        await keepPresets(tx, [...newRules, ...newFlows, ...newTemplates], now)
        const off = newRules.map((rule) => ({ ...rule, enabled: false }))
        await publishRules(tx, shop.id, off, 'command line', now)
        await publishFlows(tx, shop.id, newFlows, 'command line', now)
        await publishTemplates(tx, shop.id, newTemplates, 'command line', now)
        await bumpConfig(tx, shop.id)
        await record(context, tx, shop.id, 'rule.add', shop.slug, { rules: newRules.length })
        return newRules.map(({ key }) => key)
      })
      screen.line(say(RULES.added, language, { count: added.length }))
      screen.result({ shop: shop.slug, added })
      return EXIT.ok
    }),
}
