import fc from 'fast-check'
import { expect, it } from 'vitest'
import { follow } from '../domain/law/follow.ts'
import { VALUE_MARK } from '../domain/law/pieces.ts'
import { createEngine, renderParsed } from './engine.ts'

const engine = createEngine('plain', { renderLimit: 10_000 })

const ADDRESS = 'https://shop.example/d'
const PIECES = [
  ...'甲 乙 . cn 优惠 券 “ { } " \' | %'.split(' '),
  ' ',
  '\n',
  '{{ order.no }}',
  '{{- order.no -}}',
  '{{ a }}',
  '{{ b }}',
  '{{ links.registered }}',
  '{{ "优惠" }}',
  "{{- '券' }}",
  '{{ "a\\u0062" }}',
  '{{ "}}" }}',
  '{{ order.no | upcase }}',
  '{{ order.no | slice: 0, 2 }}',
  '{{ order.status | default: "无" }}',
  '{{ a | default: "空" }}',
  '{{ a | append: "丙" }}',
  '{{ stock.left | plural: one: "# 件", other: "# 些" }}',
  '{{ code | plus: 1 }}',
  '{% assign a = "丁" %}',
  "{% assign a = 'x' -%}",
  '{% assign a = order.no %}',
  '{% assign b = a %}',
  '{% assign b = order.status | default: a %}',
  '{% assign order = "戊" %}',
  '{% assign a = "券惠" | split: "" | reverse | join: "" %}',
  '{% if code %}',
  '{%- if links.registered -%}',
  '{% if order.no == "%}" %}',
  '{% unless a %}',
  '{% case code %}',
  '{% when "1" %}',
  "{% when '1', '2' -%}",
  '{% elsif a %}',
  '{% else %}',
  '{%- else -%}',
  '{% endif %}',
  '{%- endif -%}',
  '{% endunless %}',
  '{% endcase %}',
  '{% comment %}',
  '{% endcomment %}',
  '{% # 己 %}',
  '{% raw %}',
  '{% endraw %}',
  '{% for i in (1..2) %}',
  '{% endfor %}',
  '{% break %}',
] as const

const values = fc.record({
  no: fc.constantFrom(undefined, '', 'N1'),
  status: fc.constantFrom(undefined, '', 'paid'),
  left: fc.constantFrom(undefined, 1, 3),
  code: fc.constantFrom(undefined, '1', '2'),
  registered: fc.boolean(),
})

it('what Liquid writes is one of the ways that the law reads, or the law says that it cannot tell', () => {
  let followed = 0
  // Blocks close more often than by chance, so that many templates are understood.
  const block = fc.letrec<{ text: string; part: string }>((tie) => ({
    part: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(...PIECES.slice(0, 36)),
      fc
        .tuple(
          fc.constantFrom('if code', 'if links.registered', 'unless a', 'if a == "丁"'),
          tie('text'),
          tie('text'),
          fc.boolean(),
        )
        .map(
          ([open, one, other, otherwise]) =>
            `{% ${open} %}${one}${otherwise ? `{% else %}${other}` : ''}{% end${open.split(' ')[0]} %}`,
        ),
    ),
    text: fc.array(tie('part'), { maxLength: 5 }).map((parts) => parts.join('')),
  }))
  const wild = fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.oneof(block.text, wild), values, (liquid, { no, status, left, code, registered }) => {
      const { ways, unclear } = follow(liquid, registered ? ADDRESS : null)
      if (unclear.length > 0) return
      const vars = {
        order: { no, status },
        stock: { left },
        links: registered ? { registered: ADDRESS } : {},
        code,
      }
      let parsed: ReturnType<typeof engine.parse>
      try {
        parsed = engine.parse(liquid)
      } catch {
        return
      }
      followed++
      const written = renderParsed(engine, parsed, vars, { locale: 'en', timeZone: 'UTC' })
      const fits = ways.some(({ text }) =>
        new RegExp(`^${text.split(VALUE_MARK).map(RegExp.escape).join('.*')}$`, 's').test(written),
      )
      expect(fits, `${JSON.stringify(liquid)} wrote ${JSON.stringify(written)}`).toBe(true)
    }),
    { numRuns: 6_000 },
  )
  expect(followed).toBeGreaterThan(1_500)
})
