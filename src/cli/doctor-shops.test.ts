import { afterAll, beforeAll, expect, it } from 'vitest'
import { testRandom } from '../../test/kit/engine.ts'
import { flowText } from '../../test/kit/flow-texts.ts'
import { account } from '../../test/kit/world.ts'
import { listAccounts, setAccountState } from '../db/accounts.ts'
import { transaction } from '../db/connect.ts'
import { addConnection, noteRelay, pauseAsks, setConnectionEnabled } from '../db/connections.ts'
import { countUnknownCodes } from '../db/failure-codes.ts'
import { readShop, saveShopSettings } from '../db/shops.ts'
import { DataFilesWrong } from '../domain/data-files.ts'
import { formatId, newId, type ShopId } from '../domain/ids.ts'
import { DAY, HOUR, toIso } from '../domain/time.ts'
import { createAlipayCertificates } from '../lab/alipay-certificates.ts'
import { newRsaPair } from '../lab/rail-keys.ts'
import { openAccount } from '../pipeline/open-shop.ts'
import { failed, large, openReviewWorld, type ReviewWorld } from '../pipeline/review.test-kit.ts'
import type { Finding } from './doctor-checks.ts'
import { checkPayPages } from './doctor-pay-pages.ts'
import { lookAtShop } from './doctor-shops.ts'
import { DOCTOR } from './texts/doctor.ts'
import { say } from './texts/text.ts'

let reviews: ReviewWorld
beforeAll(async () => {
  reviews = await openReviewWorld()
})
afterAll(async () => {
  await reviews?.world.close()
})

/** What the doctor finds in the shop. */
async function lookAt(shop: ShopId): Promise<readonly Finding[]> {
  const { db, clock, engine } = reviews.world
  const { sealer } = await engine.keyring.open(shop)
  const found = await lookAtShop({ db, shop: (await readShop(db, shop))!, sealer, now: clock.now() })
  expect(found.map(({ state, text }) => [text, state])).toEqual(
    found.map(({ text }) => [text, text === 'accountIdle' ? 'ok' : 'warn']),
  )
  return found
}

/** The sentences' names. */
const findingsIn = async (shop: ShopId) => (await lookAt(shop)).map(({ text }) => text!)

async function connect(shop: ShopId, source: string, settings: object) {
  const { db, clock, engine } = reviews.world
  const id = newId('conn', clock.now(), testRandom)
  const { sealer } = await engine.keyring.open(shop)
  const sealed = sealer.seal(JSON.stringify(settings), { shop, column: 'connection.settings', row: id })
  const row = { id, source, name: source, path_hash: null, settings: sealed, created_at: clock.now() }
  await addConnection(db, shop, row)
  return id
}

const EPAY = { pid: '1001', keys: ['a key of the shop'] }

it('a shop in which nothing is amiss gives nothing to look at', async () => {
  const shop = await reviews.newShop(['repeated-failure'], ['support'])
  await connect(shop.id, 'epay', { ...EPAY, queryThrough: 'rail', apiBase: 'https://pay.example/' })
  expect(await findingsIn(shop.id)).toEqual([])
})

it('leaves out what needs a broken file of the program’s own, and tells the rest', async () => {
  const { id } = await reviews.newShop([])
  const { db, clock, engine } = reviews.world
  const { sealer } = await engine.keyring.open(id)
  const ward = { db, shop: (await readShop(db, id))!, sealer, now: clock.now() }
  const broken = () => Promise.reject(new DataFilesWrong('law', ['law/words.yaml what it says']))
  const rest: Finding = { check: 'codes', state: 'warn', text: 'codesWait', params: {} }
  expect(await lookAtShop(ward, [broken, async () => [rest]])).toEqual([rest])
})

it('tells of a silent rail that cannot be asked, and of questions that are paused, while they are on', async () => {
  const shop = await reviews.newShop([])
  const { db, clock } = reviews.world
  const id = await connect(shop.id, 'epay', EPAY)
  expect(await findingsIn(shop.id)).toEqual(['asksNobody'])
  await pauseAsks(db, shop.id, id, 'epay_401', clock.now())
  expect(await findingsIn(shop.id)).toEqual(['asksPaused'])
  await setConnectionEnabled(db, shop.id, id, false)
  expect(await findingsIn(shop.id)).toEqual([])
})

it('tells of callbacks that do not get through to the shop, while they are to be passed on', async () => {
  const shop = await reviews.newShop([])
  const { db, clock } = reviews.world
  const passing = { ...EPAY, queryThrough: 'rail', apiBase: 'https://pay.example/' }
  const id = await connect(shop.id, 'epay', { ...passing, relayTo: 'https://shop.invalid/pay/notify' })
  await noteRelay(db, shop.id, id, 'dns', clock.now())
  const [found] = await lookAt(shop.id)
  expect(found).toMatchObject({ text: 'relayFails', params: { why: 'dns', host: 'shop.invalid' } })
  await noteRelay(db, shop.id, id, null, clock.now())
  expect(await findingsIn(shop.id)).toEqual([])
})

it('tells where a shop that wants to be asked to try again never will be', async () => {
  const shop = await reviews.newShop([])
  const { db, clock, engine } = reviews.world
  await saveShopSettings(db, shop.id, { retries: { byShop: 'ask' } })
  expect(await findingsIn(shop.id)).toEqual(['shopRetriesUnsent', 'shopRetriesUncounted'])
  const deps = { keyring: engine.keyring, random: testRandom }
  const settings = { url: 'https://shop.example/commands', secret: `whsec_${'A'.repeat(32)}` }
  const account = { channel: 'command', provider: 'command', name: 'shop', settings } as const
  await transaction(db, (tx) => openAccount(deps, tx, shop.id, account, clock.now()))
  expect(await findingsIn(shop.id)).toEqual(['shopRetriesUncounted'])
  // One that tells failures and cannot be asked is of no use, nor is one that tells successes only.
  await connect(shop.id, 'stripe', { secrets: ['whsec_x'] })
  await connect(shop.id, 'epay', { ...EPAY, queryThrough: 'rail', apiBase: 'https://pay.example/' })
  expect(await findingsIn(shop.id)).toEqual(['shopRetriesUncounted'])
  await connect(shop.id, 'stripe', { secrets: ['whsec_of_the_shop'], apiKey: 'rk_test_of_the_shop' })
  expect(await findingsIn(shop.id)).toEqual([])
  await saveShopSettings(db, shop.id, {})
  expect(await findingsIn(shop.id)).toEqual([])
})

it('tells of certificates a month before they run out, and of one that Alipay has changed', async () => {
  const shop = await reviews.newShop([])
  const { db, clock } = reviews.world
  const app = newRsaPair()
  const appId = '2014072300007148'
  const papers = createAlipayCertificates({ random: testRandom, now: clock.now(), appId }, app.publicPem)
  const id = await connect(shop.id, 'alipay', {
    appId,
    sellerId: '2088101106499364',
    appCertPublicKey: papers.app.pem,
    alipayCertPublicKeys: [papers.issue(newRsaPair().publicPem).pem],
    alipayRootCert: papers.root.pem,
    privateKey: app.privatePem,
    queryThrough: 'rail',
  })
  expect(await findingsIn(shop.id)).toEqual([])
  await pauseAsks(db, shop.id, id, 'alipay_certificate_unknown', clock.now())
  expect(await findingsIn(shop.id)).toEqual(['alipayCertificateChanged'])
  await setConnectionEnabled(db, shop.id, id, true)
  const { until } = papers.app
  const at = clock.now()
  clock.set(until - 30 * DAY - HOUR)
  expect(await findingsIn(shop.id)).toEqual([])
  clock.set(until - 30 * DAY)
  expect(await findingsIn(shop.id)).toEqual(['certificateEnds', 'certificateEnds'])
  clock.set(until + HOUR)
  expect(await findingsIn(shop.id)).toEqual(['certificateOver', 'certificateOver'])
  clock.set(at)
})

const GATEWAY = {
  request: { url: 'https://sms.example/?to={{to}}&text={{text}}' },
  success: { status: true },
}

it('tells of an SMS account in China that names neither law nor registered address', async () => {
  const shop = await reviews.newShop([])
  const { db, clock, engine } = reviews.world
  const deps = { keyring: engine.keyring, random: testRandom }
  const registeredLink = { url: 'https://d.example/' }
  const wanted = [
    [{}, ['smsLawMissing']],
    [{ law: 'aliyun' }, ['smsLinkMissing']],
    [{ law: 'aliyun', registeredLink }, []],
    [{ law: 'none' }, []],
    [{ country: 'US' }, []],
    [{ law: 'tencnet', registeredLink }, ['smsLawUnknown']],
    [{ law: 'tencnet', country: 'US' }, ['smsLawUnknown']],
  ] as const
  const all: string[] = []
  for (const [more, lacks] of wanted) {
    const account = {
      channel: 'sms',
      provider: 'sms-http',
      name: 'a',
      settings: { ...GATEWAY, ...more },
    } as const
    await transaction(db, (tx) => openAccount(deps, tx, shop.id, account, clock.now()))
    all.push(...lacks)
    // Accounts of one instant come in the order of their random ids.
    expect((await findingsIn(shop.id)).toSorted(), JSON.stringify(more)).toEqual(all.toSorted())
  }
})

it('tells of an account that is paused: why, since when, and how it goes on', async () => {
  const shop = await reviews.newShop([])
  const { db, clock } = reviews.world
  const [mail] = await listAccounts(db, shop.id)
  await setAccountState(db, shop.id, mail!.id, 'paused', '530', clock.now())
  const [found, ...others] = await lookAt(shop.id)
  expect([found!.text, others]).toEqual(['accountPaused', []])
  for (const language of ['zh', 'en'] as const) {
    const said = say(DOCTOR.accountPaused, language, { ...found!.params, of: ' --shop x' })
    expect(said).toContain(toIso(clock.now()))
    expect(said).toMatch(language === 'zh' ? /530：邮件服务器要求/ : /530: the mail server wants/)
    expect(said).toContain(`dingdong account resume ${formatId('acct', mail!.id)} --shop x`)
    expect(said).not.toMatch(/\[object|\{/)
  }
  const deps = { keyring: reviews.world.engine.keyring, random: testRandom }
  const spare = { channel: mail!.channel, provider: mail!.provider, name: 'spare', settings: {} } as const
  await transaction(db, (tx) => openAccount(deps, tx, shop.id, spare, clock.now()))
  const [idle, ...more] = await lookAt(shop.id)
  expect([idle!.text, idle!.params?.others, more]).toEqual(['accountIdle', 'spare', []])
  for (const language of ['zh', 'en'] as const) {
    const said = say(DOCTOR.accountIdle, language, { ...idle!.params, of: '' })
    expect(said).not.toMatch(/\[object|\{/)
    expect(said).toMatch(language === 'zh' ? /都由 spare 代发/ : /all its messages go through spare instead/)
  }
  await setAccountState(db, shop.id, mail!.id, 'ok', null, clock.now())
  expect(await findingsIn(shop.id)).toEqual([])
})

it('tells of a paused account that others send in its place only where they reach its receivers', async () => {
  const shop = await reviews.newShop([])
  const { db, clock, engine } = reviews.world
  const deps = { keyring: engine.keyring, random: testRandom }
  const add = (name: string, countries: readonly string[] | null) => {
    const settings = { ...GATEWAY, law: 'none', ...(countries === null ? {} : { countries }) }
    const row = { channel: 'sms', provider: 'sms-http', name, settings } as const
    return transaction(db, (tx) => openAccount(deps, tx, shop.id, row, clock.now()))
  }
  const idle = async () => {
    const paused = (await listAccounts(db, shop.id)).find(({ name }) => name === 'paused')!
    await setAccountState(db, shop.id, paused.id, 'paused', '530', clock.now())
    const found = (await lookAt(shop.id)).filter(({ params }) => params.name === 'paused')
    return found.map(({ text, params }) => [text, params.others])
  }
  await add('paused', ['US', 'CA'])
  await add('china', ['CN'])
  expect(await idle()).toEqual([['accountPaused', undefined]])
  await add('states', ['US'])
  expect(await idle()).toEqual([['accountStandsIn', 'states']])
  await add('canada', ['CA', 'MX'])
  expect((await idle())[0]![0]).toBe('accountIdle')
})

it('tells which channels the flows need and no account serves, and the line that adds one', async () => {
  const { world } = reviews
  const flow = (key: string, steps: string) => flowText({ key, on: 'order.paid', steps })
  const flows = [
    flow('receipt', '  - { id: a, kind: send, to: buyer, channels: [email, inbox], template: hello }'),
    flow('notice', '  - { id: a, kind: send, to: buyer, channels: [sms], template: hello }'),
    flow('cancel', '  - { id: a, kind: act, command: cancel_order }'),
  ]
  const shop = await world.openShop('silent', { flows })
  const found = await lookAt(shop.id)
  expect(found.map(({ text, params }) => [text, params.channel, params.flows])).toEqual([
    ['channelUnserved', 'email', 'receipt'],
    ['channelUnserved', 'sms', 'notice'],
    ['channelUnserved', 'command', 'cancel'],
  ])
  const said = (language: 'zh' | 'en') =>
    found.map(({ params }) => say(DOCTOR.channelUnserved, language, { ...params, of: '' })).join('\n')
  expect(said('en')).toContain('dingdong account add smtp --settings FILE')
  expect(said('en')).toContain('dingdong account add sms-http --settings FILE')
  expect(said('zh')).toContain('dingdong account add command --settings 文件')
  await world.db.query('update flow set enabled = false where shop_id = $1', [shop.id])
  expect(await findingsIn(shop.id)).toEqual([])
})

it('tells of failure codes that wait for somebody to say what they mean', async () => {
  const shop = await reviews.newShop([])
  const { db, clock } = reviews.world
  const at = clock.now()
  const row = { rail: 'stripe', code: 'no_such_code', seen: 1, first_at: at, last_at: at }
  await transaction(db, (tx) => countUnknownCodes(tx, shop.id, [row]))
  expect(await findingsIn(shop.id)).toEqual(['codesWait'])
})

it('tells of a rule that has no amount in the shop’s own currency', async () => {
  const shop = await reviews.newShop(['large-order'], ['finance'])
  expect(await findingsIn(shop.id)).toEqual([])
  await reviews.world.db.query(`update shop set currency = 'KWD' where id = $1`, [shop.id])
  expect(await findingsIn(shop.id)).toEqual(['ruleSkipsCurrency'])
})

it('tells of flows that send no SMS for want of an amount in the shop’s own currency', async () => {
  const { world } = reviews
  const params = (name: string) =>
    `params:\n  ${name}: { title: { zh: 从, en: From }, value: { CNY: 200, USD: 30 } }`
  const named = { one: 'from', two: 'least' }
  const flows = Object.entries(named).map(([key, param]) =>
    flowText({
      key,
      on: 'payment.failed',
      purpose: 'reminder',
      more: `stopWhen: [paid]\n${params(param)}`,
      steps: `  - { id: last, kind: cascade, channels: [email, sms], template: hello, smsFrom: params.${param} }`,
    }),
  )
  const shop = await world.openShop('amounts', { flows, accounts: [account(reviews.mail)] })
  expect(await findingsIn(shop.id)).toEqual([])
  await world.db.query(`update shop set currency = 'KWD' where id = $1`, [shop.id])
  const [found, ...others] = await lookAt(shop.id)
  expect([found!.text, others]).toEqual(['flowsSkipCurrency', []])
  // Each is one command that does it.
  const runs = (language: 'zh' | 'en') =>
    say(DOCTOR.flowsSkipCurrency, language, found!.params).match(/dingdong flow set \S+ \w+\.KWD=[A-Z金额]+/g)
  expect(runs('en')).toEqual([
    'dingdong flow set one from.KWD=AMOUNT',
    'dingdong flow set two least.KWD=AMOUNT',
  ])
  expect(runs('zh')).toEqual(['dingdong flow set one from.KWD=金额', 'dingdong flow set two least.KWD=金额'])
})

it('tells how many unpaid orders no reminder can lead to payment, and what each source can do', async () => {
  const shop = await reviews.newShop([])
  const { db, clock, engine } = reviews.world
  const { data, ...event } = failed('P-1', 1)
  const order = { no: 'P-1', payUrl: 'https://shop.example/pay/P-1' }
  await reviews.tell(shop, { ...event, data: { ...data, order } })
  expect(await findingsIn(shop.id)).toEqual([])
  await reviews.tell(shop, failed('P-2', 1), failed('P-3', 1), large('P-4'))
  await reviews.tell(shop, { ...large('P-4'), id: 'paid-P-4', type: 'order.paid' })
  await connect(shop.id, 'stripe', { secrets: ['whsec_x'] })
  await connect(shop.id, 'dujiaoka', { secret: 'x' })
  const found = async () => {
    const { sealer } = await engine.keyring.open(shop.id)
    return checkPayPages({ db, shop: (await readShop(db, shop.id))!, sealer, now: clock.now() })
  }
  const [{ text, params }] = (await found()) as [Finding]
  expect([text, params.count, params.looked]).toEqual(['payPageMissing', 2, 3])
  for (const language of ['zh', 'en'] as const) {
    const said = say(DOCTOR.payPageMissing, language, params)
    expect(said).toMatch(/payUrlTemplate: https:\S+\/pay\/\{no\}/)
    expect(said).toMatch(/pay_url.* metadata|metadata .*pay_url/)
    expect(said).toContain('/bill/{no}')
    expect(said).not.toMatch(/WooCommerce|\?\?|\[object/)
  }
  const payUrlTemplate = 'https://shop.example/pay/{no}'
  await saveShopSettings(db, shop.id, { payUrlTemplate })
  expect(await found()).toEqual([])
  await saveShopSettings(db, shop.id, {})
  const at = clock.now()
  clock.set(at + 31 * DAY)
  expect(await found()).toEqual([])
  clock.set(at)
})

it('tells of reviews that nobody answered in time, and of rules that tell nobody', async () => {
  const shop = await reviews.newShop(['repeated-failure'])
  await saveShopSettings(reviews.world.db, shop.id, { payUrlTemplate: 'https://shop.example/pay/{no}' })
  for (const nth of [1, 2, 3, 4, 5]) await reviews.tell(shop, failed('N-1', nth))
  expect(await reviews.reviews(shop)).toMatchObject([{ state: 'open' }])
  expect(await findingsIn(shop.id)).toEqual(['rulesTellNobody'])
  reviews.world.clock.set(reviews.world.clock.now() + 2 * HOUR)
  expect(await findingsIn(shop.id)).toEqual(['reviewsOverdue', 'rulesTellNobody'])
  await reviews.drain()
  expect(await reviews.reviews(shop)).toMatchObject([{ state: 'escalated' }])
  expect(await findingsIn(shop.id)).toEqual(['reviewsOverdue', 'rulesTellNobody'])
})

it('does not take a review that somebody passed on for one that nobody answered', async () => {
  const shop = await reviews.newShop(['large-order'], ['finance', 'operator'])
  await reviews.tell(shop, large('P-1'))
  const overdue = async () => (await findingsIn(shop.id)).includes('reviewsOverdue')
  await reviews.change(shop, (await reviews.reviews(shop))[0]!.id, { change: 'escalate' })
  expect(await reviews.reviews(shop)).toMatchObject([{ state: 'escalated' }])
  expect(await overdue()).toBe(false)
  reviews.world.clock.set(reviews.world.clock.now() + DAY)
  expect(await overdue()).toBe(true)
})
