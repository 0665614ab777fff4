import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { KeptEvent } from '../../src/db/intake.ts'
import type { SourceEvent } from '../../src/domain/event.ts'
import type { Millis } from '../../src/domain/time.ts'
import type { Sender } from '../../src/pipeline/intake.ts'
import type { FromWorker, ToWorker, WorkerStart } from './worker-protocol.ts'

/** Several worker processes on one database, to be killed, frozen and set off the right time. */
export interface Fleet {
  readonly size: number
  /** Kills and freezes so far. */
  readonly counts: { kills: number; freezes: number }
  /** Sends events as a patient outside system does: again, to any process, until they are acknowledged. */
  give(sender: Sender, events: readonly SourceEvent[]): Promise<readonly KeptEvent[]>
  /** Sends events to one process, once. */
  giveTo(at: number, sender: Sender, events: readonly SourceEvent[]): Promise<readonly KeptEvent[]>
  /** How many messages each process has in hand; 0 for those that do not answer. */
  held(): Promise<readonly number[]>
  /** kill -9; resolves when it is gone. */
  kill(at: number): Promise<void>
  /** Starts the process in this place, with other settings if given; resolves when it works. */
  start(at: number, changes?: Partial<WorkerStart>): Promise<void>
  /** SIGSTOP: it keeps its connections and claims, and does nothing. */
  freeze(at: number): void
  thaw(at: number): void
  /** Sets one process's clock, or everybody's. */
  setClock(offset: Millis, at?: number): void
  /** Another process in this place, with other settings: part of the scenery, not of the faults. */
  replace(at: number, changes?: Partial<WorkerStart>): Promise<void>
  stop(): Promise<void>
}

interface Member {
  child: ChildProcess | null
  readonly asked: Map<number, (answer: FromWorker | null) => void>
  frozen: boolean
}

/** How long an outside system waits for its 2xx before it tries again. */
const SENDER_PATIENCE = 1_000
const SCRIPT = fileURLToPath(new URL('worker-process.ts', import.meta.url))

export async function startFleet(size: number, settings: WorkerStart): Promise<Fleet> {
  const members: Member[] = Array.from({ length: size }, () => ({
    child: null,
    asked: new Map(),
    frozen: false,
  }))
  const counts = { kills: 0, freezes: 0 }
  let offset = settings.offset
  let asked = 0
  let turn = 0

  async function start(at: number, changes: Partial<WorkerStart> = {}): Promise<void> {
    const member = members[at]!
    const given: WorkerStart = { ...settings, offset, ...changes }
    const child = fork(SCRIPT, [JSON.stringify(given)], {
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      // Seven of ten starts of a process here are reading the same sources.
      env: { NODE_COMPILE_CACHE: path.join(tmpdir(), 'dingdong-test-compile-cache'), ...process.env },
    })
    member.child = child
    member.frozen = false
    child.once('exit', () => {
      if (member.child === child) member.child = null
      for (const answer of [...member.asked.values()]) answer(null)
    })
    await new Promise<void>((resolve, reject) => {
      child.once('exit', (code, signal) =>
        signal === 'SIGKILL'
          ? resolve()
          : reject(new Error(`a worker ended with ${code ?? signal} before it was ready`)),
      )
      child.on('message', (message: FromWorker) => {
        if (message.kind === 'ready') resolve()
        else member.asked.get(message.n)?.(message)
      })
    })
  }

  function ask(at: number, question: (n: number) => ToWorker): Promise<FromWorker | null> {
    const member = members[at]!
    const n = asked++
    return new Promise((resolve) => {
      const answer = (message: FromWorker | null) => {
        clearTimeout(timer)
        member.asked.delete(n)
        resolve(message)
      }
      const timer = setTimeout(answer, SENDER_PATIENCE, null)
      member.asked.set(n, answer)
      if (member.child?.connected) member.child.send(question(n), (error) => error && answer(null))
      else answer(null)
    })
  }

  const keep = (at: number, sender: Sender, events: readonly SourceEvent[]) =>
    ask(at, (n) => ({ kind: 'keep', n, sender, events }))

  async function remove(at: number): Promise<void> {
    const { child } = members[at]!
    if (!child) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  async function end(at: number): Promise<void> {
    const { child } = members[at]!
    if (!child) return
    child.kill('SIGCONT')
    const exit = once(child, 'exit')
    if (child.connected) child.send({ kind: 'stop' } satisfies ToWorker)
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
    await exit
    clearTimeout(timer)
  }

  await Promise.all(members.map((_, at) => start(at)))
  return {
    size,
    counts,
    async giveTo(at, sender, events) {
      const answer = await keep(at, sender, events)
      if (answer?.kind === 'kept') return answer.kept
      throw new Error(`not acknowledged: ${answer === null ? 'no answer' : JSON.stringify(answer)}`)
    },
    async give(sender, events) {
      for (;;) {
        const living = members.flatMap(({ child, frozen }, at) => (child?.connected && !frozen ? [at] : []))
        const answer =
          living.length === 0 ? null : await keep(living[turn++ % living.length]!, sender, events)
        if (answer?.kind === 'kept') return answer.kept
        // Before it tries again an outside system waits a little; a timer is what it has.
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    },
    held: () =>
      Promise.all(
        members.map(async ({ frozen }, at) => {
          const answer = frozen ? null : await ask(at, (n) => ({ kind: 'held', n }))
          return answer?.kind === 'held' ? answer.count : 0
        }),
      ),
    async kill(at) {
      counts.kills++
      await remove(at)
    },
    start,
    async replace(at, changes) {
      await remove(at)
      await start(at, changes)
    },
    freeze(at) {
      counts.freezes++
      members[at]!.frozen = true
      members[at]!.child?.kill('SIGSTOP')
    },
    thaw(at) {
      members[at]!.child?.kill('SIGCONT')
      members[at]!.frozen = false
    },
    setClock(next, at) {
      if (at === undefined) offset = next
      const message: ToWorker = { kind: 'clock', offset: next }
      for (const { child } of at === undefined ? members : [members[at]!]) child?.send(message)
    },
    async stop() {
      await Promise.all(members.map((_, at) => end(at)))
    },
  }
}
