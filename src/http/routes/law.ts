import * as z from 'zod'
import { Fault } from '../../domain/errors.ts'
import { type AccountAsked, lawsAsked } from '../../domain/law/asked.ts'
import { holdsOn, lawNames } from '../../domain/law/book.ts'
import { LACKS } from '../../domain/law/carry.ts'
import { sceneOf } from '../../domain/law/check.ts'
import { NEEDS } from '../../domain/law/nearest.ts'
import { reportOn } from '../../domain/law/report.ts'
import { LAW_CHANNELS, type LawChannel } from '../../domain/law/rule.ts'
import { PURPOSES } from '../../domain/message.ts'
import { nearest } from '../../domain/template/nearest.ts'
import { toIso } from '../../domain/time.ts'
import { accountLaw } from '../../pipeline/account-laws.ts'
import type { ShopConfig } from '../../pipeline/shop-config.ts'
import type { HttpDeps } from '../deps.ts'
import type { AddRoute } from '../route.ts'

const words = z.object({ zh: z.string(), en: z.string() })
const source = z.object({ title: z.string(), url: z.string().optional(), dated: z.string().optional() })

const ruleShape = z.object({
  id: z.string(),
  kind: z.string(),
  severity: z.enum(['refuse', 'warn']),
  law: z.string().describe('What an account’s `law` names; * for everybody in these countries'),
  channel: z.enum(LAW_CHANNELS),
  countries: z.array(z.string()),
  types: z.array(z.string()).nullable(),
  purposes: z.array(z.string()).nullable(),
  says: words,
  instead: words,
  source,
  checked: z.string(),
  since: z.string().nullable(),
  until: z.string().nullable(),
  inForce: z.boolean(),
  unverified: z.boolean().describe('Nobody could read the source: it is told as a claim'),
})

const reportShape = z.object({
  account: z.string().nullable().describe('The shop’s account of this channel; null where the law was named'),
  law: z.string().nullable(),
  country: z.string(),
  checked: z.boolean().describe('false: no rule is known for this law and country, so nothing was checked'),
  lawful: z.boolean(),
  findings: z.array(
    z.object({
      rule: z.string(),
      severity: z.enum(['refuse', 'warn']),
      place: z.string(),
      excerpt: z.string(),
      about: words.nullable(),
      says: words,
      instead: words,
      source,
      checked: z.string(),
      unverified: z.boolean(),
    }),
  ),
  unknown: z
    .array(z.object({ name: z.string(), suggestion: z.string().nullable() }))
    .describe('Names that no template may use, and the nearest that it may'),
  lacks: z
    .array(z.enum(LACKS))
    .describe(
      'Lawful and still never sent: `no_way_to_pay`, a reminder that leads to no payment by what this account may write; `no_registered_link`, the account has none and the text needs it',
    ),
  nearest: z.string().nullable().describe('The nearest version that may go and be published'),
  needs: z
    .enum(NEEDS)
    .nullable()
    .describe(
      'Where there is no such version, what would make one possible: a registered link, another channel (the message is banned on this one), or other words',
    ),
})

const body = z.strictObject({
  text: z.string().min(1).max(5_000).describe('As people write templates: {订单号} or Liquid'),
  channel: z.enum(LAW_CHANNELS).default('sms'),
  purpose: z.enum(PURPOSES).default('service'),
  asksToPay: z.boolean().default(false),
  law: z.string().max(40).optional().describe('tencent, aliyun …; else that of the shop’s accounts'),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'country')
    .optional(),
})

/** What messages may say: the rules, and a text held against them. */
export function law(add: AddRoute, deps: HttpDeps): void {
  add('GET /v1/law', {
    summary: 'Every rule of vendors, carriers and countries that messages are held to, with its source',
    answer: z.object({ items: z.array(ruleShape) }),
    async handle() {
      const day = toIso(deps.clock.now()).slice(0, 10)
      const items = deps.law.rules.map((rule) => ({
        id: rule.id,
        kind: rule.kind,
        severity: rule.severity,
        law: rule.law,
        channel: rule.channel,
        countries: [...rule.countries],
        types: rule.types ? [...rule.types] : null,
        purposes: rule.purposes ? [...rule.purposes] : null,
        says: rule.says,
        instead: rule.instead,
        source: rule.source,
        checked: rule.checked,
        since: rule.since ?? null,
        until: rule.until ?? null,
        inForce: holdsOn(rule, day),
        unverified: rule.unverified ?? false,
      }))
      return { items }
    },
  })

  add('POST /v1/law/check', {
    summary: 'Hold a text against the law of the shop’s accounts, or of a vendor and country',
    body,
    answer: z.object({ items: z.array(reportShape) }),
    async handle({ caller: { shop }, body: asked }) {
      const config = await deps.configs.get(shop)
      const known = lawNames(deps.law, asked.channel)
      if (asked.law !== undefined && !known.includes(asked.law)) {
        const near = nearest(asked.law, known)
        const problem = `expected one of ${known.join(', ')}${near === null ? '' : `; did you mean ${near}?`}`
        throw new Fault('FIELD_INVALID', {}, { fields: [{ path: 'law', problem }] })
      }
      const own = await ownAccounts(deps, config, asked.channel)
      const wanted = { law: asked.law ?? null, country: asked.country ?? null }
      const items = lawsAsked(wanted, own).map(({ account, law }) => {
        const scene = sceneOf(deps.law, asked.channel, law, config.row.country, deps.clock.now())
        const report = reportOn(scene, {
          purpose: asked.purpose,
          asksToPay: asked.asksToPay,
          parts: [{ place: 'text', liquid: asked.text }],
        })
        const country = law.country ?? config.row.country
        return {
          account,
          law: law.law,
          country,
          ...report,
          findings: [...report.findings],
          unknown: [...report.unknown],
          lacks: [...report.lacks],
        }
      })
      return { items }
    },
  })
}

async function ownAccounts(
  deps: HttpDeps,
  config: ShopConfig,
  channel: LawChannel,
): Promise<readonly AccountAsked[]> {
  if (channel === 'wechat') return []
  const { id } = config.row
  const vault = await deps.keyring.open(id)
  return (config.accounts.get(channel) ?? []).map((row) => ({
    account: row.name,
    law: accountLaw(id, row, vault, deps.providers(row.provider)),
  }))
}
