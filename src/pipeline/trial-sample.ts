import type { Event } from '../domain/event.ts'
import { type SampleStory, sampleStories } from '../domain/flow/sample-stories.ts'
import { type ConnectionId, type ContactId, newId, type Random, type ShopId } from '../domain/ids.ts'
import type { Channel } from '../domain/message.ts'
import { emptyFacts } from '../domain/order/facts.ts'
import { refsOf } from '../domain/order/refs.ts'
import { storyOf } from '../domain/order/story.ts'
import type { Instant } from '../domain/time.ts'
import type { Subject } from './run-flows.ts'
import type { LoadedFlow } from './shop-config.ts'
import type { CaseScene, TrialCase, TrialContact } from './trial-case.ts'
import { NOBODY, peopleOf } from './trial-people.ts'
import { whyNotIn } from './try-flow.ts'

export interface SampleScene extends CaseScene {
  readonly random: Random
  readonly now: Instant
}

/** By what a made-up buyer can be reached. */
const REACHED_BY: readonly Channel[] = ['email', 'sms', 'inbox']

/** A made-up event that starts the flow; where none of those there are does, the first. */
export async function sampleCase(scene: SampleScene, flow: LoadedFlow): Promise<TrialCase> {
  const { config, vault, now, random } = scene
  const place = {
    language: config.row.locale.startsWith('zh') ? 'zh' : 'en',
    currency: config.row.currency,
    now,
  } as const
  const stories = [...flow.compiled.events].flatMap((type) => sampleStories(type, place))
  const made = stories.map((story) => subjectIn(scene, story))
  const at = { config, vault, random, now, restoredAt: null }
  const chosen = made.find((each) => whyNotIn(at, flow, { ...each, earlier: [] }) === null) ?? made[0]!
  const people = await peopleOf(scene, chosen.event, NOBODY, [])
  const buyer: TrialContact = {
    state: 'ok',
    verified: 'signed',
    consent: [],
    masked: null,
    whereabouts: config.row.country,
  }
  const contacts = new Map(people.contacts)
  for (const { id } of chosen.subject.contacts) contacts.set(id, buyer)
  return {
    ...people,
    ...chosen,
    person: newId('cus', now, random),
    name: chosen.event.data.customer?.name ?? null,
    earlier: [],
    heldByReview: false,
    contacts,
  }
}

function subjectIn(
  scene: SampleScene,
  story: SampleStory,
): { readonly event: Event; readonly subject: Subject } {
  const { shop, config, random, now } = scene
  const events = story.map((told) => keptAs(shop, told, random))
  const chapter = storyOf(emptyFacts(), events).at(-1)!
  const isOrder = refsOf(chapter.event).length > 0
  const id = newId('ord', now, random)
  const { locale } = config.row
  return {
    event: chapter.event,
    subject: {
      id,
      orderId: isOrder ? id : null,
      view: isOrder ? chapter.view : null,
      // Nobody: no arm is drawn for them.
      customerId: null,
      locale,
      timeZone: null,
      contacts: REACHED_BY.map((channel) => ({
        id: newId<'con'>('con', now, random) as ContactId,
        channel,
        usable: true,
        receiver: channel === 'sms' ? config.row.country : undefined,
      })),
    },
  }
}

const keptAs = (shop: ShopId, told: SampleStory[number], random: Random): Event => ({
  ...told,
  id: null,
  shop,
  key: newId('evt', told.time, random),
  connection: '' as ConnectionId,
  trust: 'signed',
  receivedAt: told.time,
})
