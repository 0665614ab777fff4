import type { Clock, Millis } from '../domain/time.ts'
import { Lane, type LaneTask } from './lane.ts'
import { createPoisonList, type PoisonList } from './poison.ts'
import type { Rendered } from './worker-protocol.ts'

export interface LanesOptions {
  readonly clock: Clock
  readonly workers: number
  readonly killAfter: Millis
  readonly renderLimit: Millis
  readonly stopAfterIdle: Millis
  readonly fast: boolean
}

/** A worker's answer, or `refused`: stopped too often lately. */
export type LaneResult = Rendered | { readonly failed: 'refused'; readonly detail: string }

interface Task extends LaneTask {
  readonly settle: (result: LaneResult) => void
  kills: number
  losses: number
}

/** Jobs in one message to a worker: large enough to spread the hop, small enough that a kill loses little. */
const CHUNK = 64
/** A job that lost its worker this often without being the culprit meets a broken machine. */
const MAX_LOSSES = 20

/**
 * The queue in front of the worker threads. A job that holds its worker too long costs that worker its life;
 * the jobs behind it go to a fresh one, and it is tried once more after them (the machine may have been busy)
 * before it counts as `timeout`.
 */
export class Lanes {
  readonly #options: LanesOptions
  readonly #poison: PoisonList
  readonly #lanes = new Set<Lane<Task>>()
  #queue: Task[] = []
  /** Killed once. They travel alone and last, so that nothing shares their second fate. */
  #suspects: Task[] = []
  #closed = false
  #stopIdle: (() => void) | null = null

  constructor(options: LanesOptions) {
    this.#options = options
    this.#poison = createPoisonList(options.clock)
  }

  /** Queues a job; nothing is sent before `flush`, so that a batch travels together. */
  add(job: LaneTask): Promise<LaneResult> {
    if (this.#closed) return Promise.resolve({ failed: 'error', detail: 'the renderer is closed' })
    const { promise, resolve } = Promise.withResolvers<LaneResult>()
    this.#queue.push({ ...job, settle: resolve, kills: 0, losses: 0 })
    return promise
  }

  /** Sends what is queued as far as workers are free; starts them as needed. */
  flush(): void {
    this.#stopIdle?.()
    this.#stopIdle = null
    while (!this.#closed && this.#queue.length + this.#suspects.length > 0) {
      const lane = this.#freeLane()
      if (lane === null || (this.#queue.length === 0 && lane.load > 0)) return
      const chunk = this.#takeChunk()
      if (chunk.length > 0) lane.send(chunk)
    }
    if (this.#lanes.size > 0 && [...this.#lanes].every((lane) => lane.load === 0)) {
      this.#stopIdle = this.#options.clock.after(this.#options.stopAfterIdle, () => void this.#stop())
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#stopIdle?.()
    const left = [...this.#queue, ...this.#suspects, ...(await this.#stop())]
    this.#queue = []
    this.#suspects = []
    for (const task of left) task.settle({ failed: 'error', detail: 'the renderer was closed' })
  }

  /** One load is being rendered while the next is on its way, so a worker never waits for us. */
  #freeLane(): Lane<Task> | null {
    const lanes = [...this.#lanes].sort((a, b) => a.load - b.load)
    const [idlest] = lanes
    if (idlest && idlest.load <= CHUNK) return idlest
    return lanes.length < this.#options.workers ? this.#open() : null
  }

  #open(): Lane<Task> {
    const lane = new Lane<Task>({
      ...this.#options,
      onDone: (done) => {
        for (const [task, rendered] of done) this.#finish(task, rendered)
        this.flush()
      },
      onLost: (waiting, culprit, why) => {
        this.#lanes.delete(lane)
        for (const task of waiting) task.losses++
        this.#queue = [...waiting, ...this.#queue]
        if (culprit) this.#finish(culprit, { failed: 'timeout', detail: why })
        this.flush()
      },
    })
    this.#lanes.add(lane)
    return lane
  }

  #finish(task: Task, rendered: Rendered): void {
    if (!('failed' in rendered) || rendered.failed === 'error') {
      task.settle(rendered)
      return
    }
    this.#poison.strike(task.key)
    task.kills++
    if (task.kills === 1 && !this.#closed) this.#suspects.push(task)
    else task.settle(rendered)
  }

  #takeChunk(): readonly Task[] {
    const taken = this.#queue.length > 0 ? this.#queue.slice(0, CHUNK) : this.#suspects.splice(0, 1)
    this.#queue = this.#queue.slice(CHUNK)
    return taken.filter((task) => {
      const refused = this.#poison.isRefused(task.key)
      if (refused) task.settle({ failed: 'refused', detail: refusal(task.key) })
      const lost = !refused && task.losses > MAX_LOSSES
      if (lost) task.settle({ failed: 'error', detail: 'the render worker keeps ending' })
      return !refused && !lost
    })
  }

  async #stop(): Promise<readonly Task[]> {
    const open = [...this.#lanes]
    this.#lanes.clear()
    return (await Promise.all(open.map((lane) => lane.close()))).flat()
  }
}

function refusal(key: string): string {
  return `template ${key} had to be stopped several times; it is tried again after ten minutes`
}
