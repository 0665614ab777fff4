import { createHmac, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../test/database.ts'
import { testMaster } from '../../test/kit/engine.ts'
import { MONDAY } from '../../test/kit/world.ts'
import { findProvider } from '../channels/registry.ts'
import { listAccounts, listMembers } from '../db/accounts.ts'
import { listAudit } from '../db/audit.ts'
import { findConnectionByPath, noteRelay, pauseAsks } from '../db/connections.ts'
import { ensureInstallation, readShop } from '../db/shops.ts'
import { parseId, type ShopId } from '../domain/ids.ts'
import { hashSecret } from '../domain/seal.ts'
import { DAY, toIso } from '../domain/time.ts'
import { createAlipayCertificates } from '../lab/alipay-certificates.ts'
import { newRsaPair } from '../lab/rail-keys.ts'
import { createKeyring } from '../pipeline/keyring.ts'
import { openShop } from '../pipeline/open-shop.ts'
import { SOURCES } from '../sources/registry.ts'
import { commandRunner } from './command.test-kit.ts'
import { CommandError } from './command.ts'

const SECRET = 'whsec_of_the_endpoint_at_stripe'
const PASSWORD = 'correct horse battery'
const random = (bytes: number) => randomBytes(bytes)

let database: TestDatabase
let folder: string
let shop: ShopId
const keyring = () => createKeyring({ db: database.db, master: testMaster, random })

beforeAll(async () => {
  database = await testDatabase()
  folder = await mkdtemp(path.join(tmpdir(), 'dingdong-setup-'))
  await ensureInstallation(database.db, MONDAY)
  const empty = { flows: [], templates: [] }
  const details = { locale: 'zh-CN', timeZone: 'Asia/Shanghai', currency: 'CNY', country: 'CN' }
  const row = { slug: 'shop', name: '店', settings: {}, demo: false, ...details }
  const opened = await openShop({ db: database.db, keyring: keyring(), random }, row, empty, [], MONDAY)
  shop = opened!.id
})
afterAll(async () => {
  await database?.close()
  await rm(folder, { recursive: true, force: true })
})

const run: ReturnType<typeof commandRunner> = (...call) => commandRunner(database.url, folder)(...call)

async function file(name: string, content: string): Promise<string> {
  const place = path.join(folder, name)
  await writeFile(place, content)
  return place
}

async function connectionAt(url: string) {
  const [, number, token] = /\/in\/(\d+)\/(\w+)$/.exec(url)!
  expect(Number(number)).toBe(shop)
  const row = (await findConnectionByPath(database.db, shop, hashSecret(token!)))!
  const { sealer } = await keyring().open(shop)
  const text = sealer.openText(row.settings, { shop, column: 'connection.settings', row: row.id })
  const source = SOURCES.get(row.source)!
  return { row, source, token: token!, settings: source.settings.parse(JSON.parse(text)) }
}

describe('replay', () => {
  it('tells when there is nothing that differs, and when there is no such order', async () => {
    const { result, shown } = await run('replay', [], { since: '2d' })
    expect(result).toMatchObject({ differences: [] })
    expect(shown).toMatch(/0 differ/)
    await expect(run('replay', ['NO-SUCH'])).rejects.toMatchObject({ exit: 3 })
    await expect(run('replay', [], { since: 'yesterday' })).rejects.toMatchObject({ exit: 2 })
  })
})

describe('shop set', () => {
  it('lays settings over those the shop has, notes it, and refuses what it does not know', async () => {
    const before = (await readShop(database.db, shop))!
    await run('shop set', ['shop'], { settings: await file('one.yaml', 'capPerDay: 5\n') })
    const asks = await file('two.yaml', 'retries: { byShop: ask }\n')
    const { result } = await run('shop set', [], { settings: asks })
    expect(result.settings).toMatchObject({ capPerDay: 5, retries: { byShop: 'ask' } })
    const after = (await readShop(database.db, shop))!
    expect(after.settings).toEqual({
      ...(before.settings as object),
      capPerDay: 5,
      retries: { byShop: 'ask' },
    })
    expect(after.config_version).toBe(before.config_version + 2)
    // The clock stands still here, so which entry is the latest is up to their ids.
    const noted = await listAudit(database.db, shop, null, 100)
    for (const settings of [['capPerDay'], ['retries']])
      expect(noted).toContainEqual(expect.objectContaining({ action: 'shop.set', detail: { settings } }))
    const wrong = await file('three.yaml', 'retries: { byShopp: ask }\n')
    await expect(run('shop set', [], { settings: wrong })).rejects.toThrow(/did you mean byShop\?/)
    await expect(run('shop set', [])).rejects.toMatchObject({ exit: 2 })
  })
})

it('member add without a role says which there are', async () => {
  await expect(run('member add', ['Olga'], { email: 'olga@example.com' })).rejects.toMatchObject({
    exit: 2,
    message: 'Say with --role what this person is told. There are: operator, finance, support',
  })
})

describe('connection add', () => {
  it('leaves Stripe off until its secret is there, then reads what Stripe signs with it', async () => {
    const { result } = await run('connection add', ['stripe'])
    expect(result).toMatchObject({ enabled: false, url: expect.stringMatching(/^https:\/\/ding\.example/) })
    const settings = await file('stripe.yaml', `secrets: [${SECRET}]\n`)
    const set = await run('connection set', [result.connection!], { settings })
    expect(set.shown).not.toContain(SECRET)

    const { row, source, settings: opened } = await connectionAt(result.url!)
    expect(row.enabled).toBe(true)
    expect(row.settings.includes(SECRET)).toBe(false)
    const t = Math.floor(MONDAY / 1000)
    const body = Buffer.from('{"id":"evt_1","type":"ping","created":1,"data":{"object":{}}}')
    const sign = (secret: string) => createHmac('sha256', secret).update(`${t}.`).update(body).digest('hex')
    const receive = (secret: string) => {
      const headers = { 'stripe-signature': `t=${t},v1=${sign(secret)}` }
      return source.receive(opened, { method: 'POST', query: {}, headers, body }, MONDAY).kind
    }
    expect([receive(SECRET), receive(`${SECRET}x`)]).toEqual(['events', 'forged'])
  })

  it('refuses an address that would not be called, and the list says why questions wait', async () => {
    const { result } = await run('connection add', ['stripe'])
    const text = `secrets: [${SECRET}]\napiKey: rk_live_1\napiUrl: http://10.0.0.7:4000\n`
    const inside = await file('inside.yaml', text)
    for (const call of [
      ['connection set', [result.connection!]],
      ['connection add', ['stripe']],
    ] as const)
      await expect(run(call[0], call[1], { settings: inside })).rejects.toThrow(
        /apiUrl: 10\.0\.0\.7 lies in a private network.+allowOrigins: \[http:\/\/10\.0\.0\.7:4000\]/,
      )
    const id = parseId('conn', result.connection!)!
    await pauseAsks(database.db, shop, id, 'http_blocked_address', MONDAY)
    const { shown } = await run('connection list', [])
    expect(shown).toMatch(
      /questions wait \(http_blocked_address: the address in its settings leads into a private.+DINGDONG_ALLOW_ORIGINS/,
    )
    const later = await file('later.yaml', `secrets: [${SECRET}]\napiUrl: http://later.invalid\n`)
    expect((await run('connection set', [result.connection!], { settings: later })).shown).toMatch(
      /Mind: apiUrl names later\.invalid, which has no address now/,
    )
    const open = await file('open.yaml', `apiUrl: http://93.184.215.14\n`)
    expect((await run('connection set', [result.connection!], { settings: open })).shown).not.toContain(
      'Mind',
    )
  })

  it('shows that callbacks could not be passed on, and takes no address to which they never could', async () => {
    const { result } = await run('connection add', ['epay'])
    const text = `pid: '1001'\nkeys: ['${PASSWORD}']\nrelayTo: http://10.0.0.7/pay/notify\n`
    const settings = await file('relay.yaml', text)
    const refused = await run('connection set', [result.connection!], { settings }).catch(
      (error: Error) => error,
    )
    expect((refused as Error).message).toMatch(/relayTo: .*10\.0\.0\.7.*http:\/\/10\.0\.0\.7/s)
    const id = parseId('conn', result.connection!)!
    await noteRelay(database.db, shop, id, 'http_503', MONDAY)
    const { shown, result: rows } = await run('connection list', [])
    expect(shown).toMatch(/callbacks do not get through to the shop since 2026-\S+Z \(http_503\)/)
    expect(rows).toContainEqual(expect.objectContaining({ relayFailedWhy: 'http_503' }))
    await noteRelay(database.db, shop, id, null, MONDAY)
  })

  it('makes the secret itself where the sender takes one, and shows it', async () => {
    for (const name of ['woocommerce', 'standard-webhooks']) {
      const { result, shown } = await run('connection add', [name])
      expect(shown).toContain(result.secret)
      const { row, settings } = await connectionAt(result.url!)
      expect([row.enabled, settings]).toEqual([true, { secrets: [result.secret] }])
    }
  })

  it('gives 独角数卡 an address that is the secret, with the settings it was given', async () => {
    const settings = await file('dujiaoka.yaml', 'currency: USD\n')
    const { result } = await run('connection add', ['dujiaoka'], { settings })
    const { token, settings: opened } = await connectionAt(result.url!)
    expect(opened).toEqual({ pathSecret: token, currency: 'USD' })
  })

  it('makes up no secret for a rail, but waits for its own keys, or takes them at once', async () => {
    const { result, shown } = await run('connection add', ['epay'])
    expect(result).toMatchObject({ enabled: false })
    expect(shown).toContain('docs/guides/connect-epay.md')
    expect(shown).not.toContain('whsec_')
    const settings = await file('epay.yaml', `pid: '1001'\nkeys: ['${PASSWORD}']\n`)
    await run('connection set', [result.connection!], { settings })
    const given = { pid: '1001', keys: [PASSWORD], keyPrefix: '', currency: 'CNY', queryThrough: 'off' }
    const { row, settings: opened } = await connectionAt(result.url!)
    expect([row.enabled, opened]).toEqual([true, given])
    const { result: whole } = await run('connection add', ['epay'], { settings })
    expect((await connectionAt(whole.url!)).settings).toEqual(given)

    const asking = await file('asking.yaml', `pid: '1001'\nkeys: ['${PASSWORD}']\nqueryThrough: rail\n`)
    const refused = await run('connection add', ['epay'], { settings: asking }).catch(
      (error: unknown) => error,
    )
    expect((refused as Error).message).toMatch(/apiBase: expected, because queryThrough is rail/)
  })

  it('takes Alipay’s three certificates, or its public key, and changes from one to the other', async () => {
    const app = newRsaPair()
    const papers = createAlipayCertificates({ random, now: MONDAY, appId: '2014072300007148' }, app.publicPem)
    const block = (text: string) => text.trim().replace(/^/gm, '    ')
    const identity = `appId: '2014072300007148'\nsellerId: '2088101106499364'\n`
    const certificates = [
      `appCertPublicKey: |\n${block(papers.app.pem)}`,
      `alipayCertPublicKeys:\n  - |\n${block(papers.issue(newRsaPair().publicPem).pem)}`,
      `alipayRootCert: |\n${block(papers.root.pem)}\n`,
    ].join('\n')
    const three = await file('three.yaml', `${identity}${certificates}`)
    const { result } = await run('connection add', ['alipay'], { settings: three })
    expect(Object.keys((await connectionAt(result.url!)).settings as object)).toContain('alipayRootCert')

    const key = JSON.stringify(newRsaPair().publicPem)
    const keyOnly = await file('key.yaml', `publicKeys: [${key}]\n`)
    await expect(run('connection set', [result.connection!], { settings: keyOnly })).rejects.toThrow(
      /publicKeys: expected either .* \(null takes a setting out\)/,
    )
    const out = ['appCertPublicKey', 'alipayCertPublicKeys', 'alipayRootCert'].map(
      (name) => `${name}: null\n`,
    )
    const changed = await file('changed.yaml', `publicKeys: [${key}]\n${out.join('')}`)
    await run('connection set', [result.connection!], { settings: changed })
    const { settings } = await connectionAt(result.url!)
    expect(settings).toHaveProperty('publicKeys')
    expect(settings).not.toHaveProperty('alipayRootCert')
  })

  it('refuses a certificate that has run out, and says when it did', async () => {
    const app = newRsaPair()
    const then = MONDAY - 6 * 365 * DAY
    const papers = createAlipayCertificates({ random, now: then, appId: '2014072300007148' }, app.publicPem)
    const settings = {
      appId: '2014072300007148',
      sellerId: '2088101106499364',
      appCertPublicKey: papers.app.pem,
      alipayCertPublicKeys: [papers.issue(newRsaPair().publicPem).pem],
      alipayRootCert: papers.root.pem,
      privateKey: app.privatePem,
    }
    const over = await file('over.json', JSON.stringify(settings))
    const date = toIso(papers.app.until).slice(0, 10)
    await expect(run('connection add', ['alipay'], { settings: over })).rejects.toThrow(
      new RegExp(
        `appCertPublicKey: expected a certificate that is still good, this one ran out on ${date}.*\n.*alipayCertPublicKeys\\.0: .*${date}`,
      ),
    )
  })

  it('names the nearest source and setting, and never quotes a value', async () => {
    await expect(run('connection add', ['strpe'])).rejects.toThrow(/did you mean stripe\?/)
    const settings = await file('wrong.yaml', `secretss: [${SECRET}]\n`)
    const refused = await run('connection add', ['stripe'], { settings }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(CommandError)
    expect((refused as Error).message).toMatch(/secretss: .*did you mean secrets\?[\s\S]*secrets: /)
    expect((refused as Error).message).not.toContain(SECRET)
    const broken = await file('broken.yaml', `host: a\npass: "${PASSWORD}\nfrom: x`)
    const unread = await run('account add', ['smtp'], { settings: broken }).catch((error: unknown) => error)
    expect((unread as Error).message).toMatch(/not readable as YAML/)
    expect((unread as Error).message).not.toContain(PASSWORD)
  })

  it('stays off while it lacks its keys, and says again what to do', async () => {
    for (const [source, words] of [
      ['stripe', /no signing secret yet and is off.+--settings secrets\.yaml/],
      ['alipay', /lacks its keys and is off.+connect-alipay\.md.+--settings FILE/],
    ] as const) {
      const { result } = await run('connection add', [source])
      const refused = run('connection on', [result.connection!])
      await expect(refused).rejects.toMatchObject({ exit: 2, message: expect.stringMatching(words) })
      expect(
        (await findConnectionByPath(database.db, shop, hashSecret(result.url!.slice(-40))))!.enabled,
      ).toBe(false)
    }
  })

  it('can be switched off and on, and never our own connection', async () => {
    const { result } = await run('connection add', ['woocommerce'])
    await run('connection off', [result.connection!])
    expect((await connectionAt(result.url!)).row.enabled).toBe(false)
    await run('connection on', [result.connection!])
    expect((await connectionAt(result.url!)).row.enabled).toBe(true)
    const { result: list } = await run('connection list', [])
    expect(JSON.stringify(list)).not.toContain('"dingdong"')
    await expect(run('connection off', ['conn_00000000000000000000000000'])).rejects.toMatchObject({
      exit: 3,
    })
  })
})

describe('account add', () => {
  it('seals an SMTP account with which the provider opens, and tells running processes', async () => {
    const before = (await readShop(database.db, shop))!.config_version
    const mail = `host: smtp.example.com\nport: 587\nuser: u\npass: ${PASSWORD}\nfrom: shop@example.com\n`
    const options = { settings: await file('mail.yaml', mail), rate: '10', position: '2' }
    const { result, shown } = await run('account add', ['smtp'], options)
    expect(shown).not.toContain(PASSWORD)
    expect((await readShop(database.db, shop))!.config_version).toBe(before + 1)

    const row = (await listAccounts(database.db, shop)).find(({ provider }) => provider === 'smtp')!
    expect(row).toMatchObject({ channel: 'email', rate_per_s: 10, position: 2, concurrency: 4 })
    expect(row.settings.includes(PASSWORD)).toBe(false)
    const { sealer } = await keyring().open(shop)
    const text = sealer.openText(row.settings, { shop, column: 'account.settings', row: row.id })
    const provider = findProvider('smtp').found!
    expect(provider.settings.parse(JSON.parse(text))).toMatchObject({ pass: PASSWORD, security: 'starttls' })
    await provider.open(provider.settings.parse(JSON.parse(text)), { clock: {} } as never).close()
    expect(result.account).toMatch(/^acct_/)
  })

  it('says everything that is wrong at once', async () => {
    const settings = await file('mail2.yaml', 'hosst: smtp.example.com\nport: many\nfrom: shop@example.com\n')
    await expect(run('account add', ['smtp'], { settings })).rejects.toThrow(
      /hosst: .*did you mean host\?[\s\S]*host: [\s\S]*port: /,
    )
    await expect(run('account add', ['smtp'])).rejects.toThrow(
      /name a YAML or JSON file with --settings.+host: is missing.+For example smtp\.yaml:\n {2}host: /s,
    )
    await expect(run('account add', ['smtp'], { settings, rate: '-1' })).rejects.toThrow(/--rate/)
  })
})

describe('account pause and resume', () => {
  it('frees what waits for the account on its channel, and nothing else', async () => {
    const [account] = await listAccounts(database.db, shop)
    const { result: listed } = await run('account list', [])
    const id = (listed as unknown as { account: string }[])[0]!.account
    await run('account pause', [id])
    expect((await listAccounts(database.db, shop))[0]).toMatchObject({
      state: 'paused',
      state_reason: 'command line',
    })
    const later = MONDAY + 3_600_000
    const rows = [
      [account!.channel, 'waiting', `hold@${later}:account_paused`],
      [account!.channel, 'waiting', `hold@${later}:quiet_hours`],
      ['sms', 'waiting', `hold@${later}:account_paused`],
    ]
    for (const [channel, state, verdict] of rows) {
      await database.db.query(
        `insert into message_work (shop_id, message_id, channel, due_at, state, verdict)
         values ($1, gen_random_uuid(), $2, $3, $4, $5)`,
        [shop, channel, later, state, verdict],
      )
    }
    const { result } = await run('account resume', [id])
    expect(result).toMatchObject({ state: 'ok', changed: true, released: 1 })
    const due = await database.db.query<{ verdict: string }>(
      'select verdict from message_work where shop_id = $1 and due_at = $2',
      [shop, MONDAY],
    )
    expect(due.rows.map(({ verdict }) => verdict)).toEqual([rows[0]![2]])
    expect((await run('account resume', [id])).result).toMatchObject({ changed: false })
  })
})

describe('member add', () => {
  it('keeps a person with roles and sealed addresses', async () => {
    const options = { role: 'operator, support', email: 'Ops@Shop.example', phone: '13800138000' }
    await run('member add', ['小运'], options)
    expect(await listMembers(database.db, shop)).toMatchObject([
      { name: '小运', roles: ['operator', 'support'], locale: 'zh-CN', channels: ['email', 'sms'] },
    ])
    await expect(run('member add', ['x'], { role: 'oprator', email: 'a@b.example' })).rejects.toThrow(
      /did you mean operator\?/,
    )
    await expect(run('member add', ['x'], { role: 'operator' })).rejects.toMatchObject({ exit: 2 })
  })
})

it('everything above stands in the audit log, without a secret or an address', async () => {
  const rows = await listAudit(database.db, shop, null, 100)
  expect(new Set(rows.map(({ action }) => action))).toEqual(
    new Set([
      'connection.add',
      'connection.set',
      'connection.off',
      'connection.on',
      'account.add',
      'account.pause',
      'account.resume',
      'member.add',
      'shop.set',
    ]),
  )
  expect(JSON.stringify(rows)).not.toMatch(/whsec_|battery|@/)
})
