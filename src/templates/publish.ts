import type { FieldProblem } from '../domain/errors.ts'
import type { CompiledTemplate, TemplateSource } from '../domain/template/template.ts'

/** Turns MJML into HTML: `createMjmlCompiler()` in mjml.ts (a worker thread that starts on demand). */
export type CompileMjml = (
  mjml: string,
) => Promise<{ readonly html: string; readonly problems: readonly string[] }>

export interface PublishContext {
  readonly compileMjml: CompileMjml
  /** The shop's mail layout; without one a `mjml` must be a whole document. */
  readonly layout?: MailLayout
}

/** The frame round every mail: `mjml` holds `<!-- content -->` and `<!-- footer -->`. */
export interface MailLayout {
  readonly mjml: string
  /** By locale (`zh-CN`, `en`), for essential mail and for the rest (which must offer `links.preferences`). */
  readonly footers: Readonly<Record<string, { readonly essential: Footer; readonly other: Footer }>>
}

export interface Footer {
  readonly text: string
  readonly mjml: string
}

export type Published = { readonly ok: CompiledTemplate } | { readonly problems: readonly FieldProblem[] }

/** Checks one variant and compiles it; every problem at once, none of them fatal to finding the others. */
export async function publishTemplate(_source: TemplateSource, _context: PublishContext): Promise<Published> {
  throw new Error('not yet')
}
