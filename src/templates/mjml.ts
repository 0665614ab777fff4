import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { replaceMarks } from '../domain/template/marks.ts'
import type { Clock, Millis } from '../domain/time.ts'
import type { MjmlAnswer, MjmlProblem, MjmlRequest } from './mjml-process.ts'

/** Turns MJML into HTML; Liquid in it comes out unchanged. Never rejects: what is wrong is in `problems`. */
export type CompileMjml = (mjml: string) => Promise<CompiledMjml>

export interface CompiledMjml {
  readonly html: string
  /** `line`: of the document that was given, from 1. */
  readonly problems: readonly MjmlProblem[]
}

export interface MjmlCompiler {
  readonly compile: CompileMjml
  close(): Promise<void>
}

/** Half a second of loading plus the longest sensible mail on a busy machine. */
const LIMIT: Millis = 20_000

/**
 * A compiler that works in a process of its own, started by the first request and ended `stopAfterIdle` after
 * the last, because MJML holds 100 MB.
 */
export function createMjmlCompiler(clock: Clock, stopAfterIdle: Millis = 5_000): MjmlCompiler {
  const waiting = new Map<number, (answer: CompiledMjml) => void>()
  let child: ChildProcess | null = null
  let nextId = 0
  let stopIdle: (() => void) | null = null
  let stopLimit: (() => void) | null = null

  /** The limit is one document's: while others stand before it in the queue, its time does not run. */
  function limitNext(): void {
    stopLimit?.()
    stopLimit =
      waiting.size === 0
        ? null
        : clock.after(LIMIT, () => end('it took longer than 20 seconds; make it smaller'))
  }

  function end(problem: string): void {
    stopIdle?.()
    stopLimit?.()
    child?.kill('SIGKILL')
    child = null
    const left = [...waiting.values()]
    waiting.clear()
    for (const settle of left) settle({ html: '', problems: [{ line: null, tag: null, message: problem }] })
  }

  function answered({ id, html, problems }: MjmlAnswer): void {
    waiting.get(id)?.({ html, problems })
    waiting.delete(id)
    limitNext()
    if (waiting.size === 0) stopIdle = clock.after(stopAfterIdle, () => end('idle'))
  }

  return {
    async compile(mjml) {
      stopIdle?.()
      child ??= startChild(answered, (ended, why) => ended === child && end(why))
      const guarded = protectLiquid(mjml)
      const { promise, resolve } = Promise.withResolvers<CompiledMjml>()
      const id = nextId++
      waiting.set(id, resolve)
      child.send({ id, mjml: guarded.text } satisfies MjmlRequest)
      if (waiting.size === 1) limitNext()
      const { html, problems } = await promise
      return {
        html: guarded.restore(squeeze(html)),
        problems: problems.filter(({ message }) => !guarded.mentions(message)).map(guarded.placed),
      }
    },
    async close() {
      end('the compiler was closed')
    },
  }
}

function startChild(
  answered: (answer: MjmlAnswer) => void,
  ended: (child: ChildProcess, why: string) => void,
): ChildProcess {
  // No environment: nothing of ours (keys, addresses) reaches a tenant's document.
  const child = fork(fileURLToPath(new URL('./mjml-process.ts', import.meta.url)), [], {
    env: {},
    execArgv: ['--max-old-space-size=256'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  // The process must not keep a finished program alive; a pending answer is held by its time limit.
  child.unref()
  child.channel?.unref()
  child.on('message', answered)
  child.on('error', (error) => ended(child, `the MJML process could not be started: ${error.message}`))
  child.on('exit', (code) => ended(child, `the MJML process ended with code ${code}`))
  return child
}

/**
 * MJML parses, re-orders and validates attributes and CSS; Liquid inside would be damaged or refused
 * (`color="{{ shop.colour }}"` is no colour). So it travels as a word that MJML has no opinion about.
 */
function protectLiquid(mjml: string) {
  const kept: string[] = []
  const mark = unheardOf(mjml)
  const text = replaceMarks(mjml, (liquid) => {
    kept.push(liquid)
    return `${mark}${kept.length - 1}z`
  })
  const marks = new RegExp(`${mark}(\\d+)z`, 'g')
  return {
    text,
    restore: (html: string) => html.replace(marks, (_, at: string) => kept[Number(at)]!),
    mentions: (problem: string) => problem.search(marks) >= 0,
    placed: (problem: MjmlProblem): MjmlProblem => {
      if (problem.line === null) return problem
      const lines = text.split('\n')
      const before = lines.slice(0, problem.line - 1).join('\n')
      // A mark takes the place of Liquid that may be several lines long, also before the tag on its own line.
      const [beside] = (lines[problem.line - 1] ?? '').split(`<${problem.tag}`) as [string]
      const marked = [...before.matchAll(marks), ...beside.matchAll(marks)]
      const left = marked.map(([, at]) => breaksIn(kept[Number(at)]!))
      return { ...problem, line: left.reduce((sum, each) => sum + each, problem.line) }
    },
  }
}

/** A word that the text does not contain: otherwise a template could conjure another one's Liquid. */
function unheardOf(text: string): string {
  const taken = new Set([...text.matchAll(/Lq(\d+)x/g)].map(([, number]) => Number(number)))
  let number = 0
  while (taken.has(number)) number++
  return `Lq${number}x`
}

export const breaksIn = (text: string): number => text.split('\n').length - 1

/** Indentation is a third of MJML's output, and Gmail clips mail beyond 102 KB. */
function squeeze(html: string): string {
  // Looked for from the first of several spaces only.
  return html.replace(/(?<![ \t])[ \t]*\n\s*/g, '\n').trim()
}
