import { existsSync } from 'node:fs'
import { readTemplates } from '../app/presets.ts'
import { findProvider } from '../channels/registry.ts'
import { listAccounts } from '../db/accounts.ts'
import { dataDirAt } from '../db/postgres/data-dir.ts'
import { listShops } from '../db/shops.ts'
import { type AccountAsked, lawsAsked } from '../domain/law/asked.ts'
import { NO_ACCOUNT_LAW } from '../domain/law/book.ts'
import type { LawDraft } from '../domain/law/check.ts'
import type { LawChannel } from '../domain/law/rule.ts'
import { PURPOSES, type Purpose } from '../domain/message.ts'
import { lawDraft } from '../domain/template/law-draft.ts'
import { nearest } from '../domain/template/nearest.ts'
import { accountLaw } from '../pipeline/account-laws.ts'
import { CommandError, type Context, EXIT } from './command.ts'
import { chooseShop, type Opened, withKeys } from './session.ts'
import { findTemplate } from './shop-template.ts'
import { nearText } from './texts/errors.ts'
import { LAW } from './texts/law.ts'
import { say, type Text } from './texts/text.ts'

export type Options = Readonly<Record<string, string | boolean | undefined>>

export interface Draft extends LawDraft {
  readonly name: string
}

/** The law and country that were named. */
export interface Wanted {
  readonly law: string | null
  readonly country: string | null
}

interface Asked {
  readonly name: string | undefined
  readonly channel: LawChannel
  readonly wanted: Wanted
  readonly options: Options
}

/** What is held against which laws. */
interface Held {
  readonly country: string
  readonly accounts: readonly AccountAsked[]
  readonly drafts: readonly Draft[]
}

export async function readAsked(context: Context, asked: Asked): Promise<Held> {
  const { name, wanted, options } = asked
  const { text, shop } = options
  if (typeof text !== 'string' && name === undefined)
    throw new CommandError(EXIT.usage, say(LAW.needsOne, context.language))
  const whole = typeof text === 'string' && wanted.law !== null && wanted.country !== null
  if (typeof shop === 'string' || (!whole && hasDatabase(context))) {
    const held = await withKeys(context, (session) => heldByShop(context, session, asked))
    if (held) return held
  }
  const registered = { url: REGISTERED, icp: null }
  const law = { ...NO_ACCOUNT_LAW, ...wanted, country: wanted.country ?? 'CN', registered }
  return { country: 'CN', accounts: [{ account: null, law }], drafts: await ownDrafts(context, asked) }
}

/** Stands for the address on file where there is no shop. */
const REGISTERED = 'https://shop.example/d'

function hasDatabase(context: Context): boolean {
  const { databaseUrl, dataDir } = context.config()
  return databaseUrl !== undefined || existsSync(dataDirAt(dataDir).cluster)
}

/** `null`: there is no shop yet, and none was named. */
async function heldByShop(context: Context, session: Opened, asked: Asked): Promise<Held | null> {
  const { db } = session.pools
  const { name, channel, wanted, options } = asked
  if (options.shop === undefined && (await listShops(db)).length === 0) return null
  const shop = await chooseShop(context, session, options.shop)
  const vault = await session.keyring.open(shop.id)
  const rows = (await listAccounts(db, shop.id)).filter((row) => row.channel === channel)
  const own = rows.map((row) => {
    const provider = findProvider(row.provider).found ?? undefined
    return { account: row.name, law: accountLaw(shop.id, row, vault, provider) }
  })
  const drafts =
    name === undefined || typeof options.text === 'string'
      ? await ownDrafts(context, asked)
      : (await findTemplate(context, db, shop.id, name)).variants
          .filter((variant) => variant.channel === channel)
          .map((variant) => ({
            name: `${name} ${variant.locale}`,
            ...lawDraft(variant),
            ...purposeOf(context, asked),
          }))
  return { country: shop.country, accounts: lawsAsked(wanted, own), drafts }
}

function purposeOf(context: Context, { options }: Asked): { readonly purpose?: Purpose } {
  const purpose = oneOf(context, 'purpose', options.purpose, PURPOSES)
  return purpose === null ? {} : { purpose }
}

/** The text that was given, else the program's own template of that name. */
async function ownDrafts(context: Context, asked: Asked): Promise<readonly Draft[]> {
  const { name, channel, options } = asked
  const purpose = purposeOf(context, asked)
  if (typeof options.text === 'string')
    return [
      {
        name: '--text',
        purpose: 'service',
        ...purpose,
        asksToPay: options.asksToPay === true,
        parts: [{ place: 'text', liquid: options.text }],
      },
    ]
  const templates = await readTemplates()
  const found = templates.find((template) => template.name === name)
  if (!found)
    throw unknown(
      context,
      LAW.templateUnknown,
      name ?? '',
      templates.map((each) => each.name),
    )
  return found.sources
    .filter((source) => source.channel === channel)
    .map((source) => ({
      name: `${name} ${source.locale}`,
      purpose: source.purpose,
      ...purpose,
      asksToPay: source.asksToPay ?? false,
      parts: [
        { place: 'subject', liquid: source.subject ?? '' },
        { place: 'text', liquid: source.text ?? '' },
      ].filter(({ liquid }) => liquid !== ''),
    }))
}

export function oneOf<T extends string>(
  context: Context,
  option: string,
  value: string | boolean | undefined,
  known: readonly T[],
): T | null {
  if (value === undefined) return null
  if ((known as readonly unknown[]).includes(value)) return value as T
  throw unknown(context, LAW.valueUnknown, String(value), known, { option })
}

export function unknown(
  { language }: Context,
  text: Text,
  name: string,
  known: readonly string[],
  more: Readonly<Record<string, string>> = {},
): CommandError {
  const near = nearText(nearest(name, known), language)
  return new CommandError(EXIT.usage, say(text, language, { name, near, known: known.join(', '), ...more }))
}
