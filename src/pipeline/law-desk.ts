import type { AccountRow } from '../db/accounts.ts'
import type { DueMessage } from '../db/due-messages.ts'
import type { GateLaw } from '../domain/gate/input.ts'
import { type AccountLaw, type LawBook, ofKind, rulesFor } from '../domain/law/book.ts'
import { mayCarry } from '../domain/law/carry.ts'
import { checkText, type Finding, refuses, sceneOf } from '../domain/law/check.ts'
import { isAbout } from '../domain/law/gate-rules.ts'
import type { Purpose } from '../domain/message.ts'
import { lawDraft } from '../domain/template/law-draft.ts'
import type { CompiledTemplate } from '../domain/template/template.ts'
import { type Instant, toIso } from '../domain/time.ts'
import type { LoadedTemplate, ShopConfig } from './shop-config.ts'

/** What the law says about messages on their way, for one installation's law files. */
export interface LawDesk {
  /** For the gate: whether its template may go at all, needs consent, and at what hours. Absent where no law applies. */
  gateLaw(
    config: ShopConfig,
    account: AccountRow,
    law: AccountLaw,
    message: DueMessage,
    now: Instant,
  ): GateLaw | null
  /** The template's variants that may go through this account, for a message of this purpose. */
  lawful(
    config: ShopConfig,
    law: AccountLaw,
    template: LoadedTemplate,
    purpose: Purpose,
    now: Instant,
  ): readonly CompiledTemplate[]
  /** The first rule that a rendered text breaks: a value may have brought in what its template did not say. */
  objection(
    config: ShopConfig,
    law: AccountLaw,
    said: { readonly purpose: Purpose; readonly asksToPay: boolean; readonly text: string },
    now: Instant,
  ): Finding | null
}

/** Verdicts about templates that are remembered: as many as a large installation has in use on one day. */
const REMEMBERED = 10_000

export function createLawDesk(book: LawBook): LawDesk {
  const lawfulOf = new Map<string, readonly CompiledTemplate[]>()

  const smsScene = (config: ShopConfig, law: AccountLaw, now: Instant) =>
    sceneOf(book, 'sms', law, config.row.country, now)

  function lawful(
    config: ShopConfig,
    law: AccountLaw,
    template: LoadedTemplate,
    purpose: Purpose,
    now: Instant,
  ): readonly CompiledTemplate[] {
    const key = JSON.stringify([template.id, law, config.row.country, purpose, toIso(now).slice(0, 10)])
    const known = lawfulOf.get(key)
    if (known) return known
    const scene = smsScene(config, law, now)
    const allowed = template.variants.filter(
      (variant) => variant.channel === 'sms' && mayCarry(scene, { ...lawDraft(variant), purpose }),
    )
    if (lawfulOf.size >= REMEMBERED) lawfulOf.clear()
    lawfulOf.set(key, allowed)
    return allowed
  }

  return {
    lawful,
    gateLaw(config, account, law, message, now) {
      if (account.channel !== 'sms') return null
      const place = { channel: 'sms', law: law.law, country: law.country ?? config.row.country } as const
      const rules = rulesFor(book, place, now).filter((rule) => isAbout(rule, message.purpose))
      if (rules.length === 0) return null
      const template = config.templates.get(message.template)
      const hours = ofKind(rules, 'hours').map(({ from, to }) => ({ from, to }))
      return {
        // A template that is missing altogether is another matter, told when it is to be rendered.
        banned:
          template !== undefined && isBanned(template, lawful(config, law, template, message.purpose, now)),
        needsConsent: ofKind(rules, 'consent').length > 0,
        consented: message.consent?.includes(message.purpose) ?? false,
        hours,
      }
    },
    objection(config, law, said, now) {
      return checkText(smsScene(config, law, now), said).find(refuses) ?? null
    },
  }
}

const isBanned = (template: LoadedTemplate, allowed: readonly CompiledTemplate[]) =>
  allowed.length === 0 && template.variants.some(({ channel }) => channel === 'sms')
