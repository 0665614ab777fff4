import { describe, expect, it } from 'vitest'
import { compileNames, suggestName } from './names.ts'
import { findVariable, sampleVars, VARIABLES } from './variables.ts'

const liquid = (text: string) => compileNames(text).liquid

describe('names in templates', () => {
  it('turns a Chinese name in braces into Liquid', () => {
    expect(liquid('订单 {订单号} 已付')).toBe('订单 {{ order.no }} 已付')
  })

  it('turns an English path in braces into Liquid', () => {
    expect(liquid('Order {order.no}, { shop.name }')).toBe('Order {{ order.no }}, {{ shop.name }}')
  })

  it('gives money and moments their filter', () => {
    expect(liquid('{金额} 到 {支付期限}')).toBe(
      "{{ order.total | money }} 到 {{ order.expires_at | date: 'short' }}",
    )
  })

  it('translates Chinese names inside Liquid but not inside quotes', () => {
    expect(liquid("{{ 订单号 | append: '订单号' }}{% if 验证码 %}x{% endif %}")).toBe(
      "{{ order.no | append: '订单号' }}{% if code %}x{% endif %}",
    )
  })

  it('leaves CSS, JSON and lone braces alone', () => {
    const text = '.a{color:red} @media{.b{margin:0}} {"a":1} { } {{ order.no }}'
    expect(compileNames(text)).toEqual({ liquid: text, unknown: [] })
  })

  it('reports a name nobody knows once, and there is a nearest one', () => {
    const { unknown } = compileNames('{订单好} {order.nr} {随便什么东西} {订单好}')
    expect(unknown.map((name) => [name, suggestName(name)])).toEqual([
      ['订单好', '订单号'],
      ['order.nr', 'order.no'],
      ['随便什么东西', null],
    ])
  })

  it('suggests for swapped letters too', () => {
    expect(suggestName('order.toatl')).toBe('order.total')
    expect(suggestName('links.perferences')).toBe('links.preferences')
  })

  it('suggests a variable of a group for the group', () => {
    expect(suggestName('order')).toBe('order.no')
  })
})

describe('the table of variables', () => {
  it('names every variable once, in both languages', () => {
    const paths = VARIABLES.map((each) => each.path)
    const zh = VARIABLES.flatMap((each) => each.zh)
    expect(new Set(paths).size).toBe(paths.length)
    expect(new Set(zh).size).toBe(zh.length)
    for (const each of VARIABLES) expect(each.zh.length > 0 || each.path === 'extra').toBe(true)
  })

  it('has no name for card keys', () => {
    for (const path of ['delivery', 'delivery.keys', 'order.keys', 'keys'])
      expect(findVariable(path.split('.'))).toBeNull()
  })

  it('hides product, amount and names from SMS, except the amount of a receipt', () => {
    const hidden = VARIABLES.filter((each) => each.hiddenOn?.includes('sms')).map((each) => each.path)
    expect(hidden).toEqual(expect.arrayContaining(['order.title', 'order.total', 'order.items', 'extra']))
    expect(VARIABLES.find((each) => each.path === 'order.total')?.unless).toEqual(['essential'])
    expect(VARIABLES.find((each) => each.path === 'order.title')?.unless).toBeUndefined()
  })

  it('finds lists, their elements and their fields, and refuses what they do not have', () => {
    expect(findVariable(['order', 'items', 0, 'name'])?.path).toBe('order.items')
    expect(findVariable(['order', 'items', 'size'])?.path).toBe('order.items')
    expect(findVariable(['order', 'items', 'first', 'sku'])).toBeNull()
    expect(findVariable(['extra', 'anything', 'deep'])?.path).toBe('extra')
    expect(findVariable(['order'])).toBeNull()
  })

  it('has a sample for each', () => {
    expect(sampleVars()).toMatchObject({ shop: { name: '星河小店' }, code: '493027', stock: { left: 3 } })
  })
})
