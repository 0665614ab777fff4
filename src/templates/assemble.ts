import type { Content } from '../domain/message.ts'
import type { CompiledTemplate } from '../domain/template/template.ts'
import { oneLine } from './output.ts'

/** The message made of a template's rendered parts (in the order of `template.parts`). */
export function assemble(template: CompiledTemplate, rendered: readonly string[]): Content {
  const part = (at: string) => rendered[template.parts.findIndex((each) => each.at === at)] ?? ''
  switch (template.channel) {
    case 'email':
      return {
        kind: 'email',
        subject: oneLine(part('subject')).trim(),
        text: part('text'),
        html: part('html'),
      }
    case 'sms':
      return { kind: 'sms', text: part('text').trim() }
    case 'inbox': {
      const link = part('link').trim()
      return {
        kind: 'inbox',
        title: oneLine(part('title')).trim(),
        text: part('text').trim(),
        link: /^https?:\/\//i.test(link) ? link : null,
      }
    }
    case 'webhook': {
      const filled = new Map(template.parts.map((each, at) => [each.at, rendered[at] ?? '']))
      return {
        kind: 'webhook',
        type: template.type ?? '',
        body: fill(template.body ?? {}, '', filled) as Record<string, unknown>,
      }
    }
  }
}

/** Puts rendered strings where their JSON pointers point; the structure stays the template's own. */
function fill(value: unknown, at: string, filled: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return filled.get(at) ?? value
  if (Array.isArray(value)) return value.map((each, index) => fill(each, `${at}/${index}`, filled))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, fill(each, pointer(at, name), filled)]),
  )
}

/** RFC 6901 §3: one step down. */
export function pointer(at: string, name: string): string {
  return `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
}
