import { listVersions, type Versioned, type VersionRow } from '../../db/versions.ts'
import { toIso } from '../../domain/time.ts'
import { actorWords } from '../actors.ts'
import { type Command, EXIT } from '../command.ts'
import { table } from '../screen.ts'
import { chooseShop, withDatabase } from '../session.ts'
import { findFlow } from '../shop-flow.ts'
import { findRule } from '../shop-rule.ts'
import { findTemplate } from '../shop-template.ts'
import { OPTIONS } from '../texts/commands.ts'
import { FLOWS, TEMPLATES, VERSIONS } from '../texts/flows.ts'
import { RULES } from '../texts/reviews.ts'
import { say } from '../texts/text.ts'

/** What a command about versions calls by its name. */
export const KEY_OF = { flow: FLOWS.flow, template: TEMPLATES.key, rule: RULES.key } as const

const SUMMARY = {
  flow: VERSIONS.flowHistory,
  template: VERSIONS.templateHistory,
  rule: VERSIONS.ruleHistory,
} as const
const FIND = { flow: findFlow, template: findTemplate, rule: findRule } as const

export const flowHistory: Command = historyCommand('flow', 'payment-failed-funds')
export const templateHistory: Command = historyCommand('template', 'order_paid')
export const ruleHistory: Command = historyCommand('rule', 'large-order')

const MOST = 200

/** Reads the database itself. */
function historyCommand(kind: Versioned, example: string): Command {
  return {
    name: `${kind} history`,
    summary: SUMMARY[kind],
    args: [{ name: `<${kind}>`, text: KEY_OF[kind] }],
    options: [{ flags: '--shop <slug>', text: OPTIONS.shop }],
    examples: [`dingdong ${kind} history ${example}`],
    run: (context, [key = ''], options) =>
      withDatabase(context, async (session) => {
        const { screen, language } = context
        const { db } = session.pools
        const shop = await chooseShop(context, session, options.shop)
        const { version: current } = await FIND[kind](context, db, shop.id, key)
        const rows = await listVersions(db, shop.id, kind, key, null, MOST)
        const items = rows.map((row) => ({
          version: row.version,
          at: toIso(row.created_at),
          by: row.created_by,
          inForce: row.version === current,
          sameAs: firstLike(rows, row),
        }))
        const actor = await actorWords(db, shop.id, language)
        const lines = items.map(({ version, at, by, inForce, sameAs }) => [
          screen.paint('bold', `v${version}`),
          `${at.slice(0, 16).replace('T', ' ')}Z`,
          actor(by),
          [
            ...(inForce ? [screen.paint('green', say(VERSIONS.inForce, language))] : []),
            ...(sameAs === null
              ? []
              : [screen.paint('dim', say(VERSIONS.sameAs, language, { version: sameAs }))]),
          ].join(' · '),
        ])
        for (const line of table(lines)) screen.line(line)
        screen.result(items)
        return EXIT.ok
      }),
  }
}

/** The oldest other version that says the same. */
function firstLike(rows: readonly VersionRow[], { version, definition_hash }: VersionRow): number | null {
  const first = rows.findLast((row) => row.definition_hash.equals(definition_hash))
  return first && first.version !== version ? first.version : null
}
