import { findProvider, PROVIDERS } from '../channels/registry.ts'
import { listAccounts } from '../db/accounts.ts'
import { listFlows } from '../db/flows.ts'
import type { Flow } from '../domain/flow/flow.ts'
import { formatId } from '../domain/ids.ts'
import { CHANNELS, type Channel } from '../domain/message.ts'
import { toIso } from '../domain/time.ts'
import { besides, isCovered, loadAccounts } from '../pipeline/accounts.ts'
import { bodiesOn } from './doctor-amounts.ts'
import { type Finding, fine, look, type Ward } from './doctor-checks.ts'
import { codeText } from './texts/states.ts'

/** Accounts through which nothing leaves, and channels that flows need and no account serves. */
export async function checkChannels({ db, shop, sealer }: Ward): Promise<readonly Finding[]> {
  const [accounts, flows] = await Promise.all([
    listAccounts(db, shop.id),
    listFlows(db, shop.id).then((rows) => bodiesOn<Flow>(db, rows)),
  ])
  const providers = (name: string) => findProvider(name).found ?? undefined
  const loaded = await loadAccounts(shop.id, accounts, { open: async () => ({ sealer }) }, providers)
  const all = [...loaded.values()].flat()
  const paused = all.flatMap((account) => {
    const { id, name, channel, state, state_reason: code, state_at: at } = account
    if (state === 'ok') return []
    const why = code === null ? '-' : ({ zh: codeText(code, 'zh'), en: codeText(code, 'en') } as const)
    const since = at === null ? '-' : toIso(at)
    const others = besides(
      account,
      all.filter((each) => each.channel === channel && each.state === 'ok'),
    )
    const said = { shop: shop.slug, name, channel, why, since, id: formatId('acct', id) }
    if (others.length === 0) return [look('channels', 'accountPaused', said)]
    const named = { ...said, others: others.map((each) => each.name).join(', ') }
    return [
      isCovered(account, others)
        ? fine('channels', 'accountIdle', named)
        : look('channels', 'accountStandsIn', named),
    ]
  })
  const served = new Set(accounts.map(({ channel }) => channel))
  const unserved = CHANNELS.flatMap((channel) => {
    const needing = served.has(channel) ? [] : flows.filter((flow) => needs(flow).includes(channel))
    const provider = PROVIDERS.find((each) => each.channel === channel)
    if (needing.length === 0 || !provider) return []
    const file = channel === 'inbox' ? '' : { zh: ' --settings 文件', en: ' --settings FILE' }
    const params = { shop: shop.slug, channel, flows: needing.map(({ key }) => key).join(', ') }
    return [look('channels', 'channelUnserved', { ...params, provider: provider.name, file })]
  })
  return [...paused, ...unserved]
}

/** The channels that a flow's steps begin with: those after the first are there for whom it does not reach. */
const needs = (flow: Flow): readonly Channel[] =>
  flow.steps.flatMap((step): readonly Channel[] => {
    if (step.kind === 'send' || step.kind === 'cascade') return step.channels.slice(0, 1)
    return step.kind === 'act' ? ['command'] : []
  })
