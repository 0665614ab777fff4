import type { Queryable } from '../db/connect.ts'
import { listFlows, readDefinitions } from '../db/flows.ts'
import { listRules } from '../db/rules.ts'
import { isAmounts } from '../domain/amounts.ts'
import { paramOf } from '../domain/flow/fields.ts'
import type { Flow } from '../domain/flow/flow.ts'
import type { Rule } from '../domain/review/rule.ts'
import { type Finding, look, type Ward } from './doctor-checks.ts'

/** Rules and flows that have no amount in the currency that most orders are in. */
export async function checkAmounts({ db, shop }: Ward): Promise<readonly Finding[]> {
  const { currency, slug } = shop
  const [rules, flows] = await Promise.all([
    bodiesOn<Rule>(db, await listRules(db, shop.id)),
    bodiesOn<Flow>(db, await listFlows(db, shop.id)),
  ])
  const silent = flows.flatMap((flow) =>
    flow.steps.flatMap((step) => {
      const from = step.kind === 'cascade' && step.channels.includes('sms') ? step.smsFrom : undefined
      const param = lacking(flow.params, from, currency)
      return param === null ? [] : [{ flow: flow.key, param }]
    }),
  )
  return [
    ...rules.flatMap(({ key: rule, trigger, params }) => {
      const param = lacking(params, trigger.totalFrom, currency)
      return param === null
        ? []
        : [look('reviews', 'ruleSkipsCurrency', { shop: slug, rule, param, currency })]
    }),
    ...(silent.length > 0
      ? [look('flows', 'flowsSkipCurrency', { shop: slug, currency, ...commandsFor(silent, currency) })]
      : []),
  ]
}

/** The flows by name, and what is to be run: each has a parameter of its own. */
function commandsFor(silent: readonly { readonly flow: string; readonly param: string }[], currency: string) {
  const commands = [
    ...new Set(silent.map(({ flow, param }) => `dingdong flow set ${flow} ${param}.${currency}=`)),
  ]
  return {
    flows: [...new Set(silent.map(({ flow }) => flow))].join(', '),
    commands: {
      zh: commands.map((command) => `${command}金额`).join('；'),
      en: commands.map((command) => `${command}AMOUNT`).join('; '),
    },
  }
}

/** The parameter by currency that is meant and has no amount in this one. */
function lacking(params: Rule['params'], named: string | undefined, currency: string): string | null {
  const name = paramOf(named ?? '')
  const value = name === null ? undefined : params[name]?.value
  return value !== undefined && isAmounts(value) && !Object.hasOwn(value, currency) ? name : null
}

/** What those that are on say. */
export async function bodiesOn<T>(
  db: Queryable,
  rows: readonly { readonly enabled: boolean; readonly definition_hash: Buffer }[],
): Promise<readonly T[]> {
  const hashes = rows.flatMap(({ enabled, definition_hash }) => (enabled ? [definition_hash] : []))
  const bodies = await readDefinitions(db, hashes)
  return hashes.flatMap((wanted) => {
    const found = bodies.find(({ hash }) => hash.equals(wanted))
    return found ? [found.body as T] : []
  })
}
