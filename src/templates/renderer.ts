import type { Content } from '../domain/message.ts'
import type { CompiledTemplate } from '../domain/template/template.ts'
import type { TemplateVars } from '../domain/template/variables.ts'
import type { Clock, Millis } from '../domain/time.ts'

export interface RenderJob {
  /** Names this compiled template for good (id + version + locale + channel): caches go by it. */
  readonly key: string
  readonly template: CompiledTemplate
  readonly vars: TemplateVars
  /** IANA zone of the receiver, for dates. */
  readonly timeZone: string
}

/**
 * `timeout`: killed while rendering. `refused`: killed too often lately, not tried. `error`: the template
 * cannot be rendered with these values, or it grew past the size limit.
 */
export type RenderResult =
  | { readonly ok: Content }
  | { readonly failed: 'timeout' | 'refused' | 'error'; readonly detail: string }

export interface RendererOptions {
  readonly clock: Clock
  /** Worker threads at most; they start on demand and stop when idle. Default 1. */
  readonly workers?: number
  /** A single template may take this long. Default 250 ms. */
  readonly killAfter?: Millis
  /** A worker without work ends after this. Default 60 s. */
  readonly stopAfterIdle?: Millis
}

export interface Renderer {
  /** Renders a batch: results in the order of the jobs, one round trip for all. Never rejects. */
  render(jobs: readonly RenderJob[]): Promise<readonly RenderResult[]>
  close(): Promise<void>
}

/** Makes a renderer. Nothing is started before the first job needs it. */
export function createRenderer(_options: RendererOptions): Renderer {
  throw new Error('not yet')
}
