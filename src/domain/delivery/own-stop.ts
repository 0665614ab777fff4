/** Why a message got no words: its template cannot be found or rendered, or what it reads cannot be opened. */
export const WORDLESS = [
  'template_missing',
  'unreadable',
  'render_timeout',
  'render_refused',
  'render_error',
] as const
export type Wordless = (typeof WORDLESS)[number]

/** Codes by which we end a message just before it is handed over. The provider has never seen it. */
export type OwnStop = Wordless | `law:${string}`

/** Whether a message that failed with this code was ended by us and not by a provider. */
export const isOwnStop = (code: string | null): code is OwnStop =>
  code !== null && (code.startsWith('law:') || (WORDLESS as readonly string[]).includes(code))

/** The law rule that a finished text broke; `null`: it was not the law. */
export const brokenRuleOf = (code: OwnStop): string | null =>
  code.startsWith('law:') ? code.slice('law:'.length) : null
