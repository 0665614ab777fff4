import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileNames } from '../template/names.ts'
import { mayCarry } from './carry.ts'
import { checkTemplate, type LawScene, refuses } from './check.ts'
import { BAD } from './corpus.test-kit.ts'
import { sceneFor } from './law.test-kit.ts'
import { nearestLawful } from './nearest.ts'
import { reportOn } from './report.ts'

const offer = (scene: LawScene, text: string, purpose: 'service' | 'promotion' = 'service') => {
  const draft = {
    purpose,
    asksToPay: false,
    parts: [{ place: 'text', liquid: compileNames(text).liquid }],
  }
  const found = checkTemplate(scene, draft)
  if (!found.some(refuses)) return null
  const nearest = nearestLawful(scene, draft, found)
  if (nearest === null) return null
  const again = checkTemplate(scene, { ...draft, parts: [{ place: 'text', liquid: nearest }] })
  return { nearest, broken: again.filter(refuses).map(({ rule }) => rule.id) }
}

describe('the nearest version that may go', () => {
  test.each([
    ['us', 'Please open https://bit.ly/x now', 'Please open {{ links.order }} now'],
    ['us', 'Please open bit.ly/{{ order.no }}?a=1.', 'Please open {{ links.order }}.'],
    [
      'us',
      'See https://{{ links.order }} and http://t.co/y!',
      'See {{ links.order }} and {{ links.order }}!',
    ],
    ['cn', '请打开 https://a.cn/x?y=1 查看您的订单', '请打开 {{ links.registered }} 查看您的订单'],
    ['cn', '请打开 https://{{ links.pay }} 查看您的订单', '请打开 {{ links.registered }} 查看您的订单'],
    [
      'cn',
      '请打开 {{ links.order }}/{{ order.no }} 查看您的订单',
      '请打开 {{ links.registered }} 查看您的订单',
    ],
  ])('%s: %s', (law, text, nearest) => {
    expect(offer(sceneFor(law), text)).toEqual({ nearest, broken: [] })
  })

  test('names no address that the account does not have', () => {
    const scene = { ...sceneFor('cn'), registered: null }
    expect(offer(scene, '您的订单有更新，请打开 https://a.cn/x 查看，谢谢')?.nearest).toBe(
      '您的订单有更新，谢谢',
    )
    for (const { law, text } of BAD)
      expect(offer({ ...sceneFor(law), registered: null }, text)?.nearest ?? '', text).not.toContain(
        'registered',
      )
  })

  test('is lawful itself and writes no scheme twice', () => {
    const piece = fc.constantFrom(
      ...[
        'https://',
        'http://',
        'bit.ly',
        't.co',
        'pay.example.com',
        'a.cn',
        '/x',
        '?y=1',
        '.',
        ':',
        '/',
        ' ',
      ],
      ...['您的订单', '请打开', '优惠券', '游戏', '，', '。', 'Your order has news', ', ', '【', '¥'],
      ...['{{ links.order }}', '{{ links.pay }}', '{{ links.registered }}', '{{ order.no }}', '{{ "a.cn" }}'],
      ...[
        '{% if code %}',
        '{% else %}',
        '{% endif %}',
        '{% assign a = links.pay %}',
        '{{ a }}',
        '拒收请回复R',
      ],
    )
    let offered = 0
    fc.assert(
      fc.property(
        fc.constantFrom('us', 'cn', 'tencent', 'volcengine', 'eu', 'linkless'),
        fc.constantFrom('service', 'promotion'),
        fc.array(piece, { minLength: 1, maxLength: 10 }),
        (law, purpose, pieces) => {
          const scene = law === 'linkless' ? { ...sceneFor('cn'), registered: null } : sceneFor(law)
          const found = offer(scene, pieces.join(''), purpose)
          if (found === null) return
          offered++
          expect(found.broken, found.nearest).toEqual([])
          const written = found.nearest.replace(/\{\{-?\s*links\.\w+\s*-?\}\}/g, 'https://shop.example/d')
          expect(written, pieces.join('')).not.toMatch(/https?:\/\/\s*https?:/i)
        },
      ),
      { numRuns: 3_000 },
    )
    expect(offered).toBeGreaterThan(1_000)
  }, 60_000)
})

describe('what is offered for a reminder to pay', () => {
  const pay = (law: string, text: string, registered: boolean) => {
    const scene = registered ? sceneFor(law) : { ...sceneFor(law), registered: null }
    const draft = { purpose: 'reminder', asksToPay: true, parts: [{ place: 'text', liquid: text }] } as const
    const { nearest, needs } = reportOn(scene, draft)
    if (nearest !== null)
      expect(mayCarry(scene, { ...draft, parts: [{ place: 'text', liquid: nearest }] }), nearest).toBe(true)
    return { nearest, needs }
  }

  test('leads to payment by what the account may write', () => {
    const text = '您有一笔订单即将到期，请打开 {{ links.order }}'
    expect(pay('cn', text, true)).toEqual({
      nearest: '您有一笔订单即将到期，请打开 {{ links.registered }}，短码 {{ order.short_code }}',
      needs: null,
    })
    expect(pay('toll-free', '您有一笔订单即将到期', true).nearest).toContain('{{ links.registered }}')
    expect(pay('us', 'Your order closes soon.', false)).toEqual({
      nearest: 'Your order closes soon: {{ links.order }}',
      needs: null,
    })
    expect(pay('us', 'Your order closes soon: bit.ly/x', false).nearest).toBe(
      'Your order closes soon: {{ links.order }}',
    )
  })

  test('is nothing where nothing could be published, with what would change that', () => {
    const text = '您有一笔订单即将到期，请打开 {{ links.order }}'
    for (const law of ['toll-free', 'cn'])
      expect(pay(law, text, false)).toEqual({ nearest: null, needs: 'registered_link' })
    for (const law of ['tencent', 'volcengine'])
      expect(pay(law, text, true)).toEqual({ nearest: null, needs: 'another_channel' })
    expect(pay('us', 'Your order closes soon: {{ links.order }}', false)).toEqual({
      nearest: null,
      needs: null,
    })
  })

  test('blames nobody, for publishing would refuse it', () => {
    const { nearest } = pay('cn', '您输错了卡号，请打开 https://a.cn/x', true)
    expect(nearest).toBe('您的订单状态有更新，请在 {{ links.registered }} 查看，短码 {{ order.short_code }}')
  })
})
