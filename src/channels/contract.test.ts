import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Random } from '../domain/ids.ts'
import { systemClock } from '../domain/time.ts'
import { startSmsLab } from '../lab/sms-lab.ts'
import { startSmtpLab } from '../lab/smtp-lab.ts'
import { startWebhookLab } from '../lab/webhook-lab.ts'
import type { InboxItem, Provider, ProviderPorts } from './channel.ts'
import { command } from './command.ts'
import { describeProvider, type Rig, type Situations } from './contract.test-kit.ts'
import { createHttpClient } from './http-client.ts'
import { inbox } from './inbox.ts'
import { nullProvider } from './null.ts'
import { findProvider, PROVIDERS, PROVIDERS_FOR_BENCH } from './registry.ts'
import { smsHttp } from './sms-http.ts'
import type { SmsSettings } from './sms-settings.ts'
import { type SmtpSettings, smtp } from './smtp.ts'
import { type WebhookSettings, webhook } from './webhook.ts'

const clock = systemClock()
const random: Random = (bytes) => randomBytes(bytes)
/** Shorter than any provider's schema allows, so that silence is noticed soon. */
const BRIEF = 300
/** The SMTP simulator greets after 100 ms, as servers do that look out for clients who speak first. */
const BRIEF_AFTER_GREETING = 1_000
const CLOSED_PORT = 9

function portsFor(origins: readonly string[], more: Partial<ProviderPorts> = {}, ca?: string) {
  const allowOrigins = [...origins, `http://127.0.0.1:${CLOSED_PORT}`]
  const client = createHttpClient({ allowOrigins, ...(ca ? { ca: [ca] } : {}) })
  const ports: ProviderPorts = {
    clock,
    random,
    http: client.request,
    log: { debug() {}, warn() {} },
    storeInboxItem: async () => {},
    ...more,
  }
  return { ports, closeHttp: () => client.close() }
}

const CANNOT: Situations = {
  limited: 'cannot happen',
  busy: 'cannot happen',
  dropped_before: 'cannot happen',
  dropped_after: 'cannot happen',
  never_answered: 'cannot happen',
  untrusted_certificate: 'cannot happen',
  bad_credentials: 'cannot happen',
  bad_address: 'cannot happen',
  bad_content: 'cannot happen',
  nobody_listens: 'cannot happen',
}

describeProvider(
  smtp,
  {
    // SMTP has no Retry-After: the pipeline's own backoff.
    limited: { kind: 'retry', code: '451 4.7.1', afterMs: null },
    busy: { kind: 'retry', code: '451', afterMs: null },
    dropped_before: { kind: 'retry', code: 'smtp_ECONNECTION' },
    dropped_after: { kind: 'unknown', code: 'smtp_ECONNECTION' },
    never_answered: { kind: 'unknown', code: 'smtp_ETIMEDOUT' },
    untrusted_certificate: { kind: 'operator', code: 'tls_untrusted' },
    bad_credentials: { kind: 'operator', code: '535 5.7.8' },
    bad_address: { kind: 'rejected', blame: 'address', code: '550 5.1.1' },
    bad_content: { kind: 'rejected', blame: 'content', code: '554 5.7.1' },
    nobody_listens: { kind: 'retry' },
  },
  async (): Promise<Rig<SmtpSettings>> => {
    const lab = await startSmtpLab({ clock, random, everyId: true })
    const { ports, closeHttp } = portsFor([])
    const settings = smtp.settings.parse({
      host: lab.host,
      port: lab.port,
      security: 'none',
      user: lab.user,
      pass: lab.pass,
      from: 'shop@example.com',
    })
    return {
      settings,
      ports,
      content: { kind: 'email', subject: '订单已支付', text: '谢谢', html: '<p>谢谢</p>' },
      to: 'buyer@example.com',
      arrange(situation) {
        switch (situation) {
          case 'limited':
            lab.script([{ fault: { kind: 'limit', seconds: 7 } }])
            return settings
          case 'busy':
            lab.script([{ fault: { kind: 'fail' } }])
            return settings
          case 'dropped_before':
            lab.script([{ fault: { kind: 'drop', when: 'before' } }])
            return settings
          case 'dropped_after':
            lab.script([{ fault: { kind: 'drop', when: 'after' } }])
            return settings
          case 'never_answered':
            lab.script([{ fault: { kind: 'stall' } }])
            return { ...settings, timeout: BRIEF_AFTER_GREETING }
          case 'untrusted_certificate':
            lab.scriptConnections([{ fault: { kind: 'bad_tls' } }])
            return { ...settings, security: 'starttls', ca: lab.ca }
          case 'bad_credentials':
            return { ...settings, pass: 'not the password' }
          case 'bad_address':
            lab.script([{ fault: { kind: 'refuse_address' } }])
            return settings
          case 'bad_content':
            lab.script([{ fault: { kind: 'refuse_content' } }])
            return settings
          case 'nobody_listens':
            return { ...settings, port: CLOSED_PORT }
        }
      },
      taken: () => lab.received.ids(),
      takenOne: () => lab.received.waitFor(({ accepted }) => accepted),
      disconnected: lab.idle,
      async close() {
        await closeHttp()
        await lab.close()
      },
    }
  },
)

describeProvider(
  smsHttp,
  {
    limited: { kind: 'retry', code: 'TOO_FAST', afterMs: 7_000 },
    busy: { kind: 'retry', code: 'BROKEN', afterMs: null },
    // One cut connection looks like another: only what never left may be sent again.
    dropped_before: { kind: 'unknown', code: 'http_closed' },
    dropped_after: { kind: 'unknown', code: 'http_closed' },
    never_answered: { kind: 'unknown', code: 'http_timeout' },
    untrusted_certificate: { kind: 'operator', code: 'tls_untrusted' },
    bad_credentials: { kind: 'operator', code: 'BAD_SIGNATURE' },
    bad_address: { kind: 'rejected', blame: 'address', code: 'BAD_NUMBER' },
    bad_content: { kind: 'rejected', blame: 'content', code: 'BAD_TEXT' },
    nobody_listens: { kind: 'retry', code: 'connect' },
  },
  async (): Promise<Rig<SmsSettings>> => {
    const lab = await startSmsLab({ clock, random, everyId: true })
    const { ports, closeHttp } = portsFor(lab.origins, {}, lab.ca)
    const settings = smsHttp.settings.parse(lab.account())
    return {
      settings,
      ports,
      content: { kind: 'sms', text: '【叮咚】您的订单已支付' },
      to: '+8613800138000',
      arrange(situation) {
        switch (situation) {
          case 'limited':
            lab.script([{ fault: { kind: 'limit', seconds: 7 } }])
            return settings
          case 'busy':
            lab.script([{ fault: { kind: 'fail' } }])
            return settings
          case 'dropped_before':
            lab.script([{ fault: { kind: 'drop', when: 'before' } }])
            return settings
          case 'dropped_after':
            lab.script([{ fault: { kind: 'drop', when: 'after' } }])
            return settings
          case 'never_answered':
            lab.script([{ fault: { kind: 'stall' } }])
            return { ...settings, timeout: BRIEF }
          case 'bad_credentials':
            return { ...settings, credentials: { ...settings.credentials, api_secret: 'not the secret' } }
          case 'bad_address':
            lab.script([{ fault: { kind: 'refuse_address' } }])
            return settings
          case 'bad_content':
            lab.script([{ fault: { kind: 'refuse_content' } }])
            return settings
          case 'nobody_listens':
            return { ...settings, request: { ...settings.request, url: `http://127.0.0.1:${CLOSED_PORT}/` } }
          case 'untrusted_certificate':
            lab.scriptConnections([{ fault: { kind: 'bad_tls' } }])
            return { ...settings, request: { ...settings.request, url: lab.secureUrl } }
        }
      },
      taken: () => lab.received.ids(),
      takenOne: () => lab.received.waitFor(({ accepted }) => accepted),
      async disconnected() {
        await closeHttp()
        await lab.idle()
      },
      async close() {
        await closeHttp()
        await lab.close()
      },
    }
  },
)

for (const provider of [webhook, command]) {
  describeProvider(
    provider,
    {
      limited: { kind: 'retry', code: 'http_429', afterMs: 7_000 },
      busy: { kind: 'retry', code: 'http_500', afterMs: null },
      // Unknown, and `repeat: 'harmless'` says that trying again is right.
      dropped_before: { kind: 'unknown', code: 'http_closed' },
      dropped_after: { kind: 'unknown', code: 'http_closed' },
      never_answered: { kind: 'unknown', code: 'http_timeout' },
      untrusted_certificate: { kind: 'retry', code: 'tls_untrusted' },
      bad_credentials: { kind: 'operator', code: 'signature_refused' },
      bad_address: { kind: 'operator', code: 'endpoint_gone' },
      bad_content: 'cannot happen',
      nobody_listens: { kind: 'retry', code: 'connect' },
    },
    () => webhookRig(provider),
  )
}

async function webhookRig(provider: Provider<WebhookSettings>): Promise<Rig<WebhookSettings>> {
  const lab = await startWebhookLab({ clock, random, everyId: true })
  const { ports, closeHttp } = portsFor(lab.origins, {}, lab.ca)
  const settings = provider.settings.parse({ url: lab.url, secrets: [lab.secret] })
  return {
    settings,
    ports,
    content: { kind: 'webhook', type: 'order.paid', body: { order: '20261122-1' } },
    to: lab.url,
    arrange(situation) {
      switch (situation) {
        case 'limited':
          lab.script([{ fault: { kind: 'limit', seconds: 7 } }])
          return settings
        case 'busy':
          lab.script([{ fault: { kind: 'fail' } }])
          return settings
        case 'dropped_before':
          lab.script([{ fault: { kind: 'drop', when: 'before' } }])
          return settings
        case 'dropped_after':
          lab.script([{ fault: { kind: 'drop', when: 'after' } }])
          return settings
        case 'never_answered':
          lab.script([{ fault: { kind: 'stall' } }])
          return { ...settings, timeout: BRIEF }
        case 'untrusted_certificate':
          lab.scriptConnections([{ fault: { kind: 'bad_tls' } }])
          return { ...settings, url: lab.secureUrl }
        case 'bad_credentials':
          return { ...settings, secrets: [`whsec_${randomBytes(24).toString('base64')}`] }
        case 'bad_address':
          lab.script([{ fault: { kind: 'gone' } }])
          return settings
        case 'nobody_listens':
          return { ...settings, url: `http://127.0.0.1:${CLOSED_PORT}/` }
        case 'bad_content':
          throw new Error('a receiver that refuses content is one that fails')
      }
    },
    taken: () => lab.received.ids(),
    takenOne: () => lab.received.waitFor(({ accepted }) => accepted),
    async disconnected() {
      await closeHttp()
      await lab.idle()
    },
    async close() {
      await closeHttp()
      await lab.close()
    },
  }
}

describeProvider(inbox, { ...CANNOT, busy: { kind: 'retry', code: 'not_stored' } }, async () => {
  const stored: InboxItem[] = []
  let broken = false
  const storeInboxItem = async (item: InboxItem) => {
    if (broken) throw new Error('connection terminated')
    stored.push(item)
  }
  const { ports, closeHttp } = portsFor([], { storeInboxItem })
  return {
    settings: {},
    ports,
    content: { kind: 'inbox', title: '订单已支付', text: '谢谢', link: null },
    to: 'customer-1',
    arrange() {
      broken = true
      return {}
    },
    taken: () => stored.map(({ message }) => message.idempotencyKey),
    takenOne: async () => {},
    disconnected: async () => {},
    close: closeHttp,
  }
})

describeProvider(nullProvider, CANNOT, async () => {
  const { ports, closeHttp } = portsFor([])
  return {
    settings: {},
    ports,
    content: { kind: 'email', subject: '', text: '', html: '' },
    to: 'buyer@example.com',
    arrange: () => ({}),
    taken: () => null,
    takenOne: async () => {},
    disconnected: async () => {},
    close: closeHttp,
  }
})

describe('the registry', () => {
  test('knows every provider once by name, and the null provider only for benchmarks', () => {
    expect(PROVIDERS.map(({ name }) => name)).toEqual(['smtp', 'sms-http', 'webhook', 'command', 'inbox'])
    expect(findProvider('null')).toMatchObject({ found: null })
    expect(findProvider('null', PROVIDERS_FOR_BENCH)).toEqual({ found: nullProvider })
  })

  test('suggests the nearest name', () => {
    expect(findProvider('smpt')).toMatchObject({ found: null, near: 'smtp' })
    expect(findProvider('webhooks')).toMatchObject({ near: 'webhook' })
    expect(findProvider('carrier pigeon')).toMatchObject({ near: null })
  })
})
