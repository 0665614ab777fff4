import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ENDLESS, endless } from '../../../test/kit/endless.ts'
import { processorTime } from '../../../test/kit/processor.ts'
import { SHORT_CODE_ALPHABET } from '../short-code.ts'
import { compileNames } from '../template/names.ts'
import { checkTemplate, checkText, refuses } from './check.ts'
import { BAD, type CorpusCase, GOOD } from './corpus.test-kit.ts'
import { sceneFor } from './law.test-kit.ts'
import { nearestLawful } from './nearest.ts'

const draftOf = ({ purpose, asksToPay, text }: CorpusCase) => ({
  purpose,
  asksToPay,
  parts: [{ place: 'text', liquid: compileNames(text).liquid }],
})
const found = (each: CorpusCase) => checkTemplate(sceneFor(each.law), draftOf(each)).filter(refuses)
const show = (each: CorpusCase) => `${each.law} ${each.purpose}: ${each.text}`

describe('the corpus', () => {
  test('lets none of the bad through, and stops at most 2 % of the good', () => {
    const escaped = BAD.filter((each) => found(each).length === 0)
    const alarms = GOOD.filter((each) => found(each).length > 0)
    const share = (alarms.length / GOOD.length) * 100
    console.log(
      `message law: ${BAD.length + GOOD.length} cases; ${escaped.length} of ${BAD.length} bad escaped; ${alarms.length} of ${GOOD.length} good stopped (${share.toFixed(1)} %)`,
    )
    expect(escaped.map(show)).toEqual([])
    expect(
      share,
      alarms
        .map((each) => `${show(each)} ← ${found(each).map(({ rule, excerpt }) => `${rule.id} ${excerpt}`)}`)
        .join('\n'),
    ).toBeLessThanOrEqual(2)
    expect(BAD.length + GOOD.length).toBeGreaterThanOrEqual(150)
  })

  test('under a law that no file has, what any vendor there refuses is refused', () => {
    for (const each of BAD.filter(({ law }) => ['tencent', 'aliyun', 'huawei', 'qiniu', 'cn'].includes(law)))
      expect(found({ ...each, law: 'tencnet' }), show(each)).not.toEqual([])
  })

  test('finds no forbidden word or address in our own short codes', () => {
    const letters = [...SHORT_CODE_ALPHABET].filter((char) => /[A-Z]/.test(char))
    const triples = letters.flatMap((a) => letters.flatMap((b) => letters.map((c) => `2${a}${b}${c}2`)))
    for (const law of ['tencent', 'aliyun', 'huawei', 'qiniu', 'volcengine']) {
      for (let from = 0; from < triples.length; from += 120) {
        const text = triples.slice(from, from + 120).join('，查看订单 ')
        const objections = checkText(sceneFor(law), { purpose: 'essential', asksToPay: false, text })
          .filter(({ rule }) => rule.kind === 'words' || rule.kind === 'links')
          .map(({ rule, excerpt }) => `${rule.id} ${excerpt}`)
        expect(objections).toEqual([])
      }
    }
  })

  test('what is offered instead is lawful, or nothing is', () => {
    let offered = 0
    for (const each of BAD) {
      const scene = sceneFor(each.law)
      const draft = draftOf(each)
      const nearest = nearestLawful(scene, draft, checkTemplate(scene, draft))
      if (nearest === null) continue
      offered++
      const again = checkTemplate(scene, { ...draft, parts: [{ place: 'text', liquid: nearest }] })
      expect(
        again.filter(refuses).map(({ rule }) => rule.id),
        `${show(each)} → ${nearest}`,
      ).toEqual([])
    }
    expect(offered).toBeGreaterThan(BAD.length * 0.8)
  })
})

/** Words and addresses that are refused as they stand. */
const CORES = [
  '游戏',
  '优惠券',
  '卡密',
  '催款',
  '用户召回',
  '虚拟货币',
  'POS机',
  '返利',
  'https://pay.example.com/a',
  'payshop.com',
]
const NOISE = ['\u200b', '\u200c', '\u2060', '\ufe0f', '\u00ad', '\u0336']
const SPACES = [' ', '\u3000', '\u00a0', '\n']
const MARKS = ['·', '-', '_', '*', '😀', '★', '|', '~']

const wide = (char: string) =>
  char >= '!' && char <= '~' ? String.fromCharCode(char.charCodeAt(0) + 0xfee0) : char

describe('whatever is put between or around', () => {
  const disguise = fc.record({
    core: fc.constantFrom(...CORES),
    before: fc.constantFrom('您的订单', 'Your order ', '【星河】', '请看 '),
    after: fc.constantFrom('，请查看', ' 已更新', '。', ''),
    seeds: fc.array(
      fc.record({
        noise: fc.constantFrom('', '', ...NOISE),
        space: fc.constantFrom('', '', ...SPACES),
        mark: fc.constantFrom('', '', ...MARKS),
        wide: fc.boolean(),
      }),
      { minLength: 30, maxLength: 30 },
    ),
  })
  const write = (
    core: string,
    seeds: readonly { noise: string; space: string; mark: string; wide: boolean }[],
  ) => {
    const address = /[.]/.test(core)
    return [...core]
      .map((char, at) => {
        const seed = seeds[at % seeds.length]!
        const shown = seed.wide ? wide(char) : char
        // Marks inside an address make it another one; spaces and what nobody sees do not.
        return at === core.length - 1 ? shown : shown + seed.noise + (address ? '' : seed.space + seed.mark)
      })
      .join('')
  }

  test('a refused word or address is found, in a template and in a text', () => {
    const scene = sceneFor('cn')
    fc.assert(
      fc.property(disguise, ({ core, before, after, seeds }) => {
        const text = `${before}${write(core, seeds)}${after}`
        const draft = { purpose: 'service', asksToPay: false } as const
        expect(checkText(scene, { ...draft, text }).filter(refuses), text).not.toEqual([])
        expect(
          checkTemplate(scene, { ...draft, parts: [{ place: 'text', liquid: text }] }).filter(refuses),
          text,
        ).not.toEqual([])
      }),
      { numRuns: 2_000 },
    )
  })

  test('an address of spaced letters is found', () => {
    const scene = sceneFor('cn')
    for (const address of ['https://pay.example.com', 'payshop.com', 'shop.cn', 'www.shop.org'])
      for (const space of SPACES) {
        const text = `请打开 ${[...address].join(space)} 查看`
        expect(
          checkText(scene, { purpose: 'service', asksToPay: false, text }).filter(refuses),
          text,
        ).not.toEqual([])
      }
  })

  test('no text takes long, however it is made', () => {
    const scene = sceneFor('tencent')
    const piece = fc.constantFrom(
      '.',
      ' . ',
      'a',
      '点',
      '游',
      'you',
      ':',
      '/',
      '{{',
      '}}',
      "{{ '",
      '%}',
      '【',
      'www',
      '1.1.1.',
      ' ',
      '\u200b',
      '氵',
      '又',
      'http',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.integer({ min: 1, max: 5_000 }), (pieces, times) => {
        const liquid = pieces.join('').repeat(times).slice(0, 60_000)
        const started = processorTime()
        checkTemplate(scene, { purpose: 'service', asksToPay: false, parts: [{ place: 'text', liquid }] })
        expect(processorTime() - started, liquid.slice(0, 60)).toBeLessThan(2_000)
      }),
      { numRuns: 60 },
    )
  })

  test.each([
    '未支付',
    '打开微信',
    '点此',
    '订单因超时未支付已取消',
    '您可以在',
    '请您尽快到店',
    'can still pay ',
    '\ufdfa',
  ])('nor one that says %s over and over', (words) => {
    const liquid = words.repeat(60_000).slice(0, 60_000)
    const started = processorTime()
    checkTemplate(sceneFor('tencent'), {
      purpose: 'service',
      asksToPay: false,
      parts: [{ place: 'text', liquid }],
    })
    expect(processorTime() - started).toBeLessThan(2_000)
  })

  test.each(ENDLESS)('nor one of %j, then %j over and over', (...made) => {
    const scene = sceneFor('tencent')
    const draft = {
      purpose: 'service',
      asksToPay: false,
      parts: [{ place: 'text', liquid: endless(made) }],
    } as const
    const started = processorTime()
    nearestLawful(scene, draft, checkTemplate(scene, draft))
    expect(processorTime() - started).toBeLessThan(2_000)
  })
})
