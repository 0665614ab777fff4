import { describe, expect, test } from 'vitest'
import { compileNames } from '../template/names.ts'
import { carriedBy, mayCarry, type OfferedText } from './carry.ts'
import { checkTemplate, type LawScene, refuses } from './check.ts'
import { BAD, type CorpusCase, GOOD } from './corpus.test-kit.ts'
import { sceneFor } from './law.test-kit.ts'

const draftOf = ({ purpose, asksToPay, text }: Omit<CorpusCase, 'law'>) => ({
  purpose,
  asksToPay,
  parts: [{ place: 'text', liquid: compileNames(text).liquid }],
})
const reminder = (text: string, locale = 'zh-CN'): OfferedText => ({
  locale,
  draft: draftOf({ purpose: 'reminder', asksToPay: true, text }),
})
const service = (text: string, locale = 'zh-CN'): OfferedText => ({
  locale,
  draft: draftOf({ purpose: 'service', asksToPay: false, text }),
})
const without = (law: string): LawScene => ({ ...sceneFor(law), registered: null })

const NOTICE = '您的订单状态有更新，请在 {备案链接} 输入短码 {订单短码} 查看'
const EITHER =
  '您的订单还没有完成，{% if links.registered %}请在 {备案链接} 输入短码 {订单短码} 查看{% else %}请打开 {订单链接}{% endif %}'
const ENGLISH = 'Your order is not paid yet. You can pay on your order page: {links.order}'

/** Whose obstacles, and which. */
const obstacles = (scene: LawScene, ...texts: readonly OfferedText[]) => {
  const carried = carriedBy(scene, texts)
  const list =
    carried.kind === 'refused' ? carried.obstacles : carried.kind === 'carried' ? carried.keptBack : []
  return [
    carried.kind,
    ...list.map((each) => `${each.locale} ${each.kind === 'law' ? each.finding.rule.id : each.kind}`),
  ]
}

describe('a reminder to pay by SMS', () => {
  test('in China leads to payment by the registered link and a short code, or is refused', () => {
    expect(obstacles(sceneFor('cn'), reminder(NOTICE))).toEqual(['carried'])
    expect(obstacles(sceneFor('cn'), reminder('您的订单还没有完成，请到店铺网站查看'))).toEqual([
      'refused',
      'zh-CN no_way_to_pay',
    ])
    // The address alone does not say which order.
    expect(obstacles(sceneFor('cn'), reminder('您的订单有更新，请在 {备案链接} 查看'))).toEqual([
      'refused',
      'zh-CN no_way_to_pay',
    ])
    expect(
      obstacles(sceneFor('cn'), reminder('您的订单有更新，请到 https://shop.example.cn/d 输入 {订单号}')),
    ).toEqual(['carried'])
  })

  test('is told what the account lacks, and nothing else, where only the registered link is missing', () => {
    for (const text of [NOTICE, EITHER]) {
      const found = obstacles(without('cn'), reminder(text), reminder(ENGLISH, 'en'))
      expect(found).toEqual(['refused', 'zh-CN no_registered_link'])
    }
    const wordless = obstacles(without('cn'), reminder('您的订单还没有完成，请到店铺网站查看'))
    expect(wordless).toEqual(['refused', 'zh-CN no_registered_link', 'zh-CN no_way_to_pay'])
  })

  test('elsewhere leads to payment by any link, and a Chinese reader abroad gets one too', () => {
    for (const law of ['us', 'eu', 'uk', 'none']) {
      expect(obstacles(without(law), reminder(EITHER), reminder(ENGLISH, 'en'))).toEqual(['carried'])
      expect(obstacles(without(law), reminder('请到店铺网站查看'))).toEqual([
        'refused',
        'zh-CN no_way_to_pay',
      ])
    }
  })

  test('is banned, whatever its words, by vendors that ban demands for payment', () => {
    for (const law of ['tencent', 'aliyun', 'huawei', 'qiniu'])
      for (const scene of [sceneFor(law), without(law)])
        expect(obstacles(scene, reminder(EITHER), reminder(ENGLISH, 'en'))).toEqual(['banned'])
  })
})

describe('a text with the registered link', () => {
  test('has a hole where the account has none, whatever its purpose', () => {
    expect(obstacles(without('us'), service(NOTICE))).toEqual(['refused', 'zh-CN no_registered_link'])
    expect(
      obstacles(without('cn'), service(EITHER.replace('请打开 {订单链接}', '请到店铺网站查看'))),
    ).toEqual(['carried'])
  })

  test('is judged by the branch that the account writes, and by both where nobody can be sure', () => {
    const both = (text: string) => [
      mayCarry(sceneFor('cn'), service(text).draft),
      mayCarry(without('cn'), service(text).draft),
    ]
    const link = '请打开 {订单链接} 查看您的订单'
    const plain = '您的订单有更新，请到店铺网站查看'
    const on = '{% if links.registered %}'
    expect(both(`${on}${plain}{% else %}${link}{% endif %}`)).toEqual([true, false])
    expect(both(`${on}${link}{% else %}${plain}{% endif %}`)).toEqual([false, true])
    const never = [
      `${on}${plain}{% else %}${plain}{% endif %}${link}`,
      `{% unless links.registered %}${link}{% else %}${link}{% endif %}`,
      `{% if links.registered or code %}${plain}{% else %}${link}{% endif %}`,
      `{% if code %}${plain}{% else %}${link}{% endif %}`,
      `${on}${plain}{% elsif code %}${link}{% endif %}`,
      `${on}${plain}{% elsif code %}${plain}{% else %}${link}{% endif %}`,
      `${on}${plain}{% else %}${plain}{% else %}${link}{% endif %}`,
      `{% assign x = code %}${on}${plain}{% else %}${link}{% endif %}`,
      `${on}${plain}{{ "}}{% else %}" }}${link}{% endif %}`,
      `${on}${plain}{{ '}}{% else %}' }}${link}{% endif %}`,
      `${on}${plain}{% raw %}{% else %}{% endraw %}${link}{% endif %}`,
      `${on}${plain}{% comment %}{% else %}{% endcomment %}${link}{% endif %}`,
      `{% if code %}${on}${plain}{% else %}${plain}{% endif %}{% else %}${link}{% endif %}`,
      `${on}您的游{% else %}{% endif %}${on}戏道具已到账{% endif %}${on}{% else %}您的游戏已到账{% endif %}`,
    ]
    for (const text of never) expect([text, ...both(text)]).toEqual([text, false, false])
  })
})

describe('the corpus, as templates are published and sent', () => {
  const offer = (each: CorpusCase, locale: string): OfferedText => ({ locale, draft: draftOf(each) })
  const noticeFor = ({ purpose, asksToPay }: CorpusCase) =>
    GOOD.find(
      (good) => good.purpose === purpose && good.asksToPay === asksToPay && good.text.includes('{备案链接}'),
    )

  test('no bad text is carried by itself, nor beside a good one, nor turned into a branch', () => {
    let beside = 0
    for (const each of BAD) {
      const scene = sceneFor(each.law)
      expect(mayCarry(scene, draftOf(each)), each.text).toBe(false)
      expect(mayCarry({ ...scene, registered: null }, draftOf(each)), each.text).toBe(false)
      const good = noticeFor(each)
      if (good !== undefined && each.law === 'cn') {
        beside++
        const carried = carriedBy(scene, [offer(good, 'zh-CN'), offer(each, 'en')])
        expect(carried, each.text).toMatchObject({ kind: 'carried' })
        if (carried.kind === 'carried') expect(carried.keptBack.map(({ locale }) => locale)).toContain('en')
      }
      const branch = `{% if links.registered %}${each.text}{% else %}${each.text}{% endif %}`
      expect(mayCarry(scene, draftOf({ ...each, text: branch })), branch).toBe(false)
    }
    expect(beside).toBeGreaterThan(50)
  })

  test('every good text that has a way to pay is carried', () => {
    for (const each of GOOD) {
      const scene = sceneFor(each.law)
      if (checkTemplate(scene, draftOf(each)).some(refuses)) continue
      expect(mayCarry(scene, draftOf(each)), each.text).toBe(true)
    }
  })
})
