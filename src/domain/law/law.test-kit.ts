import { readdirSync, readFileSync } from 'node:fs'
import { parseIso } from '../time.ts'
import { type AccountLaw, type LawBook, NO_LAW } from './book.ts'
import { type LawScene, sceneOf } from './check.ts'
import { loadLaw } from './load.ts'

const folder = new URL('../../../law/', import.meta.url)

/** The program's own law files, as they stand. */
export const LAW_FILES: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]),
)

export const BOOK: LawBook = (() => {
  const loaded = loadLaw(LAW_FILES)
  if (loaded.ok) return loaded.book
  throw new Error(
    loaded.problems.map(({ file, line, path, problem }) => `${file}:${line} ${path}: ${problem}`).join('\n'),
  )
})()

export const CHECK_DAY = parseIso('2026-11-25T12:00:00Z')!
const REGISTERED_URL = 'https://shop.example.cn/d'

const COUNTRIES: Readonly<Record<string, string>> = { us: 'US', eu: 'DE', uk: 'GB' }

/** The law a corpus case names: `cn`, `us`, `eu`, `uk` for a country alone, else a vendor's. */
export function sceneFor(law: string): LawScene {
  const wechat = law === 'template' || law === 'subscribe-once'
  const plain = law === 'cn' || law in COUNTRIES
  const account: AccountLaw = {
    law: plain ? null : law,
    country: COUNTRIES[law] ?? 'CN',
    signature: '星河小店',
    registered: { url: REGISTERED_URL, icp: '京ICP备00000000号' },
  }
  return sceneOf(
    BOOK,
    wechat ? 'wechat' : 'sms',
    law === NO_LAW ? { ...account, law } : account,
    'CN',
    CHECK_DAY,
  )
}
