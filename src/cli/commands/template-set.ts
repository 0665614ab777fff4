import path from 'node:path'
import { readLaw } from '../../app/law.ts'
import { compileTemplate } from '../../app/presets.ts'
import { findProvider } from '../../channels/registry.ts'
import { listAccounts } from '../../db/accounts.ts'
import { type Queryable, transaction } from '../../db/connect.ts'
import { keepDefinitions, listTemplates, publishTemplates, readDefinitions } from '../../db/flows.ts'
import { bumpConfig, type ShopRow } from '../../db/shops.ts'
import { formatId, type ShopId } from '../../domain/ids.ts'
import type { Road } from '../../domain/law/carry.ts'
import { sceneOf } from '../../domain/law/check.ts'
import type { CompiledTemplate } from '../../domain/template/template.ts'
import { accountLaw } from '../../pipeline/account-laws.ts'
import { type Command, CommandError, type Context, EXIT } from '../command.ts'
import { record } from '../record.ts'
import { chooseShop, type Opened, withKeys } from '../session.ts'
import { readText } from '../settings-file.ts'
import { refusal } from '../shop-flow.ts'
import { OPTIONS } from '../texts/commands.ts'
import { TEMPLATES } from '../texts/flows.ts'
import { say } from '../texts/text.ts'

/**
 * Works on the database itself, and needs the master key: which law an account is under stands in its sealed
 * settings. The file is the whole template: what it does not say is no longer said.
 */
export const templateSet: Command = {
  name: 'template set',
  summary: TEMPLATES.set,
  args: [{ name: '<file>', text: TEMPLATES.file }],
  options: [{ flags: '--shop <slug>', text: OPTIONS.shop }],
  examples: [
    'dingdong template set order_paid.yaml',
    'dingdong template set words/order_paid.yaml --shop my-shop',
  ],
  async run(context, [file = ''], options) {
    const { screen, language, clock } = context
    const name = nameOf(context, file)
    const text = await readText(context, file)
    return withKeys(context, async (session) => {
      const shop = await chooseShop(context, session, options.shop)
      const roads = await smsRoads(context, session, shop)
      const made = await compileTemplate(clock, name, text, { language, roads })
      if (!made.ok) throw refusal(say(TEMPLATES.invalid, language), made.problems)
      const done = await transaction(session.pools.db, async (tx) => {
        // Locks the shop's row until commit: what is read before and after is what this changes.
        await bumpConfig(tx, shop.id)
        const before = await variantsOf(tx, shop.id, name)
        await keepDefinitions(tx, [made.value], clock.now())
        await publishTemplates(tx, shop.id, [made.value], clock.now())
        const after = await variantsOf(tx, shop.id, name)
        const gone = before.names.filter((each) => !after.names.includes(each))
        await record(context, tx, shop.id, 'template.set', name, { version: after.version, gone })
        return { version: after.version, variants: after.names, gone }
      })
      const { version, variants, gone } = done
      screen.line(say(TEMPLATES.changed, language, { name, version, count: variants.length }))
      if (gone.length > 0) screen.line(say(TEMPLATES.gone, language, { variants: gone.join(', ') }))
      for (const { account, texts, because } of made.kept)
        screen.line(
          say(TEMPLATES.kept, language, { account, texts: texts.join(', '), because: because.join(', ') }),
        )
      screen.result({ template: name, ...done, kept: made.kept })
      return EXIT.ok
    })
  },
}

/** `words/order_paid.yaml` is about `order_paid`. */
function nameOf({ language }: Context, file: string): string {
  const [, name] = /^([a-z][a-z0-9_]{0,39})\.yaml$/.exec(path.basename(file)) ?? []
  if (name === undefined || name === 'layout')
    throw new CommandError(EXIT.usage, say(TEMPLATES.badName, language, { file }))
  return name
}

/** The shop's SMS accounts with their laws, paused ones too: they will be resumed. */
async function smsRoads(
  { language, clock }: Context,
  { pools, keyring }: Opened,
  { id, country }: ShopRow,
): Promise<readonly Road[]> {
  const accounts = (await listAccounts(pools.db, id)).filter(({ channel }) => channel === 'sms')
  if (accounts.length === 0) return []
  const [book, vault] = await Promise.all([readLaw(language), keyring.open(id)])
  return accounts.map((account) => {
    const law = accountLaw(id, account, vault, findProvider(account.provider).found ?? undefined)
    const scene = sceneOf(book, 'sms', law, country, clock.now())
    return { id: formatId('acct', account.id), name: account.name, scene }
  })
}

async function variantsOf(db: Queryable, shop: ShopId, name: string) {
  const row = (await listTemplates(db, shop)).find(({ key }) => key === name)
  const [kept] = row ? await readDefinitions(db, [row.definition_hash]) : []
  const { variants } = (kept?.body ?? { variants: [] }) as { variants: readonly CompiledTemplate[] }
  return {
    version: row?.version ?? 0,
    names: variants.map(({ locale, channel }) => `${locale} ${channel}`),
  }
}
