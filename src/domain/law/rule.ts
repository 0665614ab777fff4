import * as z from 'zod'
import { dayText } from '../day.ts'
import { PURPOSES } from '../message.ts'

/** Roads that somebody makes rules about. `wechat` has rules before it has a provider here. */
export const LAW_CHANNELS = ['sms', 'email', 'wechat'] as const
export type LawChannel = (typeof LAW_CHANNELS)[number]

/** 验证码, 通知, 营销: what carriers and vendors sort messages by. */
export const MESSAGE_TYPES = ['code', 'notice', 'marketing'] as const
export type MessageType = (typeof MESSAGE_TYPES)[number]

const words = z.strictObject({ zh: z.string().min(1), en: z.string().min(1) })
const clock = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'expected a time of day such as 08:00, or 24:00')
const name = z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'expected small letters, digits and hyphens')

const common = {
  id: name,
  /** Message types and purposes it is about; all when left out. */
  types: z.array(z.enum(MESSAGE_TYPES)).min(1).optional(),
  purposes: z.array(z.enum(PURPOSES)).min(1).optional(),
  severity: z.enum(['refuse', 'warn']),
  /** What is wrong, and what may be said or done instead. */
  says: words,
  instead: words,
  /** The public document it stands in. */
  source: z.strictObject({ title: z.string().min(1), url: z.url().optional(), dated: dayText.optional() }),
  /** When somebody last held this rule against its source. */
  checked: dayText,
  since: dayText.optional(),
  /** The first day on which it no longer holds. */
  until: dayText.optional(),
  /** Nobody has been able to read the source: it is told as a claim. */
  unverified: z.literal(true).optional(),
}

const kinds = [
  /** Links: only the account's registered address; any but shorteners; none. */
  z.strictObject({
    ...common,
    kind: z.literal('links'),
    allow: z.enum(['registered', 'noShorteners', 'none']),
    /** Domains that hide where they lead. */
    shorteners: z.array(z.string().min(3)).default([]),
  }),
  /** Words of these groups, however disguised; `undeclared`: in messages that do not say they ask for payment. */
  z.strictObject({
    ...common,
    kind: z.literal('words'),
    groups: z.array(name).min(1),
    undeclared: z.literal(true).optional(),
  }),
  z.strictObject({ ...common, kind: z.literal('characters'), chars: z.array(z.string().min(1)).min(1) }),
  /** Characters with signature and values. */
  z.strictObject({ ...common, kind: z.literal('length'), most: z.int().min(1) }),
  z.strictObject({
    ...common,
    kind: z.literal('variables'),
    most: z.int().min(0).optional(),
    adjacent: z.literal(false).optional(),
    /** A text of nothing but variables says nothing that a reviewer could read. */
    only: z.literal(false).optional(),
    /** One variable twice. */
    repeated: z.literal(false).optional(),
  }),
  z.strictObject({ ...common, kind: z.literal('signature') }),
  /** One of these must be said; `atEnd`: as the last words. */
  z.strictObject({
    ...common,
    kind: z.literal('mustSay'),
    oneOf: z.array(z.string().min(1)).min(1),
    atEnd: z.boolean().default(false),
  }),
  z.strictObject({ ...common, kind: z.literal('mustNotSay'), phrases: z.array(z.string().min(1)).min(1) }),
  /** Messages that may not be sent at all: by purpose or type, or when they ask for payment. */
  z.strictObject({ ...common, kind: z.literal('banned'), asksToPay: z.literal(true).optional() }),
  /** The receiver's wall clock between which it may ring. */
  z.strictObject({ ...common, kind: z.literal('hours'), from: clock, to: clock }),
  /** An explicit yes of the receiver. */
  z.strictObject({ ...common, kind: z.literal('consent') }),
  /** A variable that must be there, such as `links.preferences`. */
  z.strictObject({ ...common, kind: z.literal('mustHave'), variable: z.string().min(1) }),
  /** What people answer to stop. */
  z.strictObject({ ...common, kind: z.literal('optOutWords'), answers: z.array(z.string().min(1)).min(1) }),
  /** Units in one message and in each of several, as they are billed. */
  z.strictObject({
    ...common,
    kind: z.literal('segments'),
    gsm7: z.tuple([z.int().min(2), z.int().min(2)]).optional(),
    ucs2: z.tuple([z.int().min(2), z.int().min(2)]),
  }),
  /** Nothing may be written that stands nowhere in the template. */
  z.strictObject({ ...common, kind: z.literal('readable') }),
  /** What the operator must see to and no program can check. */
  z.strictObject({ ...common, kind: z.literal('duty') }),
] as const

export const ruleSchema = z.discriminatedUnion('kind', kinds)
export type RuleText = z.infer<typeof ruleSchema>

/** One file: the rules of one vendor, carrier or country. */
export const lawFile = z.strictObject({
  /** What an account's `law` names, or `*`: everybody's in these countries. */
  law: z.union([z.literal('*'), name]),
  title: words,
  channel: z.enum(LAW_CHANNELS),
  /** ISO 3166 codes; `*` for all. */
  countries: z.array(z.string().regex(/^([A-Z]{2}|\*)$/, 'expected a country such as CN, or *')).min(1),
  rules: z.array(ruleSchema).min(1),
})
export type LawFile = z.infer<typeof lawFile>

/** `…`, `#`, `~`, `!`, a choice `(付款|支付)` and one by its name `(=pay)` have a meaning of their own. */
const word = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^()]*(\([^()]+\)[^()]*)*$/, 'expected brackets in pairs, none within another')

/** Words that rules speak of by group. */
export const wordsFile = z.strictObject({
  /** What `(=name)` stands for in any word: ways of a choice, `付款|支付|`. */
  choices: z
    .record(
      name,
      z
        .string()
        .min(1)
        .max(200)
        .regex(/^[^()]*$/, 'expected no brackets'),
    )
    .default({}),
  groups: z.record(
    name,
    z.strictObject({
      title: words,
      words: z.array(word).default([]),
      /** Other spellings: Latin abbreviations, chosen look-alikes. Only as they stand. */
      also: z.array(word).default([]),
      /** Characters of the same sound count, too, `toneless` in any tone; for groups that people disguise. */
      sound: z.union([z.boolean(), z.literal('toneless')]).default(false),
      /** Characters that are typed for each other: 券卷. */
      alike: z.array(z.string().min(2).max(10)).default([]),
      /** Words of which any run may stand for `~`. */
      fill: z.array(word).default([]),
      /** Of which none may stand for `!`. */
      names: z.array(word).default([]),
      /** Innocent phrases that contain such a word. */
      except: z.array(word).default([]),
      /** Phrases that are innocent only while none of `unless` stands elsewhere in the text, however disguised. */
      exceptAlone: z.array(word).default([]),
      unless: z.array(word).default([]),
      /** Groups that belong to it. */
      with: z.array(name).default([]),
    }),
  ),
})
export type WordsFile = z.infer<typeof wordsFile>
export type Words = z.infer<typeof words>

/** A rule with what its file says about all of its rules. */
export type Rule = Readonly<RuleText> & {
  readonly law: string
  readonly channel: LawChannel
  readonly countries: readonly string[]
  readonly file: string
}
export type RuleOf<K extends Rule['kind']> = Extract<Rule, { readonly kind: K }>
