import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CATALOGUE } from '../errors.ts'
import type { EventData, Trust } from '../event.ts'
import { explainClaim } from './claim-texts.ts'
import { emailAddress, phoneAddress, strongerVerification } from './contact.ts'
import { customerOf } from './customer.ts'
import { API } from './history.test-kit.ts'
import { canonicalLocale, canonicalZone, guessPlace } from './place.ts'

type Said = NonNullable<EventData['customer']>
const customer = (said: Said, trust: Trust = 'signed', country: string | null = 'CN') =>
  customerOf({ trust, connection: API, data: { refs: [], customer: said } }, { country })

describe('the buyer in an event', () => {
  it('has one contact a channel, with where it came from and who vouches for it', () => {
    const claim = customer({
      externalId: ' u1 ',
      email: 'Wang@Example.COM ',
      phone: '138 0013 8000',
      name: ' 王小明 ',
    })
    expect(claim).toMatchObject({ externalId: 'u1', name: '王小明', problems: [] })
    const origin = { connection: API, trust: 'signed' }
    expect(claim?.contacts).toEqual([
      {
        channel: 'email',
        address: 'Wang@example.com',
        identity: 'wang@example.com',
        origin,
        verification: 'sender',
      },
      {
        channel: 'sms',
        address: '+8613800138000',
        identity: '+8613800138000',
        origin,
        verification: 'sender',
      },
      { channel: 'inbox', address: 'u1', identity: 'u1', origin, verification: 'sender' },
    ])
  })

  it('typed in a browser is vouched for by nobody', () => {
    expect(customer({ email: 'a@b.example' }, 'browser')?.contacts[0]?.verification).toBe('none')
  })

  it('is null where the event speaks of none', () => {
    expect(customerOf({ trust: 'signed', connection: API, data: { refs: [] } }, { country: null })).toBeNull()
  })

  it('keeps what is right and names what is wrong, in both languages, without repeating personal data', () => {
    const said = { email: 'a@b', phone: '12', locale: 'Chinese!', timeZone: 'Beijing' }
    const claim = customer({ ...said, name: 'W' })
    expect(claim).toMatchObject({ contacts: [], name: 'W', locale: null, timeZone: null })
    expect(claim?.problems).toEqual([
      { path: 'data.customer.email', code: 'EMAIL_INVALID' },
      { path: 'data.customer.phone', code: 'PHONE_INVALID' },
      { path: 'data.customer.locale', code: 'LOCALE_INVALID' },
      { path: 'data.customer.timeZone', code: 'TIME_ZONE_INVALID' },
    ])
    for (const { code } of claim?.problems ?? []) expect(CATALOGUE[code].zh).not.toBe('')
  })

  it('tells in both languages what cannot be read, and what came without repeating it', () => {
    const told = (said: Said, country: string | null, language: 'en' | 'zh' = 'en') =>
      customer(said, 'signed', country)!.problems.map((each) => explainClaim(each, said, country, language))
    expect(told({ phone: '12ab' }, 'CN')).toEqual([
      'The phone number that this event gives cannot be read as a number of CN: text of 4 characters came. It was left out, so no SMS goes there; write it as +86…, with its country code.',
    ])
    expect(told({ phone: '12ab' }, 'CN', 'zh')[0]).toContain('无法识别为 CN 的号码：收到的是4 个字符的文字')
    expect(told({ phone: '+86 12' }, 'CN')[0]).toContain('a number of any country')
    expect(told({ phone: '138' }, 'XX')[0]).toContain('write it as +8613800138000')
    expect(told({ email: 'lin@' }, 'CN')[0]).toContain('text of 4 characters came')
    expect(told({ phone: '010-12345678' }, 'CN')[0]).toContain('this is a landline')
    const text = fc.stringMatching(/^[^\s][ -~]{2,38}[^\s]$/)
    const country = fc.constantFrom('CN', 'DE', 'US', 'XX', null)
    fc.assert(
      fc.property(text, text, country, (email, phone, country) => {
        for (const language of ['en', 'zh'] as const)
          for (const sentence of told({ email: `<${email}`, phone: `${phone}§` }, country, language))
            expect([sentence.includes(email), sentence.includes(phone), sentence.includes('{')]).toEqual([
              false,
              false,
              false,
            ])
      }),
    )
  })

  it('speaks the language and lives in the zone he says, else the ones of his phone', () => {
    expect(customer({ phone: '+81 90-1234-5678' })).toMatchObject({
      locale: { value: 'ja-JP', guessed: true }, timeZone: { value: 'Asia/Tokyo', guessed: true },
    }) // biome-ignore format: short
    expect(customer({ phone: '+81 90-1234-5678', locale: 'zh_cn', timeZone: 'europe/berlin' })).toMatchObject({
      locale: { value: 'zh-CN', guessed: false }, timeZone: { value: 'Europe/Berlin', guessed: false },
    }) // biome-ignore format: short
    expect(customer({ email: 'a@b.example' })).toMatchObject({ locale: null, timeZone: null })
  })
})

describe('a mail address', () => {
  it('has its domain in lower-case ASCII, and two spellings of it are one identity', () => {
    expect(emailAddress('  Li@BÜCHER.example. ')).toMatchObject({
      address: 'Li@xn--bcher-kva.example',
      identity: 'li@xn--bcher-kva.example',
    })
    expect(emailAddress('用户@例子.中国')).toMatchObject({ ok: true, address: '用户@xn--fsqu00a.xn--fiqs8s' })
  })

  it.each([
    '', 'a', '@b.example', 'a@', 'a@b', 'a@@b.example', 'a b@c.example', 'a@b.example\r\nBcc: x@y.example', '<a@b.example>',
    'a\r\nBcc:x@b.example', 'a\u200bb@c.example', 'a@1.2.3.4', 'a@b.e', 'a..b@c.example', '.a@c.example', `${'a'.repeat(65)}@c.example`, 'a@b_c.example', 'a@[127.0.0.1]', 'a@b.example, c@d.example',
  ])('is not %j', (text) => {
    expect(emailAddress(text)).toEqual({ ok: false, code: 'EMAIL_INVALID' })
  }) // biome-ignore format: a list
})

describe('a phone', () => {
  it('is E.164, read with the shop’s country where it has no code of its own', () => {
    expect(phoneAddress('１３８００１３８０００', 'CN')).toMatchObject({
      address: '+8613800138000',
      region: 'CN',
    })
    expect(phoneAddress('+852 9123 4567', 'CN')).toMatchObject({ address: '+85291234567', region: 'HK' })
    expect(phoneAddress('13800138000', null)).toEqual({ ok: false, code: 'PHONE_INVALID' })
    expect(phoneAddress('138001380001', 'CN')).toEqual({ ok: false, code: 'PHONE_INVALID' })
    expect(phoneAddress('+8613800138000', 'not a country')).toMatchObject({ ok: true })
  })

  it('gets no SMS as a landline, toll-free or premium number', () => {
    for (const [text, country] of [['010-12345678', 'CN'], ['0800 111 111', 'GB'], ['+1 900 555 2671', 'US']] as const) {
      expect(phoneAddress(text, country)).toEqual({ ok: false, code: 'PHONE_NO_SMS' })
    } // biome-ignore format: a list
    expect(phoneAddress('+1 415 555 2671', null)).toMatchObject({ ok: true })
  })
})

describe('a guess by region', () => {
  it('names a zone only where the region keeps one time', () => {
    const zone = (region: string) => guessPlace(region).timeZone
    expect([zone('CN'), zone('HK'), zone('DE'), zone('JP')]).toEqual([
      'Asia/Shanghai',
      'Asia/Hong_Kong',
      'Europe/Berlin',
      'Asia/Tokyo',
    ])
    expect([zone('US'), zone('RU'), zone('BR'), zone('ES'), zone('AU')]).toEqual([
      null,
      null,
      null,
      null,
      null,
    ])
  })

  it('names the legal time of a country that IANA lists under several zones', () => {
    expect(guessPlace('UA').timeZone).toBe('Europe/Kyiv')
  })

  it('names the language most people there read, with the region', () => {
    const locale = (region: string) => guessPlace(region).locale
    expect([locale('CN'), locale('TW'), locale('HK'), locale('US'), locale('KR')]).toEqual([
      'zh-CN',
      'zh-TW',
      'zh-HK',
      'en-US',
      'ko-KR',
    ])
    expect([guessPlace('XX'), guessPlace('001'), guessPlace(null)]).toEqual(
      Array(3).fill({ locale: null, timeZone: null }),
    )
  })

  it('is not made of what is no tag and no zone', () => {
    expect([canonicalLocale('ZH_hans_cn'), canonicalLocale('x'), canonicalLocale('')]).toEqual([
      'zh-Hans-CN',
      null,
      null,
    ])
    expect([canonicalZone('Asia/Shanghai'), canonicalZone('+08:00'), canonicalZone('Mars/Base')]).toEqual([
      'Asia/Shanghai',
      null,
      null,
    ])
  })
})

it('the stronger verification of an address wins', () => {
  expect(strongerVerification('code', 'sender')).toBe('code')
  expect(strongerVerification('none', 'reply')).toBe('reply')
})
