import type * as z from 'zod'

type Json = z.core.util.JSONType

const PLACEHOLDER = /\{\{\s*([\w.]+)\s*\}\}/g

/**
 * `template` with each `{{name}}` replaced by `encode(values[name])`, in one pass: a value that itself contains
 * `{{…}}` stays as it is. Unknown names were refused when the template was saved.
 */
export function fill(
  template: string,
  values: Readonly<Record<string, string>>,
  encode: (value: string) => string = (value) => value,
): string {
  return template.replace(PLACEHOLDER, (_, name: string) => encode(values[name] ?? ''))
}

/** The same in every string of a JSON value; keys stay. Values cannot break out: JSON is made after filling. */
export function fillJson(template: Json, values: Readonly<Record<string, string>>): Json {
  if (typeof template === 'string') return fill(template, values)
  if (Array.isArray(template)) return template.map((item) => fillJson(item, values))
  if (template === null || typeof template !== 'object') return template
  return Object.fromEntries(Object.entries(template).map(([key, item]) => [key, fillJson(item, values)]))
}

/** The names a template uses, in any string of it. */
export function placeholders(template: Json): string[] {
  if (typeof template === 'string') return [...template.matchAll(PLACEHOLDER)].map((match) => match[1]!)
  if (Array.isArray(template)) return template.flatMap(placeholders)
  if (template === null || typeof template !== 'object') return []
  return Object.values(template).flatMap(placeholders)
}
