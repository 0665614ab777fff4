import { readLaw } from '../app/law.ts'
import { loadRails } from '../app/rails.ts'
import { findProvider } from '../channels/registry.ts'
import { listAccounts, listMembers } from '../db/accounts.ts'
import type { Queryable } from '../db/connect.ts'
import { type ConnectionRow, listConnections } from '../db/connections.ts'
import { listOverrides, listUnknownCodes, UNKNOWN_CODES_KEPT } from '../db/failure-codes.ts'
import { listReviews, type ReviewRow } from '../db/reviews.ts'
import { listRules } from '../db/rules.ts'
import type { ShopRow } from '../db/shops.ts'
import { readStopped } from '../db/stopped.ts'
import { overrideKey } from '../domain/failure/classify.ts'
import { stillUnknown } from '../domain/failure/one-code.ts'
import { formatId } from '../domain/ids.ts'
import { railOfSource } from '../domain/inquiry/rails.ts'
import { type LawBook, lawNames } from '../domain/law/book.ts'
import type { Rule } from '../domain/review/rule.ts'
import { shopSettings } from '../domain/shop.ts'
import { DAY, toIso } from '../domain/time.ts'
import { presetStates } from '../pipeline/preset-states.ts'
import type { Presets } from '../pipeline/presets.ts'
import { type OpenedSettings, openSettings } from '../sources/connection-settings.ts'
import { SOURCES } from '../sources/registry.ts'
import type { Source } from '../sources/source.ts'
import { bodiesOn, checkAmounts } from './doctor-amounts.ts'
import { checkChannels } from './doctor-channels.ts'
import { type Finding, fine, look, saidAlready, tryConnection, type Ward } from './doctor-checks.ts'
import { checkPayPages } from './doctor-pay-pages.ts'

/** A kill switch that was left on: nothing fails, nothing leaves. */
export async function checkStopped(db: Queryable): Promise<readonly Finding[]> {
  const { all, shops, flows } = await readStopped(db)
  return [
    ...(all ? [look('stopped', 'stoppedAll')] : []),
    ...shops.map((shop) => look('stopped', 'stoppedShop', { shop })),
    ...flows.map((each) => look('stopped', 'stoppedFlow', each)),
  ]
}

/** Presets that the program has a newer text for, of those that the shop has left as they were. */
export async function checkPresets(
  db: Queryable,
  shop: ShopRow,
  presets: Presets,
): Promise<readonly Finding[]> {
  const states = await presetStates(db, shop.id, presets)
  const older = states.filter(({ state }) => state === 'older')
  if (older.length === 0) return []
  return [look('presets', 'presetsNewer', { shop: shop.slug, count: older.length })]
}

type ShopCheck = (ward: Ward) => Promise<readonly Finding[]>

/**
 * Everything about one shop that can be wrong without anything failing. Files of the program that cannot be read leave
 * out only what needs them.
 */
export async function lookAtShop(
  ward: Ward,
  checks: readonly ShopCheck[] = SHOP_CHECKS,
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const check of checks) findings.push(...((await check(ward).catch(saidAlready)) ?? []))
  return findings
}

async function checkAccounts({ db, shop, sealer }: Ward): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  let book: LawBook | null = null
  for (const account of await listAccounts(db, shop.id)) {
    const place = { shop: shop.id, column: 'account.settings', row: account.id }
    const settings = () => JSON.parse(sealer.openText(account.settings, place)) as object
    const params = { shop: shop.slug, name: account.name, id: formatId('acct', account.id) }
    if (account.provider === 'smtp') {
      const { host, port } = settings() as { host: string; port: number }
      const detail = await tryConnection(host, port)
      findings.push(
        detail === null
          ? fine('accounts', 'accountGood', { ...params, host, port })
          : shop.demo
            ? fine('accounts', 'accountSimulated', params)
            : look('accounts', 'accountDead', { ...params, host, port, detail }),
      )
    } else if (account.channel === 'sms') {
      book ??= await readLaw()
      const lack = lackOf(account.provider, settings(), shop, lawNames(book, 'sms'))
      if (lack !== null)
        findings.push(look('smsLaw', lack, { ...params, known: lawNames(book, 'sms').join(', ') }))
    }
  }
  return findings
}

/** What an SMS account must say and does not: a law that there is, and where its receivers are in China more. */
function lackOf(
  name: string,
  settings: object,
  shop: ShopRow,
  laws: readonly string[],
): 'smsLawUnknown' | 'smsLawMissing' | 'smsLinkMissing' | null {
  const provider = findProvider(name).found
  const parsed = provider?.settings.safeParse(settings)
  if (!provider?.lawOf || !parsed?.success) return null
  const { law, country, registered } = provider.lawOf(parsed.data)
  if (law !== null && !laws.includes(law)) return 'smsLawUnknown'
  if ((country ?? shop.country) !== 'CN' || law === 'none') return null
  // The demo shop's gateway is a simulator, and no vendor's.
  if (law === null && !shop.demo) return 'smsLawMissing'
  return registered === null ? 'smsLinkMissing' : null
}

async function checkConnections({ db, shop, sealer, now }: Ward): Promise<readonly Finding[]> {
  return (await listConnections(db, shop.id)).flatMap((row) => {
    const source = SOURCES.get(row.source)
    if (!row.enabled || !source) return []
    const params = { shop: shop.slug, id: formatId('conn', row.id), source: row.source }
    const place = { shop: shop.id, column: 'connection.settings', row: row.id }
    const opened = openSettings(source, sealer.openText(row.settings, place))
    const ends = opened ? (source.expiries?.(opened.settings) ?? []) : []
    return [
      ...lookAtAsking(row, source, opened, params),
      ...lookAtRelay(row, opened, params),
      ...ends.flatMap(({ setting, at }): readonly Finding[] => {
        if (now < at - WARNED_BEFORE) return []
        const text = at < now ? 'certificateOver' : 'certificateEnds'
        return [look('certificates', text, { ...params, setting, date: toIso(at).slice(0, 10) })]
      }),
    ]
  })
}

/** The shop wants to be asked to try failed payments again, and never will be. */
async function checkShopRetries({ db, shop, sealer }: Ward): Promise<readonly Finding[]> {
  if (shopSettings.parse(shop.settings).retries.byShop !== 'ask') return []
  const [accounts, connections] = await Promise.all([listAccounts(db, shop.id), listConnections(db, shop.id)])
  // Tries are counted only where each failed one is told, and nothing is tried unasked.
  const counted = connections.some((row) => {
    const source = SOURCES.get(row.source)
    if (!row.enabled || !source?.query || !railOfSource(row.source).tellsEachTry) return false
    const place = { shop: shop.id, column: 'connection.settings', row: row.id }
    const opened = openSettings(source, sealer.openText(row.settings, place))
    return opened !== null && (source.asks?.(opened.settings) ?? true)
  })
  const params = { shop: shop.slug }
  return [
    ...(accounts.some(({ channel }) => channel === 'command')
      ? []
      : [look('retries', 'shopRetriesUnsent', params)]),
    ...(counted ? [] : [look('retries', 'shopRetriesUncounted', params)]),
  ]
}

/** How long before a certificate runs out it is told: time enough for an application at the vendor. */
const WARNED_BEFORE = 30 * DAY

function lookAtAsking(
  { asks_paused_why, source: name }: ConnectionRow,
  source: Source,
  opened: OpenedSettings | null,
  params: Finding['params'],
): readonly Finding[] {
  if (asks_paused_why !== null) {
    const text = asks_paused_why === 'alipay_certificate_unknown' ? 'alipayCertificateChanged' : 'asksPaused'
    return [look('asking', text, { ...params, why: asks_paused_why })]
  }
  if (!source.asks || !railOfSource(name).silent) return []
  return opened !== null && source.asks(opened.settings) ? [] : [look('asking', 'asksNobody', params)]
}

/** The shop's own address is away, and it has no other way to hear of its payments. */
function lookAtRelay(
  { relay_failed_at: at, relay_failed_why: why }: ConnectionRow,
  opened: OpenedSettings | null,
  params: Finding['params'],
): readonly Finding[] {
  const to = opened?.common.relayTo
  if (to === undefined || at === null || why === null) return []
  const since = `${toIso(at).slice(0, 16)}Z`
  return [look('relaying', 'relayFails', { ...params, why, since, host: new URL(to).host })]
}

async function checkCodes({ db, shop, now }: Ward): Promise<readonly Finding[]> {
  const [decided, came, { table }] = await Promise.all([
    listOverrides(db, shop.id),
    listUnknownCodes(db, shop.id, UNKNOWN_CODES_KEPT),
    loadRails(),
  ])
  const overrides = new Map(decided.map((row) => [overrideKey(row.rail, row.code), row]))
  const open = came.filter((row) => stillUnknown({ table, overrides }, row, now))
  if (open.length === 0) return []
  const { rail, code } = open[0]!
  return [look('codes', 'codesWait', { shop: shop.slug, count: open.length, rail, code })]
}

const REVIEWS_READ = 200

/** Since nobody answered, and not since somebody passed it on. */
const passedOnByTime = ({ state, log }: ReviewRow) =>
  state === 'escalated' && log.findLast(([, what]) => what === 'escalated')?.[2] === 'time'

async function checkReviews({ db, shop, now }: Ward): Promise<readonly Finding[]> {
  const [waiting, rules, members] = await Promise.all([
    listReviews(db, shop.id, 'waiting', null, REVIEWS_READ),
    bodiesOn<Rule>(db, await listRules(db, shop.id)),
    listMembers(db, shop.id),
  ])
  const findings: Finding[] = []
  const overdue = waiting.filter(
    (review) => passedOnByTime(review) || (review.due_at !== null && review.due_at <= now),
  )
  if (overdue.length > 0)
    findings.push(look('reviews', 'reviewsOverdue', { shop: shop.slug, count: overdue.length }))
  const staffed = new Set(members.flatMap(({ roles }) => roles))
  const untold = rules.flatMap(({ key, tell }) =>
    tell.some((role) => staffed.has(role)) ? [] : [{ key, role: tell[0]! }],
  )
  if (untold.length > 0) {
    const keys = untold.map(({ key }) => key).join(', ')
    findings.push(look('reviews', 'rulesTellNobody', { shop: shop.slug, keys, role: untold[0]!.role }))
  }
  return findings
}

const SHOP_CHECKS: readonly ShopCheck[] = [
  checkAccounts,
  checkChannels,
  checkConnections,
  checkShopRetries,
  checkPayPages,
  checkCodes,
  checkReviews,
  checkAmounts,
]
