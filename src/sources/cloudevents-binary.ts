import { EXPECTED_HEADER, type ParsedEvents, type ParseOptions, readOneEvent } from './cloudevents.ts'

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/** Context attributes that are read here; extensions have no meaning. */
const ATTRIBUTES = ['specversion', 'id', 'source', 'type', 'time', 'subject'] as const
const REQUIRED = ['specversion', 'id', 'source', 'type'] as const

/**
 * Whether a request is one event in binary mode (CloudEvents 1.0 HTTP binding §3.1): attributes in `ce-…` headers, the
 * body its data alone. One required attribute is enough, so that who forgets another is told which.
 */
export const isBinary = (headers: Headers): boolean =>
  !/^\s*application\/cloudevents/i.test(String(headers['content-type'] ?? '')) &&
  REQUIRED.some((name) => headers[`ce-${name}`] !== undefined)

/** The event of such a request. What is wrong is told by the header's name. */
export function parseBinaryEvent(headers: Headers, body: Uint8Array, options: ParseOptions): ParsedEvents {
  const attributes: Record<string, string> = {}
  const unreadable: string[] = []
  for (const name of ATTRIBUTES) {
    const header = headers[`ce-${name}`]
    if (header === undefined) continue
    const value = decoded(String(header))
    if (value === null) unreadable.push(name)
    else attributes[name] = value
  }
  if (unreadable.length > 0) {
    const problem = EXPECTED_HEADER[options.language ?? 'en']
    const problems = unreadable.map((name) => ({ index: null, path: `ce-${name}`, problem }))
    return { ok: false, problems, count: 1 }
  }
  const parsed = readOneEvent(attributes, body, options)
  if (parsed.ok) return parsed
  const named = parsed.problems.map(({ path, problem }) => ({
    index: null,
    path: (ATTRIBUTES as readonly string[]).includes(path) ? `ce-${path}` : path,
    problem,
  }))
  return { ...parsed, problems: named }
}

/** §3.1.3.2: quotes of older versions taken off, then percent-decoded once; `null`: not ASCII, or no UTF-8 after it. */
function decoded(header: string): string | null {
  const quoted = /^"(.*)"$/.exec(header)?.[1]
  const text = quoted === undefined ? header : quoted.replace(/\\(.)/g, '$1')
  if (!/^[\x20-\x7e]*$/.test(text)) return null
  try {
    return decodeURIComponent(text)
  } catch {
    // URIError is how decodeURIComponent says "no UTF-8" and "a lone %".
    return null
  }
}
