import { parentPort, workerData } from 'node:worker_threads'
import type { Liquid, Template } from 'liquidjs'
import type { Escape, TemplatePart } from '../domain/template/template.ts'
import { createEngine, renderParsed, shortParser } from './engine.ts'
import { compilePart, type FastOp, NeedsLiquid, renderPart } from './fast.ts'
import type { Reader } from './format.ts'
import {
  IDLE,
  type Rendered,
  type WorkerAnswer,
  type WorkerBatch,
  type WorkerJob,
  type WorkerStart,
} from './worker-protocol.ts'

// The thread in which tenants' Liquid runs. It may be killed at any instruction: it owns nothing but caches.

/** A part ready to render: most subjects and texts need no Liquid even where the HTML does. */
interface Parsed {
  readonly part: TemplatePart
  readonly fast: readonly FastOp[] | null
  readonly engine: Engine
  /** Parsed when first needed. */
  templates: Template[] | null
}

const start = workerData as WorkerStart
const progress = new Int32Array(start.progress)
interface Engine {
  readonly engine: Liquid
  readonly parse: (liquid: string) => Template[]
}

const engines: Readonly<Record<Escape, Engine>> = {
  plain: engineFor('plain'),
  line: engineFor('line'),
  html: engineFor('html'),
}
function engineFor(target: Escape): Engine {
  const engine = createEngine(target, { renderLimit: start.renderLimit })
  const parse = start.fast ? shortParser(engine, target) : (liquid: string) => engine.parse(liquid)
  return { engine, parse }
}

const sources = new Map<number, readonly TemplatePart[]>()
const parsed = new Map<number, readonly Parsed[]>()

parentPort!.on('message', (batch: WorkerBatch) => {
  for (const id of batch.forget) {
    sources.delete(id)
    parsed.delete(id)
  }
  for (const [id, parts] of batch.learn) sources.set(id, parts)
  const results = batch.jobs.map((job, at) => {
    Atomics.store(progress, 0, batch.first + at)
    return renderJob(job)
  })
  Atomics.store(progress, 0, IDLE)
  parentPort!.postMessage({ first: batch.first, results } satisfies WorkerAnswer)
})

function renderJob(job: WorkerJob): Rendered {
  try {
    const vars = JSON.parse(job.vars) as object
    return parse(job.template).map((part) => renderOne(part, vars, job.reader))
  } catch (error) {
    const detail = String(error instanceof Error ? error.message : error).slice(0, 500)
    return { failed: detail.includes('render limit exceeded') ? 'timeout' : 'error', detail }
  }
}

function renderOne(parsed: Parsed, vars: object, reader: Reader): string {
  if (parsed.fast) {
    try {
      return renderPart(parsed.fast, parsed.part, vars, reader)
    } catch (error) {
      if (!(error instanceof NeedsLiquid)) throw error
    }
  }
  parsed.templates ??= parsed.engine.parse(parsed.part.liquid)
  return renderParsed(parsed.engine.engine, parsed.templates, vars, reader)
}

function parse(id: number): readonly Parsed[] {
  const known = parsed.get(id)
  if (known) return known
  const made = sources.get(id)!.map((part) => ({
    part,
    fast: start.fast ? compilePart(part) : null,
    engine: engines[part.escape],
    templates: null,
  }))
  parsed.set(id, made)
  return made
}
