import { transaction } from '../../db/connect.ts'
import type { ShopRow } from '../../db/shops.ts'
import type { Versioned } from '../../db/versions.ts'
import { validateRule } from '../../domain/review/compile.ts'
import { checkShopFlow } from '../../pipeline/check-flow.ts'
import { templateBack } from '../../pipeline/check-template.ts'
import { type Undone, undoPublication } from '../../pipeline/publish-definition.ts'
import { type Command, CommandError, type Context, EXIT } from '../command.ts'
import { readNumber } from '../number-option.ts'
import { record } from '../record.ts'
import { chooseShop, type Opened, withKeys } from '../session.ts'
import { findFlow, refusal } from '../shop-flow.ts'
import { findRule } from '../shop-rule.ts'
import { findTemplate, roadsOf } from '../shop-template.ts'
import { OPTIONS } from '../texts/commands.ts'
import { VERSIONS } from '../texts/flows.ts'
import { say } from '../texts/text.ts'
import { KEY_OF } from './version-history.ts'

const FIND = { flow: findFlow, template: findTemplate, rule: findRule } as const
const SUMMARY = { flow: VERSIONS.flowUndo, template: VERSIONS.templateUndo, rule: VERSIONS.ruleUndo } as const

export const flowUndo: Command = undoCommand('flow', 'payment-failed-funds')
export const templateUndo: Command = undoCommand('template', 'order_paid')
export const ruleUndo: Command = undoCommand('rule', 'large-order')

interface Wish {
  readonly kind: Versioned
  readonly key: string
  readonly to: number | null
}

/** Works on the database itself; needs the master key like `template set`: the law may have changed since. */
function undoCommand(kind: Versioned, example: string): Command {
  return {
    name: `${kind} undo`,
    summary: SUMMARY[kind],
    args: [{ name: `<${kind}>`, text: KEY_OF[kind] }],
    options: [
      { flags: '--to <number>', text: VERSIONS.to },
      { flags: '--shop <slug>', text: OPTIONS.shop },
    ],
    examples: [`dingdong ${kind} undo ${example}`, `dingdong ${kind} undo ${example} --to 1`],
    async run(context, [key = ''], options) {
      const to = readNumber(context, options, 'to')
      return withKeys(context, async (session) => {
        const { screen, language } = context
        const shop = await chooseShop(context, session, options.shop)
        await FIND[kind](context, session.pools.db, shop.id, key)
        const undone = await undo(context, session, shop, { kind, key, to })
        if (undone.outcome !== 'published' && undone.outcome !== 'same')
          throw refused(context, { kind, key, to }, undone)
        const { version, back, outcome } = undone
        const text = outcome === 'same' ? VERSIONS.same : VERSIONS.back
        screen.line(say(text, language, { key, version, back }))
        screen.result({ [kind]: key, version, back, changed: outcome === 'published' })
        return EXIT.ok
      })
    },
  }
}

async function undo(
  context: Context,
  session: Opened,
  shop: ShopRow,
  { kind, key, to }: Wish,
): Promise<Undone> {
  const { clock, language } = context
  const { db } = session.pools
  const roads = kind === 'template' ? await roadsOf(context, session, shop) : []
  const publication = {
    shop: shop.id,
    kind,
    key,
    by: 'command line',
    now: clock.now(),
    basedOn: null,
  }
  return transaction(db, async (tx) => {
    const undone = await undoPublication(tx, publication, to, async (body) => {
      if (kind === 'template') return templateBack(body, roads, language)
      const checked =
        kind === 'rule' ? validateRule(body, language) : await checkShopFlow(tx, shop.id, key, body, language)
      return checked.ok ? [] : checked.problems
    })
    if (undone.outcome === 'published') {
      const { version, back } = undone
      await record(context, tx, shop.id, `${kind}.undo`, key, { version, back })
    }
    return undone
  })
}

function refused(
  { language }: Context,
  { key, to }: Wish,
  undone: Exclude<Undone, { readonly outcome: 'published' | 'same' }>,
): CommandError {
  if (undone.outcome === 'refused') return refusal(say(VERSIONS.refused, language), undone.problems)
  const current = undone.outcome === 'nothing' ? undone.version : '?'
  const params = { key, version: to ?? '?', current }
  const text = to === null ? VERSIONS.nothingBefore : VERSIONS.unknown
  return new CommandError(EXIT.notFound, say(text, language, params))
}
