import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import type { MessageId, ShopId } from '../domain/ids.ts'
import type { Content, Fate, OutboundMessage } from '../domain/message.ts'
import { parseIso } from '../domain/time.ts'
import type { Provider, ProviderPorts, Sender } from './channel.ts'

/** What may befall a message on its way. A provider says for each what its fate must be, or that it cannot happen. */
export interface Situations {
  /** 429 with Retry-After: 7, or what the protocol has instead. */
  readonly limited: Expected
  /** 5xx, 4yz. */
  readonly busy: Expected
  /** The connection drops before the message was taken. */
  readonly dropped_before: Expected
  /** The connection drops after it was taken, before the answer. */
  readonly dropped_after: Expected
  readonly never_answered: Expected
  readonly untrusted_certificate: Expected
  readonly bad_credentials: Expected
  readonly bad_address: Expected
  readonly bad_content: Expected
  readonly nobody_listens: Expected
}
type Expected = Partial<Fate> | 'cannot happen'

/** One provider with the lab's simulator behind it, fresh for each test. */
export interface Rig<Settings> {
  readonly settings: Settings
  readonly ports: ProviderPorts
  readonly content: Content
  readonly to: string
  /** Makes the situation come true and returns the settings to open with. */
  arrange(situation: keyof Situations): Settings
  /** Ids of what the simulator took, in order; `null` where nothing leaves this process. */
  taken(): readonly (string | null)[] | null
  /** Resolves when the simulator has taken something. */
  takenOne(): Promise<unknown>
  /** Resolves when nothing is connected to the simulator any more. */
  disconnected(): Promise<void>
  close(): Promise<void>
}

/** Holds one provider to everything the pipeline relies on. */
export function describeProvider<Settings extends object>(
  provider: Provider<Settings>,
  situations: Situations,
  startRig: () => Promise<Rig<Settings>>,
): void {
  const cleanups: (() => Promise<void>)[] = []
  const open = async (situation: keyof Situations | null = null) => {
    const rig = await startRig()
    cleanups.push(() => rig.close())
    const settings = situation ? rig.arrange(situation) : rig.settings
    const sender = provider.open(settings, rig.ports)
    cleanups.push(() => sender.close())
    const send = (changes: Partial<OutboundMessage> = {}, signal = new AbortController().signal) =>
      sender.send(aMessage(provider, rig, changes), signal)
    return { rig, settings, sender, send }
  }
  describe(`provider ${provider.name}`, () => {
    afterEach(async () => {
      for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
    })
    testHandover(provider, open)
    testSituations(provider, situations, open)
    testManners(provider, open)
  })
}

type Open<Settings> = (situation?: keyof Situations) => Promise<{
  readonly rig: Rig<Settings>
  readonly settings: Settings
  readonly sender: Sender
  readonly send: (changes?: Partial<OutboundMessage>, signal?: AbortSignal) => Promise<Fate>
}>

function testHandover<Settings extends object>(provider: Provider<Settings>, open: Open<Settings>): void {
  test('has settings that a form can be made of, and secrets that are among them', async () => {
    const { rig } = await open()
    const schema = z.toJSONSchema(provider.settings, { io: 'input' })
    expect(Object.keys(schema.properties ?? {})).toEqual(expect.arrayContaining([...provider.secrets]))
    const parsed = provider.settings.parse(rig.settings)
    expect(provider.settings.parse(parsed)).toEqual(parsed)
  })

  test('hands a message over and says so', async () => {
    const { rig, send } = await open()
    expect(await send()).toMatchObject({ kind: 'sent' })
    expect(rig.taken() ?? ['one']).toHaveLength(1)
  })

  test('names a message the same on every attempt, and two messages differently', async () => {
    const { rig, send } = await open()
    const fates = [
      await send({ idempotencyKey: 'msg_a', attempt: 1 }),
      await send({ idempotencyKey: 'msg_a', attempt: 2 }),
      await send({ idempotencyKey: 'msg_b', attempt: 1 }),
    ]
    const names = rig.taken() ?? fates.map((fate) => fate.kind === 'sent' && fate.providerRef)
    expect(names).toHaveLength(3)
    expect(names[0]).toBeTruthy()
    expect(names[1]).toBe(names[0])
    expect(names[2]).not.toBe(names[0])
  })
}

function testSituations<Settings extends object>(
  provider: Provider<Settings>,
  situations: Situations,
  open: Open<Settings>,
): void {
  for (const [name, expected] of Object.entries(situations) as [keyof Situations, Expected][]) {
    if (expected === 'cannot happen') continue
    test(`${name}: ${Object.values(expected).join(' ')}`, async () => {
      const { settings, send } = await open(name)
      const fate = await send()
      expect(fate).toMatchObject(expected as object)
      for (const secret of secretsOf(provider, settings)) expect(JSON.stringify(fate)).not.toContain(secret)
    })
  }

  const { never_answered: silence } = situations
  if (silence === 'cannot happen') return
  test('told to stop while it waits for the answer: the same fate as when the answer never comes', async () => {
    const { rig, sender } = await open()
    rig.arrange('never_answered')
    const giveUp = new AbortController()
    const sending = sender.send(aMessage(provider, rig, {}), giveUp.signal)
    await rig.takenOne()
    giveUp.abort()
    expect((await sending).kind).toBe(silence.kind)
  })
}

function testManners<Settings extends object>(provider: Provider<Settings>, open: Open<Settings>): void {
  test('refuses words made for another channel', async () => {
    const { send } = await open()
    const content: Content = { kind: 'webhook', type: 'order.paid', body: {} }
    const foreign: Content = provider.channel === 'webhook' || provider.channel === 'command' ? SMS : content
    const fate = await send({ content: foreign })
    expect(fate).toMatchObject({ kind: 'rejected', blame: 'content' })
  })

  test('hands nothing over once it was told to stop', async () => {
    const { rig, send } = await open()
    const fate = await send({}, AbortSignal.abort())
    expect(fate).toMatchObject({ kind: 'retry', code: 'aborted' })
    expect(rig.taken() ?? []).toEqual([])
  })

  test('never throws, whatever the message says', async () => {
    const { send } = await open()
    const odd = fc.string({ unit: 'binary', maxLength: 60 })
    const content = fc.oneof(
      fc.record({ kind: fc.constant('email' as const), subject: odd, text: odd, html: odd }),
      fc.record({ kind: fc.constant('sms' as const), text: odd }),
      fc.record({ kind: fc.constant('inbox' as const), title: odd, text: odd, link: fc.option(odd) }),
      fc.record({ kind: fc.constant('webhook' as const), type: odd, body: fc.dictionary(odd, odd) }),
    )
    const changes = fc.record(
      { content, to: odd, idempotencyKey: odd, locale: odd, unsubscribeUrl: odd },
      { requiredKeys: ['content'] },
    )
    await fc.assert(
      fc.asyncProperty(changes, async (some) => {
        expect(FATES).toContain((await send(some)).kind)
      }),
      { numRuns: 60 },
    )
  })

  test('closed, it lets go of its connections and sends nothing more', async () => {
    const { rig, sender, send } = await open()
    await send()
    await sender.close()
    await rig.disconnected()
    const fate = await send()
    expect(FATES).toContain(fate.kind)
  })
}

const FATES: readonly Fate['kind'][] = ['sent', 'retry', 'rejected', 'refresh', 'operator', 'unknown']
const SMS: Content = { kind: 'sms', text: 'x' }

function aMessage<S>(provider: Provider<S>, rig: Rig<S>, changes: Partial<OutboundMessage>): OutboundMessage {
  return {
    shop: 1 as ShopId,
    id: '01949df8-1c00-7000-8000-000000000001' as MessageId,
    idempotencyKey: 'msg_01j2',
    channel: provider.channel,
    purpose: 'service',
    to: rig.to,
    locale: 'zh-CN',
    content: rig.content,
    unsubscribeUrl: null,
    attempt: 1,
    createdAt: parseIso('2026-11-22T08:00:00Z')!,
    ...changes,
  }
}

/** Every text among the secret settings that is long enough to be told from chance. */
function secretsOf<S extends object>(provider: Provider<S>, settings: S): string[] {
  const texts = (value: unknown): string[] =>
    typeof value === 'string'
      ? [value]
      : value && typeof value === 'object'
        ? Object.values(value).flatMap(texts)
        : []
  return provider.secrets
    .flatMap((name) => texts(settings[name as keyof S]))
    .filter((text) => text.length >= 8)
}
