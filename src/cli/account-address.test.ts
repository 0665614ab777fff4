import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openWorld, type World } from '../../test/kit/world.ts'
import { listAccounts } from '../db/accounts.ts'
import type { ShopId } from '../domain/ids.ts'
import { commandEnder } from './command.test-kit.ts'

let world: World
let folder: string
let shop: ShopId
beforeAll(async () => {
  world = await openWorld()
  shop = (await world.openShop('shop')).id
  folder = await mkdtemp(path.join(tmpdir(), 'dingdong-address-'))
})
afterAll(async () => {
  await world?.close()
  await rm(folder, { recursive: true, force: true })
})

const end: ReturnType<typeof commandEnder> = (...call) => commandEnder(world.database.url, folder)(...call)
const file = async (name: string, text: string) => {
  const place = path.join(folder, name)
  await mkdir(path.dirname(place), { recursive: true })
  await writeFile(place, text)
  return place
}
let files = 0
const secrets = `secrets: [whsec_${Buffer.alloc(32).toString('base64')}]`
const hook = (url: string) => file(`${++files}/hook.yaml`, `url: ${url}\n${secrets}\n`)
const sms = (url: string) =>
  file(
    `${++files}/sms.yaml`,
    `request: { url: '${url}?to={{to}}&text={{text}}' }\nsuccess: { status: true }\nlaw: none\n`,
  )
const accounts = async () => (await listAccounts(world.db, shop)).length

it('refuses an account whose address nothing would call, with the value that allows it, and adds nothing', async () => {
  const before = await accounts()
  for (const [provider, settings, setting, origin] of [
    ['command', await hook('http://127.0.0.1:19555/hook'), 'url', 'http://127.0.0.1:19555'],
    ['webhook', await hook('http://localhost:3000/hook'), 'url', 'http://localhost:3000'],
    ['sms-http', await sms('https://192.168.1.9/send'), 'request.url', 'https://192.168.1.9'],
  ] as const) {
    for (const language of ['en', 'zh'] as const) {
      const { exit, shown } = await end('account add', [provider], { settings, shop: 'shop' }, language)
      expect(exit).toBe(2)
      expect(shown).toContain(`  ${setting}: `)
      expect(shown).toContain(`allowOrigins: [${origin}]`)
      expect(shown).toContain(`DINGDONG_ALLOW_ORIGINS=${origin}`)
      expect(shown).not.toContain('whsec_')
    }
  }
  const { exit, shown } = await end('account add', ['webhook'], {
    settings: await hook('https://169.254.169.254/latest'),
  })
  expect(exit).toBe(2)
  expect(shown).toMatch(/url: 169\.254\.169\.254 is where a machine is told its own secrets/)
  expect(shown).not.toContain('ALLOW_ORIGINS')
  expect(await accounts()).toBe(before)
})

it('adds it where the settings allow exactly its origin, and only warns of a name that is not there yet', async () => {
  const settings = await file('dingdong.config.yaml', 'allowOrigins: [http://127.0.0.1:19555]\n')
  const added = await end('account add', ['command'], {
    settings: await hook('http://127.0.0.1:19555/hook'),
  })
  expect(added).toMatchObject({ exit: 0 })
  const refused = await end('account add', ['command'], { settings: await hook('http://127.0.0.1:19556/') })
  expect(refused.exit).toBe(2)
  expect(refused.shown).toContain('DINGDONG_ALLOW_ORIGINS=http://127.0.0.1:19555,http://127.0.0.1:19556')
  await rm(settings)
  const later = await end('account add', ['webhook'], { settings: await hook('https://later.invalid/') })
  expect(later.exit).toBe(0)
  expect(later.shown).toMatch(/Mind: url names later\.invalid, which has no address now/)
  // What was allowed then no longer is; what has nothing to do with its address can still be changed.
  const { account } = added.result as { account: string }
  const rename = { settings: await file('secrets.yaml', `${secrets}\n`), name: 'Site' }
  expect((await end('account set', [account], rename)).exit).toBe(0)
  const moved = await file('moved.yaml', 'url: http://10.0.0.9/\n')
  const refusedMove = await end('account set', [account], { settings: moved })
  expect(refusedMove.exit).toBe(2)
  expect(refusedMove.shown).toContain('DINGDONG_ALLOW_ORIGINS=http://10.0.0.9')
})
