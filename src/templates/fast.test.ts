import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CompiledTemplate, Escape } from '../domain/template/template.ts'
import { createEngine, renderParsed, shortParser } from './engine.ts'
import { compileFast, NeedsLiquid, renderFast } from './fast.ts'

const limits = { renderLimit: 10_000 }
const engines = {
  plain: createEngine('plain', limits),
  line: createEngine('line', limits),
  html: createEngine('html', limits),
}

const shortened = {
  plain: shortParser(engines.plain, 'plain'),
  line: shortParser(engines.line, 'line'),
  html: shortParser(engines.html, 'html'),
}

function template(liquid: string, target: Escape): CompiledTemplate {
  return {
    format: 1,
    channel: 'sms',
    purpose: 'service',
    locale: 'zh-CN',
    parts: [{ at: 'text', liquid, escape: target }],
    variables: [],
  }
}

const reader = { locale: 'en', timeZone: 'Asia/Shanghai' }

function both(liquid: string, target: Escape, vars: object): { fast: string | null; slow: string } {
  const made = template(liquid, target)
  const compiled = compileFast(made)
  const engine = engines[target]
  const slow = attempt(() => renderParsed(engine, engine.parse(liquid), vars, reader))
  return { fast: compiled && attempt(() => renderFast(compiled, made.parts, vars, reader)[0]!), slow }
}

function attempt(render: () => string): string {
  try {
    return `=${render()}`
  } catch (error) {
    return error instanceof NeedsLiquid
      ? 'needs liquid'
      : `!${String((error as Error).message).includes('style')}`
  }
}

const name = fc.constantFrom('a', 'b', 'c', 'item', 'length', 'x_1', 'toString')
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('.'))
const literal = fc
  .string({ maxLength: 12, unit: fc.constantFrom('<', '&', '\n', ' ', '中', 'q', '\r', '{', '}', '%', '"') })
  .filter((text) => !/\{[{%]|[%}]\}|^[{%}]|[{%]$/.test(text))
const quoted = fc.constantFrom("'x'", '"<b>"', "''", "'short'")
const filter = fc.oneof(
  fc.constantFrom(
    '| money',
    '| date',
    "| date: 'short'",
    '|date:"time"',
    '| colour',
    '| ink',
    "| date: 'bad'",
  ),
  quoted.map((text) => `| default: ${text}`),
)
const output = fc
  .tuple(path, fc.array(filter, { maxLength: 2 }))
  .map(([read, filters]) => `{{ ${read} ${filters.join(' ')} }}`)
const test = fc.oneof(
  path,
  fc.tuple(path, quoted).map(([read, text]) => `${read} == ${text}`),
)
const { block } = fc.letrec<{ block: string }>((tie) => ({
  block: fc
    .array(
      fc.oneof(
        { maxDepth: 3, depthSize: 'small' },
        literal,
        output,
        fc
          .tuple(test, tie('block'), test, tie('block'), tie('block'))
          .map(([one, a, two, b, c]) => `{% if ${one} %}${a}{% elsif ${two} %}${b}{%else%}${c}{% endif %}`),
        fc
          .tuple(name, path, tie('block'))
          .map(([each, list, body]) => `{% for ${each} in ${list} %}${body}{% endfor %}`),
      ),
      { maxLength: 5 },
    )
    .map((pieces) => pieces.join('')),
}))
const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(undefined, null, true, false, 0, '', 'x', '<b>&"\'\r\n', 1_790_000_000_000, '#ffcc00'),
    fc.constant({ minor: 1_234, currency: 'CNY' }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 4 }),
  ),
})).value
const vars = fc.dictionary(name, value, { maxKeys: 6 })

describe('the fast path', () => {
  it('says exactly what Liquid says, for any template it accepts and any values', () => {
    let accepted = 0
    let looped = 0
    fc.assert(
      fc.property(block, fc.constantFrom<Escape>('plain', 'line', 'html'), vars, (liquid, target, values) => {
        const { fast, slow } = both(liquid, target, JSON.parse(JSON.stringify(values)))
        if (fast === null || fast === 'needs liquid') return
        accepted++
        if (liquid.includes('{% for')) looped++
        expect(fast).toBe(slow)
      }),
      // Half of them are accepted, give or take.
      { numRuns: 4_000 },
    )
    // The comparison must not pass by comparing nothing.
    expect(accepted).toBeGreaterThan(1_500)
    expect(looped).toBeGreaterThan(100)
  })

  it('says the same inside Liquid, where it writes plain outputs for the worker', () => {
    const liquid = fc
      .tuple(name, path, block, fc.constantFrom('{{ a | upcase }}', '{{- b -}}', '{% assign a = c %}', ''))
      .map(
        ([local, list, body, more]) =>
          `{% for ${local} in ${list} limit: 2 %}${more}${body}{% endfor %}${body}`,
      )
    fc.assert(
      fc.property(liquid, fc.constantFrom<Escape>('plain', 'line', 'html'), vars, (text, target, values) => {
        const json = JSON.parse(JSON.stringify(values))
        const quick = attempt(() => renderParsed(engines[target], shortened[target](text), json, reader))
        expect(quick).toBe(both(text, target, json).slow)
      }),
      { numRuns: 1_500 },
    )
    // And it is not Liquid's own output that was compared with itself.
    expect(shortened.plain('{{ a }}')[0]?.constructor.name).toBe('Object')
    expect(engines.plain.parse('{{ a }}')[0]?.constructor.name).toBe('Output')
  })

  it.each([
    '{{ a | upcase }}',
    '{{ a.size }}',
    '{{- a }}',
    '{% assign x = 1 %}{{ x }}',
    '{% for i in (1..3) %}x{% endfor %}',
    '{% for i in a %}{% for j in a %}x{% endfor %}{% endfor %}',
    '{% for i in a limit:2 %}x{% endfor %}',
    '{% for i in a %}{{ forloop.index }}{% endfor %}',
    '{% if a and b %}x{% endif %}',
    '{{ a["b"] }}',
    '{{ nil }}',
    '{{ a.constructor }}',
    '{{ a',
    '{% if a %}x',
    '{% endif %}',
    '{% else %}',
  ])('leaves %s to Liquid', (liquid) => {
    expect(compileFast(template(liquid, 'plain'))).toBeNull()
  })

  it('takes the loops, conditions and filters that messages are made of', () => {
    const liquid =
      "{% if a == 'x' %}{{ a | default: 'y' }}{% else %}{% for i in l %}{{ i.n }}{% endfor %}{% endif %}"
    expect(both(liquid, 'html', { a: 'z', l: [{ n: '<1>' }, { n: 2 }] })).toEqual({
      fast: '=&lt;1&gt;2',
      slow: '=&lt;1&gt;2',
    })
  })

  it('gives lists that are none, or very long, to Liquid', () => {
    const liquid = '{% for i in l %}x{% endfor %}'
    expect(both(liquid, 'plain', { l: 'text' }).fast).toBe('needs liquid')
    expect(both(liquid, 'plain', { l: Array.from({ length: 1_001 }, () => 1) }).fast).toBe('needs liquid')
  })
})
