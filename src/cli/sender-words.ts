import type { Trust } from '../domain/event.ts'
import { INTERNAL_SOURCE } from '../pipeline/open-shop.ts'
import { SOURCES } from '../sources/registry.ts'
import { SENDERS, TRUSTS } from './texts/states.ts'
import { type Language, say, type Text } from './texts/text.ts'

/** An event's kind and trust, with the source and name of the connection that it came by. */
export interface Sent {
  readonly type: string
  readonly trust: string
  readonly source: string | null
  /** As the shop calls the connection, or the key. */
  readonly name: string | null
}

/** Who said it, and what makes that certain: `Stripe, signed`, `独角数卡, secret address`, `Dingdong itself`. */
export function senderWords({ type, trust, source, name }: Sent, language: Language): string {
  if (trust === 'browser' || trust === 'inferred') return say(TRUSTS[trust], language)
  if (source === null || name === null) return say(SENDERS.unknown, language)
  if (source === INTERNAL_SOURCE) return say(SENDERS[HEARD[type] ?? 'itself'], language)
  if (source === 'api') return say(SENDERS.key, language, { name })
  const title: Text = SOURCES.get(source)?.title ?? { zh: source, en: source }
  const sender = name === source || name === title[language] ? title : named(title, name)
  return Object.hasOwn(TRUSTS, trust) ? say(TRUSTS[trust as Trust], language, { sender }) : trust
}

/** What comes in by our own connection and was said by somebody else. */
const HEARD: Readonly<Record<string, keyof typeof SENDERS>> = {
  'message.receipt': 'provider',
  'message.replied': 'provider',
  'message.read': 'inbox',
}

const named = ({ zh, en }: Text, name: string): Text => ({ zh: `${zh}“${name}”`, en: `${en} “${name}”` })
