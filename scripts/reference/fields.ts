import * as z from 'zod'
import { code, table } from './page.ts'

interface Schema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly required?: readonly string[]
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly maxItems?: number
  readonly format?: string
  readonly pattern?: string
  readonly description?: string
  readonly $ref?: string
}

/** A table of what a schema accepts, one row a field; fields of fields as `order.total.minor`. */
export function fieldTable(schema: z.ZodType, secrets: readonly string[] = []): string {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema
  const rows = fieldsOf(root, '')
  if (rows.length === 0) return 'Nothing to set.'
  const marked = rows.map(([name = '', type = '', need = '', note = '']) => [
    code(name),
    type,
    [need, secrets.includes(name.split(/[.[]/)[0]!) ? 'secret' : ''].filter(Boolean).join(', '),
    note,
  ])
  return table(['field', 'type', '', 'default'], marked)
}

function fieldsOf({ properties = {}, required = [] }: Schema, above: string): string[][] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const at = above === '' ? name : `${above}.${name}`
    const inner = field.type === 'array' && field.items?.properties ? field.items : field
    const below = inner.properties ? fieldsOf(inner, field.type === 'array' ? `${at}[]` : at) : []
    const need = required.includes(name) && field.default === undefined ? 'required' : ''
    if (below.length > 0 && need === '') return below
    const value = field.default === undefined ? '' : code(JSON.stringify(field.default))
    return [[at, typeOf(field), need, value], ...below]
  })
}

function typeOf(field: Schema): string {
  const one = field.anyOf ?? field.oneOf
  if (one) return [...new Set(one.map(typeOf))].join(' or ')
  if (field.const !== undefined) return code(JSON.stringify(field.const))
  if (field.enum) return field.enum.map((each) => code(JSON.stringify(each))).join(', ')
  switch (field.type) {
    case 'array':
      return `${field.maxItems === undefined ? 'list' : `list of at most ${field.maxItems}`}: ${field.items ? typeOf(field.items) : 'anything'}`
    case 'object':
      return field.properties ? `object (${Object.keys(field.properties).map(code).join(', ')})` : 'object'
    case 'string':
      return textType(field)
    case 'integer':
    case 'number':
      return numberType(field)
    default:
      return typeof field.type === 'string' ? field.type : 'anything'
  }
}

function textType({ format, pattern, maxLength }: Schema): string {
  const size = maxLength === undefined ? '' : `, at most ${maxLength} characters`
  if (format !== undefined) return `${format}${size}`
  return pattern === undefined || pattern.length > 60 ? `text${size}` : `text like ${code(pattern)}`
}

function numberType({ type, minimum, maximum }: Schema): string {
  const name = type === 'integer' ? 'whole number' : 'number'
  const high = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined
  const low = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined
  if (low !== undefined && high !== undefined) return `${name}, ${low} to ${high}`
  return low === undefined ? name : `${name}, ${low} or more`
}
