import type { Provider } from '../channels/channel.ts'
import type { Db } from '../db/connect.ts'
import type { Event } from '../domain/event.ts'
import type { OrderId, Random, ShopId } from '../domain/ids.ts'
import { NO_ACCOUNT_LAW } from '../domain/law/book.ts'
import type { Chapter } from '../domain/order/story.ts'
import type { Clock } from '../domain/time.ts'
import type { Renderer } from '../templates/renderer.ts'
import { accountLaw } from './account-laws.ts'
import { attempt } from './attempt.ts'
import type { Keyring } from './keyring.ts'
import type { LawDesk } from './law-desk.ts'
import type { LoadedFlow, ShopConfig, ShopConfigs } from './shop-config.ts'
import type { SmsBarOf } from './sms-bar.ts'
import type { SmsCostOf } from './sms-cost.ts'
import type { TrialCase } from './trial-case.ts'
import { caseOfLoose, caseOfOrder, type OrderStory, openStory, storyOfEvent } from './trial-cases.ts'
import { sampleCase } from './trial-sample.ts'
import { type Trial, type TrialScene, tryFlow, whyNotIn } from './try-flow.ts'

export interface FlowTrialsDeps {
  readonly db: Db
  readonly keyring: Keyring
  readonly configs: ShopConfigs
  readonly clock: Clock
  readonly random: Random
  readonly renderer: Renderer
  readonly desk: LawDesk
  readonly smsCost: SmsCostOf
  readonly smsBar: SmsBarOf
  readonly findProvider: (name: string) => Provider | undefined
  readonly publicUrl: () => string
}

/** What a flow is tried on; a made-up event where it is left out. */
export type TrialTarget =
  | { readonly kind: 'order'; readonly order: OrderId }
  | { readonly kind: 'event'; readonly event: Event }
  | { readonly kind: 'sample' }

export interface FlowTrial {
  readonly config: ShopConfig
  readonly about: TrialCase
  readonly trial: Trial
}

export interface FlowTrials {
  /** `null`: the order, or the order that the event speaks of, is not there. */
  run(shop: ShopId, flow: LoadedFlow, target: TrialTarget): Promise<FlowTrial | null>
}

/** Flows tried without anything being changed or sent: reads, then plays in memory. */
export function createFlowTrials(deps: FlowTrialsDeps): FlowTrials {
  const { db, keyring, configs, clock, random, smsCost, smsBar } = deps
  return {
    async run(shop, flow, target) {
      const [config, vault] = await Promise.all([configs.get(shop), keyring.open(shop)])
      const scene: TrialScene = { shop, config, vault, random, smsCost, smsBar }
      const cases = { db, shop, config, vault, random, now: clock.now() }
      const about = await findCase(cases, scene, flow, target)
      if (about === null) return null
      const gateDeps = {
        ...deps,
        lawOf: async (_: ShopId, account: Parameters<typeof accountLaw>[1]) => {
          const read = attempt(() => accountLaw(shop, account, vault, deps.findProvider(account.provider)))
          return 'ok' in read ? read.ok : NO_ACCOUNT_LAW
        },
      }
      return { config, about, trial: await tryFlow(gateDeps, scene, flow, about) }
    },
  }
}

type Cases = Parameters<typeof sampleCase>[0]

async function findCase(
  cases: Cases,
  scene: TrialScene,
  flow: LoadedFlow,
  target: TrialTarget,
): Promise<TrialCase | null> {
  if (target.kind === 'sample') return sampleCase(cases, flow)
  if (target.kind === 'event') {
    const { event } = target
    const story = await storyOfEvent(cases, event)
    const chapter = story?.chapters.find((each) => each.event.key === event.key)
    if (story && chapter) return caseOfOrder(cases, flow, story, chapter)
    // Its order is not there yet: nothing can be said of an order that nobody knows.
    return event.data.order?.no === undefined && event.data.refs.length === 0
      ? caseOfLoose(cases, flow, event)
      : null
  }
  const story = await openStory(cases, target.order)
  return story === null ? null : newestThatStarts(cases, scene, flow, story)
}

/** Of an order’s events the newest that starts the flow; else the newest that it listens to, or the newest of all. */
async function newestThatStarts(
  cases: Cases,
  scene: TrialScene,
  flow: LoadedFlow,
  story: OrderStory,
): Promise<TrialCase | null> {
  const newest = story.chapters.toReversed()
  const heard = newest.filter(({ event }) => flow.compiled.events.has(event.type))
  for (const chapter of heard) {
    const about = await caseOfOrder(cases, flow, story, chapter)
    const at = { ...scene, now: chapter.event.receivedAt, restoredAt: null }
    if (whyNotIn(at, flow, about) === null) return about
  }
  const chapter: Chapter | undefined = heard[0] ?? newest[0]
  return chapter === undefined ? null : caseOfOrder(cases, flow, story, chapter)
}
