import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { mayCarry, type Road } from '../domain/law/carry.ts'
import type { LawScene } from '../domain/law/check.ts'
import { sceneFor } from '../domain/law/law.test-kit.ts'
import { compileNames } from '../domain/template/names.ts'
import { offeredSources, underLaw } from './law.ts'
import { loadTemplates } from './load.ts'

const directory = new URL('../../flows/templates/', import.meta.url)
const { templates } = loadTemplates(
  Object.fromEntries(
    readdirSync(directory).map((file) => [file, readFileSync(new URL(file, directory), 'utf8')]),
  ),
)
const road = (scene: LawScene, name: string): Road => ({ id: 'acct_1', name, scene })
const with_ = (law: string) => road(sceneFor(law), law)
const without = (law: string) => road({ ...sceneFor(law), registered: null }, `${law}, no link`)

const CHINESE = ['cn', 'tencent', 'aliyun', 'huawei', 'volcengine', 'qiniu']
const FOREIGN = ['us', 'eu', 'uk']
const BANS = new Set(['tencent', 'aliyun', 'huawei', 'qiniu', 'volcengine'])

/** Shops by the SMS accounts they have. */
const SHOPS: readonly (readonly [string, readonly Road[]])[] = [
  ['none', []],
  ...CHINESE.map((law) => [`Chinese (${law})`, [with_(law)]] as const),
  ...FOREIGN.map((law) => [`foreign (${law})`, [without(law)]] as const),
  ...CHINESE.flatMap((law) =>
    FOREIGN.map((other) => [`both (${law}, ${other})`, [with_(law), without(other)]] as const),
  ),
]

describe.each(SHOPS)('a shop with SMS accounts: %s', (_, roads) => {
  it('can publish every preset file unchanged', () => {
    expect(templates.length).toBeGreaterThan(20)
    for (const { name, sources } of templates)
      expect([name, underLaw(offeredSources(sources), roads, 'en').problems]).toEqual([name, []])
  })

  it('says by each account what it says at all, or is told that a ban keeps it back', () => {
    for (const { name, sources } of templates) {
      const sms = sources.filter(({ channel }) => channel === 'sms')
      if (sms.length === 0) continue
      const { kept } = underLaw(offeredSources(sources), roads, 'en')
      for (const { name: account, scene } of roads) {
        const carried = sms.filter(({ purpose, asksToPay, text }) =>
          mayCarry(scene, {
            purpose,
            asksToPay: asksToPay ?? false,
            parts: [{ place: 'text', liquid: compileNames(text!.trim()).liquid }],
          }),
        )
        const told = kept.filter((each) => each.account === account).flatMap(({ texts }) => texts)
        expect([name, account, told.length + carried.length]).toEqual([name, account, sms.length])
        expect([name, account, carried.length > 0]).toEqual([
          name,
          account,
          !(sms[0]!.asksToPay && BANS.has(account)),
        ])
      }
    }
  })
})

describe('a Chinese account without a registered link', () => {
  const reminders = templates.filter(({ sources }) =>
    sources.some(({ channel, asksToPay }) => channel === 'sms' && asksToPay),
  )

  it('keeps no reminder back that speaks elsewhere too, and carries none', () => {
    expect(reminders.length).toBeGreaterThan(5)
    for (const { name, sources } of reminders) {
      const { problems, kept } = underLaw(offeredSources(sources), [without('cn')], 'en')
      const texts = ['zh-CN sms', 'en sms']
      expect([name, problems, kept]).toEqual([
        name,
        [],
        [{ account: 'cn, no link', texts, because: ['no_registered_link'] }],
      ])
    }
  })

  it('is told what to set where a reminder speaks by SMS alone', () => {
    for (const { name, sources } of reminders) {
      const offered = offeredSources(sources.filter(({ channel }) => channel === 'sms'))
      const found = underLaw(offered, [without('cn')], 'en').problems
      expect([name, found.map(({ code, path }) => `${path} ${code}`)]).toEqual([
        name,
        ['zh-CN.sms.text NO_REGISTERED_LINK'],
      ])
      expect(found[0]!.problem).toContain('dingdong account set acct_1 --settings FILE')
      expect(underLaw(offered, [without('cn')], 'zh').problems[0]!.problem).toContain('registeredLink: {')
    }
  })

  it('keeps a reminder back whose words break another rule, wherever else it speaks', () => {
    for (const { name, sources } of reminders) {
      const worse = sources.map((source) =>
        source.channel === 'sms' ? { ...source, text: `送您一张优惠券，${source.text}` } : source,
      )
      const { problems } = underLaw(offeredSources(worse), [without('cn')], 'en')
      expect([name, problems.map(({ rule }) => rule)]).toEqual([name, expect.arrayContaining(['cn-words'])])
    }
  })

  it.each(CHINESE)('carries everything else (%s)', (law) => {
    const others = templates.filter((template) => BANS.has(law) || !reminders.includes(template))
    for (const { name, sources } of others)
      expect([name, underLaw(offeredSources(sources), [without(law)], 'en').problems]).toEqual([name, []])
  })
})

it('a template that speaks by SMS alone is refused where the law bans it: nobody would hear anything', () => {
  const [source] = templates
    .find(({ name }) => name === 'payment_failed_last')!
    .sources.filter(({ channel, locale }) => channel === 'sms' && locale === 'zh-CN')
  const found = underLaw(offeredSources([source!]), [with_('tencent')], 'en').problems
  expect(found.map(({ problem }) => problem).join()).toMatch(/tencent-no-dunning.*mail, inbox or chat/)
})
