import type { Content } from '../domain/message.ts'
import type { CompiledTemplate } from '../domain/template/template.ts'
import type { TemplateVars } from '../domain/template/variables.ts'
import type { Clock, Millis } from '../domain/time.ts'
import { assemble } from './assemble.ts'
import { compileFast, type FastTemplate, NeedsLiquid, renderFast } from './fast.ts'
import type { Reader } from './format.ts'
import { Lanes } from './lanes.ts'

export interface RenderJob {
  /** Names this compiled template for good (id + version + locale + channel, or a hash): caches go by it. */
  readonly key: string
  readonly template: CompiledTemplate
  /** Plain JSON. */
  readonly vars: TemplateVars
  /** IANA zone of the receiver, for dates. */
  readonly timeZone: string
  /** See `Reader`. */
  readonly tellZone?: boolean
}

/**
 * `timeout`: had to be stopped, twice. `refused`: stopped too often lately, not tried for ten minutes. `error`:
 * the template cannot be rendered with these values, or it grew past the size limit.
 */
export type RenderResult =
  | { readonly ok: Content }
  | { readonly failed: 'timeout' | 'refused' | 'error'; readonly detail: string }

export interface RendererOptions {
  readonly clock: Clock
  /** Worker threads at most; they start on demand and stop when idle. Default 1. */
  readonly workers?: number
  /** A single message may take this long to render. Default 250 ms. */
  readonly killAfter?: Millis
  /** Liquid's own, cooperative limit; default 80 % of `killAfter`. Cheaper than a kill, and no guarantee. */
  readonly renderLimit?: Millis
  /** A worker without work ends after this. Default 60 s. */
  readonly stopAfterIdle?: Millis
  /** Default true: templates that only fill in names are rendered without a worker (see fast.ts). */
  readonly fast?: boolean
}

export interface Renderer {
  /** Renders a batch: results in the order of the jobs, few round trips for all. Never rejects. */
  render(jobs: readonly RenderJob[]): Promise<readonly RenderResult[]>
  /** Ends the workers; unfinished jobs come back as `error`. */
  close(): Promise<void>
}

/** Makes a renderer. No thread is started before a template needs Liquid; tenants' Liquid never runs in ours. */
export function createRenderer(options: RendererOptions): Renderer {
  const { clock, workers = 1, killAfter = 250, stopAfterIdle = 60_000, fast: fastAllowed = true } = options
  const renderLimit = options.renderLimit ?? killAfter * 0.8
  const lanes = new Lanes({ clock, workers, killAfter, renderLimit, stopAfterIdle, fast: fastAllowed })
  const fastOf = createFastCache(fastAllowed)

  async function inWorker({ key, template, vars }: RenderJob, reader: Reader): Promise<RenderResult> {
    let json: string
    try {
      json = JSON.stringify(vars)
    } catch (error) {
      return { failed: 'error', detail: `the values are not JSON: ${textOf(error)}` }
    }
    const result = await lanes.add({ key, template, vars: json, reader })
    return 'failed' in result ? result : { ok: assemble(template, result) }
  }

  return {
    async render(jobs) {
      const results = jobs.map((job) => {
        const { template, timeZone, tellZone = false } = job
        const reader = { locale: template.locale, timeZone, tellZone }
        const fast = fastOf(job)
        return (fast && renderHere(fast, job, reader)) ?? inWorker(job, reader)
      })
      lanes.flush()
      return Promise.all(results)
    },
    close: () => lanes.close(),
  }
}

/** `null`: the values turned out to need Liquid. */
function renderHere(fast: FastTemplate, { template, vars }: RenderJob, reader: Reader): RenderResult | null {
  try {
    return { ok: assemble(template, renderFast(fast, template.parts, vars, reader)) }
  } catch (error) {
    return error instanceof NeedsLiquid ? null : { failed: 'error', detail: textOf(error) }
  }
}

function textOf(error: unknown): string {
  return String(error instanceof Error ? error.message : error).slice(0, 500)
}

/** Characters of template source kept compiled: about 300 mails, 10 MB. */
const FAST_CACHE = 4_000_000

function createFastCache(enabled: boolean): (job: RenderJob) => FastTemplate | null {
  const kept = new Map<string, { readonly fast: FastTemplate | null; readonly size: number }>()
  let total = 0
  return ({ key, template }) => {
    if (!enabled) return null
    const known = kept.get(key)
    if (known) return known.fast
    const fast = compileFast(template)
    const size = 200 + template.parts.reduce((sum, part) => sum + part.liquid.length, 0)
    kept.set(key, { fast, size })
    total += size
    for (const [oldest, entry] of kept) {
      if (total <= FAST_CACHE) break
      kept.delete(oldest)
      total -= entry.size
    }
    return fast
  }
}
