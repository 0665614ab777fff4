import { parseIso } from '../time.ts'
import type { TemplateVars } from './variables.ts'

/** What an event about goods or a membership may say, in fields that no schema has looked at. */
type Said = Readonly<Record<string, unknown>>

const objectOf = (value: unknown): Said =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Said) : {}

/** Which goods: their name, else whatever else the sender calls them, as flows know them by; see `namesIn`. */
export function stockVars(said: unknown, subject: string | null): NonNullable<TemplateVars['stock']> {
  const { name, item, sku, left } = objectOf(said)
  const called = [name, item, sku, subject].find(isWord)
  return {
    ...(called === undefined ? {} : { name: called }),
    ...(typeof left === 'number' ? { left } : {}),
  }
}

export function membershipVars(said: unknown): NonNullable<TemplateVars['membership']> {
  const { name, expires_at, expiresAt } = objectOf(said)
  const end = [expires_at, expiresAt].map(instantOf).find((at) => at !== null)
  return { ...(isWord(name) ? { name } : {}), ...(end == null ? {} : { expires_at: end }) }
}

/** The page where it is renewed. Only a web address: what else stands there must not get into a mail's button. */
export function renewLinkOf(said: unknown): string | null {
  const { renewUrl } = objectOf(said)
  if (!isWord(renewUrl) || !URL.canParse(renewUrl)) return null
  return /^https?:$/.test(new URL(renewUrl).protocol) ? renewUrl : null
}

const isWord = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''

function instantOf(value: unknown): number | null {
  if (typeof value === 'number') return value
  return typeof value === 'string' ? parseIso(value) : null
}
