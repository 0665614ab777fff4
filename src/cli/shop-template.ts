import { readLaw } from '../app/law.ts'
import { findProvider } from '../channels/registry.ts'
import type { Queryable } from '../db/connect.ts'
import { listTemplates, readDefinitions, type TemplateRow } from '../db/flows.ts'
import type { ShopRow } from '../db/shops.ts'
import { listVersions } from '../db/versions.ts'
import type { ShopId } from '../domain/ids.ts'
import type { Road } from '../domain/law/carry.ts'
import { nearest } from '../domain/template/nearest.ts'
import { smsRoads } from '../pipeline/account-laws.ts'
import type { KeptTemplate } from '../pipeline/presets.ts'
import { CommandError, type Context, EXIT } from './command.ts'
import type { Opened } from './session.ts'
import { nearText } from './texts/errors.ts'
import { TEMPLATES, VERSIONS } from './texts/flows.ts'
import { say } from './texts/text.ts'

/** The shop's SMS accounts with their laws, which stand in their sealed settings. */
export async function roadsOf(
  { language, clock }: Context,
  { pools, keyring }: Opened,
  shop: ShopRow,
): Promise<readonly Road[]> {
  const providers = (name: string) => findProvider(name).found ?? undefined
  return smsRoads({ db: pools.db, keyring, law: await readLaw(language), providers }, shop, clock.now())
}

/** The shop's template called `name` at this version, else as it is in force; throws with the nearest name. */
export async function findTemplate(
  { language }: Context,
  db: Queryable,
  shop: ShopId,
  name: string,
  wanted: number | null = null,
): Promise<TemplateRow & KeptTemplate> {
  const all = await listTemplates(db, shop)
  const row = all.find(({ key }) => key === name)
  if (!row) {
    const known = all.map(({ key }) => key)
    const near = nearText(nearest(name, known), language)
    throw new CommandError(EXIT.notFound, say(TEMPLATES.unknown, language, { name, near }))
  }
  const version = wanted ?? row.version
  const [found] = await listVersions(db, shop, 'template', name, version + 1, 1)
  if (found?.version !== version) {
    const params = { key: name, version, current: row.version }
    throw new CommandError(EXIT.notFound, say(VERSIONS.unknown, language, params))
  }
  const [kept] = await readDefinitions(db, [found.definition_hash])
  const body = kept!.body as KeptTemplate
  return { key: name, version, definition_hash: found.definition_hash, ...body }
}
