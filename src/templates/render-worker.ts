import { parentPort, workerData } from 'node:worker_threads'
import type { Liquid, Template } from 'liquidjs'
import type { Escape, TemplatePart } from '../domain/template/template.ts'
import { createEngine, renderParsed } from './engine.ts'
import {
  IDLE,
  type Rendered,
  type WorkerAnswer,
  type WorkerBatch,
  type WorkerJob,
  type WorkerStart,
} from './worker-protocol.ts'

// The thread in which tenants' Liquid runs. It may be killed at any instruction: it owns nothing but caches.

interface Parsed {
  readonly engine: Liquid
  readonly templates: Template[]
}

const start = workerData as WorkerStart
const progress = new Int32Array(start.progress)
const limits = { renderLimit: start.renderLimit }
const engines: Readonly<Record<Escape, Liquid>> = {
  plain: createEngine('plain', limits),
  line: createEngine('line', limits),
  html: createEngine('html', limits),
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
    return parse(job.template).map((part) => renderParsed(part.engine, part.templates, vars, job.reader))
  } catch (error) {
    const detail = String(error instanceof Error ? error.message : error).slice(0, 500)
    return { failed: detail.includes('render limit exceeded') ? 'timeout' : 'error', detail }
  }
}

function parse(id: number): readonly Parsed[] {
  const known = parsed.get(id)
  if (known) return known
  const made = sources.get(id)!.map((part) => {
    const engine = engines[part.escape]
    return { engine, templates: engine.parse(part.liquid) }
  })
  parsed.set(id, made)
  return made
}
