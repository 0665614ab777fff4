import type { OwnStop } from '../domain/delivery/own-stop.ts'
import { formatId, type MessageId } from '../domain/ids.ts'
import type { AccountLaw } from '../domain/law/book.ts'
import type { Content } from '../domain/message.ts'
import { moneyText } from '../domain/money.ts'
import { pickVariant } from '../domain/template/locale.ts'
import type { CompiledTemplate } from '../domain/template/template.ts'
import { toIso } from '../domain/time.ts'
import { mustTellZone } from '../domain/told-zone.ts'
import type { Renderer, RenderJob } from '../templates/renderer.ts'
import { attempt } from './attempt.ts'
import type { Allowed } from './gate.ts'
import type { LawDesk } from './law-desk.ts'
import type { LoadedTemplate } from './shop-config.ts'
import type { OpenSubject } from './subjects.ts'
import { templateVars, type VarsScene, withFixedLink } from './template-vars.ts'

/** A message with its words, or why there are none. */
export type Worded =
  | { readonly allowed: Allowed; readonly locale: string; readonly content: Content }
  | { readonly allowed: Allowed; readonly failed: OwnStop; readonly detail: string }

/** What the law adds to the words: which may be chosen, the registered address, short codes by order. */
export interface LawWork {
  readonly desk: LawDesk
  readonly lawOf: (allowed: Allowed) => AccountLaw
  readonly codes: ReadonlyMap<string, string>
}

/** Gives a batch its words: one call to the renderer for all. */
export async function renderMessages(
  renderer: Pick<Renderer, 'render'>,
  scene: VarsScene,
  batch: readonly Allowed[],
  subjects: ReadonlyMap<MessageId, OpenSubject>,
  { desk, lawOf, codes }: LawWork,
): Promise<readonly Worded[]> {
  const worded: Worded[] = []
  const jobs: RenderJob[] = []
  const waiting: { allowed: Allowed; law: AccountLaw; template: CompiledTemplate }[] = []
  for (const allowed of batch) {
    if (allowed.account.channel === 'command') {
      const content = attempt(() => commandContent(scene, allowed, subjects.get(allowed.message.id)!))
      const { locale } = scene.config.row
      if ('ok' in content) worded.push({ allowed, locale, content: content.ok })
      else worded.push({ allowed, failed: 'unreadable', detail: content.detail })
      continue
    }
    const law = lawOf(allowed)
    const found = findTemplate(scene, allowed, desk, law)
    if (found === null) {
      worded.push({
        allowed,
        failed: 'template_missing',
        detail: `no template ${allowed.message.template} for ${allowed.account.channel}`,
      })
      continue
    }
    const code = codes.get(allowed.message.order_id ?? '')
    const registered = law.registered?.url
    const subject = subjects.get(allowed.message.id)!
    const vars = attempt(() =>
      withFixedLink(templateVars(scene, allowed.message, subject()), registered, code),
    )
    if (!('ok' in vars)) {
      worded.push({ allowed, failed: 'unreadable', detail: vars.detail })
      continue
    }
    const { audience, time_zone: own } = allowed.message
    const shopZone = scene.config.row.time_zone
    const tellZone = audience === 'buyer' && mustTellZone(own, shopZone, found.template.locale)
    jobs.push({ ...found, vars: vars.ok, timeZone: own ?? shopZone, tellZone })
    waiting.push({ allowed, law, template: found.template })
  }
  const results = jobs.length > 0 ? await renderer.render(jobs) : []
  results.forEach((result, at) => {
    const { allowed, law, template } = waiting[at]!
    if (!('ok' in result)) {
      worded.push({ allowed, failed: `render_${result.failed}`, detail: result.detail })
      return
    }
    const broken = brokenRule(scene, allowed, { desk, law, template, content: result.ok })
    worded.push(
      broken === null
        ? { allowed, locale: template.locale, content: result.ok }
        : { allowed, failed: `law:${broken}`, detail: `the text breaks ${broken}` },
    )
  })
  return worded
}

/** A value may bring in what its template did not say: an address in a product's name. */
function brokenRule(
  { config, now }: VarsScene,
  { message, account }: Allowed,
  {
    desk,
    law,
    template,
    content,
  }: { desk: LawDesk; law: AccountLaw; template: CompiledTemplate; content: Content },
): string | null {
  if (account.channel !== 'sms' || content.kind !== 'sms') return null
  const said = { purpose: message.purpose, asksToPay: template.asksToPay ?? false, text: content.text }
  return desk.objection(config, law, said, now)?.rule.id ?? null
}

function findTemplate(
  { config, now }: VarsScene,
  { message, account }: Allowed,
  desk: LawDesk,
  law: AccountLaw,
) {
  const loaded = config.templates.get(message.template)
  if (!loaded) return null
  const locale = readerLocale(config, message.audience, message.contact_id, message.locale)
  if (account.channel !== 'sms') return variantFor(loaded, account.channel, locale, config.row.locale)
  // A reader of English gets the Chinese words where only those are lawful.
  const lawful = desk.lawful(config, law, loaded, message.purpose, now)
  return foundAs(loaded, pickVariant(lawful, locale, config.row.locale))
}

interface Found {
  readonly template: CompiledTemplate
  /** Names this text for good. */
  readonly key: string
}

/** A template's texts never change, so who reads which of them is worked out once. */
const picked = new WeakMap<LoadedTemplate, Map<string, Found | null>>()
/** Readers' languages are a few dozen; a sender that invents more pays for the search each time. */
const MOST_READERS = 500

function variantFor(loaded: LoadedTemplate, channel: string, locale: string, fallback: string): Found | null {
  const known = picked.get(loaded) ?? new Map<string, Found | null>()
  picked.set(loaded, known)
  const reader = `${channel} ${locale} ${fallback}`
  const found = known.get(reader)
  if (found !== undefined) return found
  const ofChannel = loaded.variants.filter((variant) => variant.channel === channel)
  const made = foundAs(loaded, pickVariant(ofChannel, locale, fallback))
  if (known.size < MOST_READERS) known.set(reader, made)
  return made
}

const foundAs = (loaded: LoadedTemplate, template: CompiledTemplate | null): Found | null =>
  template && { template, key: `${loaded.id}/${template.channel}/${template.locale}` }

function readerLocale(
  config: VarsScene['config'],
  audience: 'buyer' | 'member',
  contact: string | null,
  locale: string | null,
): string {
  const member =
    audience === 'member' ? config.members.find((each) => each.contact_id === contact) : undefined
  return member?.locale ?? locale ?? config.row.locale
}

/** What the shop's system is told: `order.cancel`, `payment.retry`, with the order's own names, no personal data. */
export function commandContent(
  { shop, vault }: Pick<VarsScene, 'shop' | 'vault'>,
  { message }: Allowed,
  subject: OpenSubject,
): Content {
  const { view } = subject()
  const [verb, thing] = message.template.split('_')
  const place = { shop, column: 'message.vars', row: message.id }
  const wanted =
    message.vars && (JSON.parse(vault.sealer.openText(message.vars, place)) as { payment?: string }).payment
  return {
    kind: 'webhook',
    type: `${thing}.${verb}`,
    body: {
      command: formatId('msg', message.id),
      order: view && {
        no: view.no,
        status: view.status,
        total: view.total && moneyText(view.total),
        currency: view.total?.currency,
      },
      ...(thing === 'payment' ? { payment: wanted ?? view?.lastFailure?.paymentId ?? null } : {}),
      reason: message.flow,
      // When it was decided, however late it leaves: the shop heeds the latest word.
      askedAt: toIso(message.created_at),
    },
  }
}
