import { Context, Liquid, type Template, toValueSync } from 'liquidjs'
import { TAG_NAMES } from '../domain/template/tags.ts'
import type { Escape } from '../domain/template/template.ts'
import { evaluate, readOutput } from './fast.ts'
import {
  type Reader,
  writeColour,
  writeDate,
  writeInk,
  writeMoney,
  writeNumber,
  writePlural,
} from './format.ts'
import { escapeText, MAX_OUTPUT, OutputTooLong, valueText } from './output.ts'

/** A template part (or the whole of a mail's HTML) may be this long. */
export const MAX_SOURCE = 200_000

/** Liquid that cannot reach files, unescape a value or build patterns. Everything else is not registered. */
const FILTERS = new Set(
  `abs append at_least at_most capitalize ceil default divided_by downcase first floor join last minus modulo
  number_of_words plus prepend remove replace replace_first reverse round rstrip lstrip size slice sort split
  strip times truncate truncatewords uniq upcase url_encode where map`.split(/\s+/),
)
const TAGS = new Set<string>(TAG_NAMES)

export const FILTER_NAMES: readonly string[] = [
  ...FILTERS,
  'money',
  'date',
  'number',
  'plural',
  'colour',
  'ink',
].sort()

/** Cooperative limits: cheap and usually first. They are not a sandbox; the worker's kill is what holds. */
export interface EngineLimits {
  /** Per part, in ms. */
  readonly renderLimit: number
}

/** One Liquid per kind of output, because the escape is the engine's. */
export function createEngine(target: Escape, limits: EngineLimits): Liquid {
  const engine = new Liquid({
    ownPropertyOnly: true,
    strictFilters: true,
    strictVariables: false,
    dynamicPartials: false,
    relativeReference: false,
    locale: 'en-US',
    parseLimit: MAX_SOURCE,
    renderLimit: limits.renderLimit,
    memoryLimit: 2_000_000,
    outputEscape(value: unknown) {
      return escapeText(valueText(value, readerOf(this as unknown as FilterThis)), target)
    },
  })
  for (const name of Object.keys(engine.filters)) if (!FILTERS.has(name)) delete engine.filters[name]
  for (const name of Object.keys(engine.tags)) if (!TAGS.has(name)) delete engine.tags[name]
  engine.registerFilter('colour', writeColour)
  engine.registerFilter('ink', writeInk)
  engine.registerFilter('money', function (value: unknown) {
    return writeMoney(value, readerOf(this).locale)
  })
  engine.registerFilter('date', function (value: unknown, style: unknown = 'short') {
    return writeDate(value, String(style), readerOf(this))
  })
  engine.registerFilter('number', function (value: unknown) {
    return typeof value === 'number' ? writeNumber(value, readerOf(this).locale) : ''
  })
  engine.registerFilter('plural', function (value: unknown, ...forms: unknown[]) {
    const named = Object.fromEntries(forms.filter(Array.isArray).map(([name, form]) => [name, String(form)]))
    return writePlural(value, named, readerOf(this).locale)
  })
  return engine
}

interface FilterThis {
  readonly context: Context
}

function readerOf(filter: FilterThis): Reader {
  return filter.context.getRegister('reader') as unknown as Reader
}

/**
 * A parser whose plain `{{ name }}` outputs are written directly instead of through Liquid's generators: the
 * same text (property-tested), more messages a second. Not for analysis: Liquid cannot see into them.
 */
export function shortParser(engine: Liquid, target: Escape): (liquid: string) => Template[] {
  const Parser = engine.parser.constructor as new (engine: Liquid) => ParserLike
  return (liquid) => {
    // A new one each time, as `engine.parse` does: the limit on length counts up over a parser's life.
    const parser = new Parser(engine)
    const parseToken = parser.parseToken.bind(parser)
    // Tags parse their insides with the parser that made them: with this one.
    parser.parseToken = (token, rest) => shortOutput(token, target) ?? parseToken(token, rest)
    return parser.parse(liquid)
  }
}

function shortOutput(token: OutputLike, target: Escape): object | null {
  const inside = /^\{\{([^-{}][^{}]*)\}\}$/.exec(token.input.slice(token.begin, token.end))?.[1]?.trim()
  const output = inside === undefined ? null : readOutput(inside)
  if (output === null) return null
  return {
    token,
    render(context: ContextLike, emitter: { write(text: string): void }) {
      const reader = context.getRegister('reader')
      const value = evaluate(output, context.findScope(output.path[0]!), reader)
      emitter.write(escapeText(valueText(value, reader), target))
    },
  }
}

interface ParserLike {
  parse(liquid: string): Template[]
  parseToken(token: OutputLike, rest: unknown): unknown
}

/** What liquidjs declares private and has had since version 1. */
interface ContextLike {
  findScope(name: string): object
  getRegister(name: string): Reader
}

interface OutputLike {
  readonly input: string
  readonly begin: number
  readonly end: number
}

/** Renders a parsed part. Throws what the template deserves: OutputTooLong, Liquid's own errors. */
export function renderParsed(
  engine: Liquid,
  parsed: Template[],
  vars: object,
  reader: Reader,
  maxOutput = MAX_OUTPUT,
): string {
  const context = new Context(vars, engine.options, { sync: true })
  context.setRegister('reader', reader as unknown as undefined)
  const emitter = {
    buffer: '',
    write(piece: unknown) {
      this.buffer += String(piece)
      if (this.buffer.length > maxOutput) throw new OutputTooLong()
    },
  }
  toValueSync(engine.renderer.renderTemplates(parsed, context, emitter as never))
  return emitter.buffer
}
