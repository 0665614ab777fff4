import { Worker } from 'node:worker_threads'
import type { CompiledTemplate } from '../domain/template/template.ts'
import type { Clock, Millis } from '../domain/time.ts'
import type { Reader } from './format.ts'
import {
  IDLE,
  type Rendered,
  type WorkerAnswer,
  type WorkerBatch,
  type WorkerStart,
} from './worker-protocol.ts'

/** What a lane renders. */
export interface LaneTask {
  readonly key: string
  readonly template: CompiledTemplate
  /** JSON. */
  readonly vars: string
  readonly reader: Reader
}

export interface LaneOptions<T extends LaneTask> {
  readonly clock: Clock
  readonly killAfter: Millis
  readonly renderLimit: Millis
  readonly fast: boolean
  readonly onDone: (done: readonly (readonly [task: T, rendered: Rendered])[]) => void
  /** The worker is gone. `culprit` was being rendered; everything else only waited in line. */
  readonly onLost: (waiting: readonly T[], culprit: T | null, why: string) => void
}

/** Templates a worker keeps; beyond that the oldest is forgotten on both sides. */
const KEEP = 256
/** Starting takes 0.1 s; a machine that needs longer than this is broken. */
const BOOT_LIMIT: Millis = 15_000
/** Looks that make up `killAfter`. Counted, not timed: a machine that slept, or a clock that was set, kills nobody. */
const LOOKS = 5

/** One worker thread, what was sent to it, and a watchdog: a job that holds it longer than `killAfter` ends it. */
export class Lane<T extends LaneTask> {
  readonly #options: LaneOptions<T>
  readonly #progress: Int32Array
  readonly #worker: Worker
  readonly #waiting = new Map<number, T>()
  readonly #known = createKnown()
  #next = 0
  #gone = false
  #booted = false
  /** What the worker was at when it was last looked at, and how many looks in a row have found it there. */
  #seen: { job: number; looks: number } = { job: IDLE, looks: 0 }
  #stopWatch: (() => void) | null = null

  constructor(options: LaneOptions<T>) {
    this.#options = options
    const shared = new SharedArrayBuffer(4)
    this.#progress = new Int32Array(shared)
    Atomics.store(this.#progress, 0, IDLE)
    this.#worker = new Worker(new URL('./render-worker.ts', import.meta.url), {
      workerData: {
        progress: shared,
        renderLimit: options.renderLimit,
        fast: options.fast,
      } satisfies WorkerStart,
      // Nothing of ours leaks in, and a template that eats memory takes only this thread with it.
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 16, stackSizeMb: 2 },
    })
    this.#worker.on('message', (answer: WorkerAnswer) => this.#receive(answer))
    this.#worker.on('error', (error) => this.#lose(String(error instanceof Error ? error.message : error)))
    this.#worker.on('exit', (code) => this.#lose(`the render worker ended with code ${code}`))
  }

  /** Tasks sent and not answered. */
  get load(): number {
    return this.#waiting.size
  }

  send(tasks: readonly T[]): void {
    const batch = this.#known.batch(this.#next, tasks)
    for (const task of tasks) this.#waiting.set(this.#next++, task)
    this.#worker.ref()
    if (this.#stopWatch === null) {
      this.#seen = { job: IDLE, looks: 0 }
      this.#watchSoon()
    }
    this.#worker.postMessage(batch)
  }

  /** Ends the thread; returns what was not answered. */
  async close(): Promise<readonly T[]> {
    const left = this.#gone ? [] : [...this.#waiting.values()]
    this.#gone = true
    this.#stopWatch?.()
    await this.#worker.terminate()
    return left
  }

  #receive(answer: WorkerAnswer): void {
    if (this.#gone) return
    this.#booted = true
    const done: [T, Rendered][] = []
    for (const [at, rendered] of answer.results.entries()) {
      const task = this.#waiting.get(answer.first + at)
      this.#waiting.delete(answer.first + at)
      if (task) done.push([task, rendered])
    }
    // An idle thread must not keep a finished program alive.
    if (this.#waiting.size === 0) this.#worker.unref()
    this.#options.onDone(done)
  }

  #watchSoon(): void {
    this.#stopWatch = this.#options.clock.after(this.#options.killAfter / LOOKS, () => this.#watch())
  }

  #watch(): void {
    this.#stopWatch = null
    if (this.#gone || this.#waiting.size === 0) return
    const job = Atomics.load(this.#progress, 0)
    if (job !== this.#seen.job) this.#seen = { job, looks: 0 }
    else this.#seen.looks++
    const { killAfter } = this.#options
    const limit = job !== IDLE ? killAfter : BOOT_LIMIT
    const held = (this.#seen.looks * killAfter) / LOOKS
    // A booted worker that is idle has its next batch in the mail.
    if (held >= limit && !(job === IDLE && this.#booted)) this.#lose(`stopped after ${Math.round(held)} ms`)
    else this.#watchSoon()
  }

  #lose(why: string): void {
    if (this.#gone) return
    this.#gone = true
    this.#stopWatch?.()
    const job = Atomics.load(this.#progress, 0)
    const culprit = this.#waiting.get(job) ?? null
    this.#waiting.delete(job)
    void this.#worker.terminate()
    this.#options.onLost([...this.#waiting.values()], culprit, why)
  }
}

/** Which templates the worker has, so that each travels once. */
function createKnown() {
  const ids = new Map<string, number>()
  let nextId = 0
  return {
    batch(first: number, tasks: readonly LaneTask[]): WorkerBatch {
      const learn: [number, CompiledTemplate['parts']][] = []
      const jobs = tasks.map(({ key, template, vars, reader }) => {
        let id = ids.get(key)
        if (id === undefined) {
          id = nextId++
          ids.set(key, id)
          learn.push([id, template.parts])
        }
        return { template: id, vars, reader }
      })
      // What this batch itself needs is never forgotten: a batch is smaller than KEEP.
      const forget: number[] = []
      for (const [key, id] of ids) {
        if (ids.size <= KEEP) break
        if (tasks.some((task) => task.key === key)) continue
        ids.delete(key)
        forget.push(id)
      }
      return { first, learn, forget, jobs }
    },
  }
}
