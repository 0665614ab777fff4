import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Db, statements, type Tx } from '../../src/db/connect.ts'
import type { ShopId } from '../../src/domain/ids.ts'
import type { World } from '../kit/world.ts'
import { ATTACKS, NO_SHOP } from './verbs.ts'
import { openVictim, type Victim } from './victim.ts'

let world: World
let victim: Victim
let attacker: ShopId

/** Modules that speak of no shop: connections, schema, copies of the whole database. */
const MACHINERY = new Set([
  'after-restore.ts',
  'backup.ts',
  'binary-arrays.ts',
  'columns.ts',
  'connect.ts',
  'copy.ts',
  'migrate.ts',
  'partitions.ts',
  'restore.ts',
  'schema-dump.ts',
  'withdraw.ts',
])

const folder = new URL('../../src/db/', import.meta.url)
const modules = readdirSync(folder).filter(
  (name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !MACHINERY.has(name),
)

async function exportedVerbs(): Promise<readonly string[]> {
  const loaded = await Promise.all(
    modules.map((name) => import(new URL(name, folder).href) as Promise<Record<string, unknown>>),
  )
  return loaded.flatMap((module) =>
    Object.entries(module).flatMap(([name, value]) => (typeof value === 'function' ? [name] : [])),
  )
}

const verbs = await exportedVerbs()
let tables: readonly string[]

beforeAll(async () => {
  ;({ world, victim, attacker } = await openVictim())
  tables = (
    await world.rows<{ name: string }>(
      `select c.table_name as name from information_schema.columns c
       join pg_class p on p.relname = c.table_name and not p.relispartition
       where c.table_schema = 'public' and c.column_name = 'shop_id' order by 1`,
    )
  ).map(({ name }) => name)
})
afterAll(() => world?.close())

/** Every row of the victim as text. */
async function belongings(db: Tx | Db): Promise<string> {
  const parts = [`select 'shop' as t, to_jsonb(x)::text as row from shop as x where id = $1`]
  for (const table of tables) {
    parts.push(`select '${table}', to_jsonb(x)::text from ${table} as x where shop_id = $1`)
  }
  const { rows } = await db.query<{ t: string; row: string }>(`${parts.join(' union all ')} order by 1, 2`, [
    victim.shop,
  ])
  return rows.map(({ t, row }) => `${t} ${row}`).join('\n')
}

const ROLL_BACK = new Error('rolled back')

/** Runs the attack inside a transaction that is rolled back; gives its answer and what the victim then had. */
async function attack(name: string): Promise<{ answer: unknown; after: string }> {
  const [, work] = ATTACKS[name]!
  let result: { answer: unknown; after: string } | undefined
  await world.db
    .withClient(async (client) => {
      await client.query('begin')
      const query = (text: never, values: never) => client.query(text, values) as never
      // A verb that opens a transaction of its own does so inside ours.
      const inner = {
        query: (text: unknown, values: never) =>
          isBoundary(text) ? boundary(text) : query(text as never, values),
      }
      const db = { query, inTransaction: true, withClient: (fn: (c: never) => unknown) => fn(inner as never) }
      const answer = await work(db as never, attacker, victim)
      result = { answer, after: await belongings(db as never) }
      await client.query('rollback')
      throw ROLL_BACK
    })
    .catch((error) => {
      if (error !== ROLL_BACK) throw error
    })
  return result!
}

const isBoundary = (text: unknown) => typeof text === 'string' && /^(begin|commit|rollback)/.test(text)
const boundary = (text: unknown) =>
  Promise.resolve({ command: String(text).toUpperCase(), rows: [], rowCount: null })

/** Empty in every way a verb can say so. */
function isNothing(answer: unknown): boolean {
  if (answer === undefined || answer === null || answer === false || answer === 0) return true
  if (answer instanceof Set || answer instanceof Map) return answer.size === 0
  return Array.isArray(answer) && answer.length === 0
}

describe('a verb called with another shop’s ids', () => {
  it('is in the table below, whatever module it is in', () => {
    const missing = verbs.filter((name) => !(name in ATTACKS) && !(name in NO_SHOP))
    expect(missing).toEqual([])
    const gone = [...Object.keys(ATTACKS), ...Object.keys(NO_SHOP)].filter((name) => !verbs.includes(name))
    expect(gone).toEqual([])
  })

  it('has something to steal: the victim owns a row in every table', async () => {
    const owned = await belongings(world.db)
    const empty = tables.filter((table) => !owned.includes(`${table} `))
    expect(empty).toEqual([])
  })

  it.each(Object.keys(ATTACKS))('%s neither reads nor changes anything', async (name) => {
    const before = await belongings(world.db)
    const { answer, after } = await attack(name)
    expect(after).toBe(before)
    if (ATTACKS[name]![0] === 'nothing') expect([name, isNothing(answer)]).toEqual([name, true])
    else expect(JSON.stringify(answer ?? null)).not.toContain(`"shop_id":${victim.shop}`)
  })
})

/** Statements that name no shop, each with its reason. */
const OVER_ALL_SHOPS: Readonly<Record<string, string>> = {
  api_key_by_hash: 'finds the shop of a request',
  definition_keep: 'texts by content',
  definition_keep_preset: 'texts by content',
  definition_read: 'texts by content',
  installation_ensure: 'the installation',
  installation_read: 'the installation',
  installation_set_admin: 'the installation',
  installation_set_backup: 'the installation',
  installation_set_killed: 'the installation',
  installation_switches: 'the installation',
  lag_oldest: 'how late the latest is, for metrics',
  shop_all: 'the list of shops',
  stopped: 'which kill switches are on, for doctor, start and metrics',
  shop_by_slug: 'finds the shop',
  shop_create: 'makes the shop',
  shop_keys: 'keys of the shops it names, shop_id = any($1)',
  shop_key_newest: 'numbers of keys, for upkeep',
  sweep_inquiries: 'which connections have due work',
  sweep_messages: 'which shops have due work',
  sweep_reviews: 'which shops have due work',
  sweep_runs: 'which shops have due work',
  sweep_todo: 'which shops have due work',
}

describe('a statement', () => {
  const inserts = /insert into \w+ \((shop_id|id, shop_id)/
  /** `from x`, `join x`, `update x`, `using y, x as`: each table of a shop that is read or changed. */
  const uses = (text: string) =>
    tables.flatMap((table) => [
      ...text.matchAll(new RegExp(`(?:from|join|update|using)\\s+${table}\\b|,\\s*${table} as (?!")`, 'g')),
    ]).length
  const named = (text: string) => [...text.matchAll(/\bshop_id = \$1/g)].length

  /** About the shop's own row, whose id is the shop, and about no other table. */
  const ofTheShop = (text: string) =>
    uses(text) === 0 && /(?:from|update) shop(?: as)?(?: s)?\b[^;]*?\bwhere (?:s\.)?id = \$1/.test(text)

  it('names its shop for each table it reads or changes, or inserts rows that carry it', () => {
    const own = [...statements.values()].filter(({ name }) => !/^(test|restore)/.test(name))
    const wrong = own.flatMap(({ name, text }) => {
      if (name in OVER_ALL_SHOPS || ofTheShop(text)) return []
      const sound = named(text) >= uses(text) && (named(text) > 0 || inserts.test(text))
      return sound ? [] : [`${name}: ${uses(text)} tables, ${named(text)} times shop_id = $1: ${text}`]
    })
    expect(wrong).toEqual([])
    expect(own.length).toBeGreaterThan(100)
  })

  it('that does not is on the list, and the list holds no other', () => {
    expect(Object.keys(OVER_ALL_SHOPS).filter((name) => !statements.has(name))).toEqual([])
  })
})

describe('the audit table', () => {
  it.each([
    `update audit set actor = 'nobody'`,
    'delete from audit',
    'truncate audit',
    'truncate shop, audit',
  ])('refuses: %s', async (text) => {
    const before = await world.rows('select * from audit')
    expect(before.length).toBeGreaterThan(0)
    await expect(world.db.query(text)).rejects.toThrow('audit rows are append-only')
    expect(await world.rows('select * from audit')).toEqual(before)
  })
})
