import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSite, type Site } from '../../../test/kit/site.ts'
import type { ShopRow } from '../../db/shops.ts'
import { MINUTE } from '../../domain/time.ts'
import { theOnlyShop, theOnlyShopForBuyers } from './which-shop.ts'

const ORDER = '01932c07-209c-7000-8000-000000000001'

let site: Site
beforeAll(async () => {
  site = await openSite()
}, 60_000)
afterAll(() => site?.close())

const get = (path: string) => site.call('GET', path, {})
const post = (path: string, form: Record<string, string>) => site.call('POST', path, { form })
const shop = (id: number, demo: boolean) => ({ id, demo }) as ShopRow

it('takes the only shop; for buyers the demo shop does not count beside a real one', () => {
  const [demo, real, other] = [shop(1, true), shop(2, false), shop(3, false)]
  expect([theOnlyShop([]), theOnlyShop([demo, real]), theOnlyShop([demo])]).toEqual([null, null, demo])
  expect(theOnlyShopForBuyers([demo])).toBe(demo)
  expect(theOnlyShopForBuyers([demo, real])).toBe(real)
  expect(theOnlyShopForBuyers([demo, real, other])).toBe(null)
})

describe('the shop whose order is looked for', () => {
  const value = (text: string) => /name="shop" value="(\d*)"/.exec(text)?.[1]
  const linkIn = (text: string) => /href="(\/o[^/"]*)"/.exec(text)?.[1]

  it('is asked for where there are several, and never guessed', async () => {
    const { status, text } = await get('/o?lang=en')
    expect([status, value(text)]).toEqual([200, undefined])
    expect(text).toMatch(/several shops.*<form method="get" action="\/o">.*name="shop"/s)
    // The shops do not know of each other.
    expect(/<main>.*<\/main>/s.exec(text)![0]).not.toMatch(/first|second/)
    const sent = await post('/o?lang=en', { no: 'B-1', contact: 'buyer@example.org' })
    expect(sent.text).not.toContain('a code is on its way')
  })

  it('is named by its number, its slug or its name, and one that is not there is said to be so', async () => {
    const { rows } = await site.deps.db.query<{ name: string }>('select name from shop where id = $1', [
      site.other.id,
    ])
    for (const name of [String(site.other.id), 'second', 'SECOND', rows[0]!.name])
      expect(value((await get(`/o?shop=${encodeURIComponent(name)}`)).text)).toBe(String(site.other.id))
    for (const path of ['/o?lang=en&shop=scond', '/o?lang=en&shop=99']) {
      const { status, text } = await get(path)
      expect(status).toBe(404)
      expect(text).toMatch(/There is no shop “(scond|99)” here/)
    }
    const { status, text } = await post('/o/keys?lang=en', {
      shop: '99',
      no: 'B-1',
      contact: 'x@y.org',
      code: '1',
    })
    expect([status, text.includes('no shop “99”')]).toEqual([404, true])
  })

  it('stays in every link and language of its pages', async () => {
    const own = `/o?shop=${site.other.id}&lang=en`
    const html = (text: string) => text.replaceAll('&amp;', '&')
    const form = html((await get(own)).text)
    expect(form).toContain(`action="${own}"`)
    const sent = html((await post(own, { shop: String(site.other.id), no: 'A', contact: 'a@b.org' })).text)
    expect(linkIn(sent)).toContain(`shop=${site.other.id}`)
    expect(linkIn(html((await get(`/c/${site.other.id}?lang=en`)).text))).toBe(own)
    const old = await site.link(site.other, 'order', ORDER, MINUTE)
    site.clock.set(site.clock.now() + 2 * MINUTE)
    const expired = html((await get(`/o/${old}?lang=en`)).text)
    expect(linkIn(expired)).toBe(own)
    const forged = `${old.slice(0, -2)}${old.endsWith('AA') ? 'BB' : 'AA'}`
    expect(linkIn(html((await get(`/o/${forged}?lang=en`)).text))).toBe(own)
    expect(linkIn(html((await get('/o/rubbish?lang=en')).text))).toBe('/o?lang=en')
  })
})
