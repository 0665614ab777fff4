import type { TemplatePart } from '../domain/template/template.ts'
import type { Reader } from './format.ts'

/** Handed to the worker at its start. */
export interface WorkerStart {
  /** One Int32: the number of the job being rendered, or IDLE. The watchdog reads it while the worker is stuck. */
  readonly progress: SharedArrayBuffer
  readonly renderLimit: number
  /** Whether parts may be rendered without Liquid. */
  readonly fast: boolean
}

export const IDLE = -1

/** A batch: jobs are numbered `first`, `first + 1`, … Templates travel once and are known by number after that. */
export interface WorkerBatch {
  readonly first: number
  readonly learn: readonly (readonly [number, readonly TemplatePart[]])[]
  readonly forget: readonly number[]
  readonly jobs: readonly WorkerJob[]
}

export interface WorkerJob {
  readonly template: number
  /** JSON: cheaper to pass than a structured clone of the same object, and it cannot hold functions. */
  readonly vars: string
  readonly reader: Reader
}

/** The parts in order, or why not. */
export type Rendered = readonly string[] | { readonly failed: 'timeout' | 'error'; readonly detail: string }

export interface WorkerAnswer {
  readonly first: number
  readonly results: readonly Rendered[]
}
