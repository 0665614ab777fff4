import type { Renderer, RenderResult } from '../templates/renderer.ts'

export type TrialRenderer = Pick<Renderer, 'render'>

/** Renders the same words once: a flow that goes in a circle says them at each of its turns. */
export function renderOnce(renderer: TrialRenderer): TrialRenderer {
  const known = new Map<string, Promise<RenderResult>>()
  return {
    render: (jobs) =>
      Promise.all(
        jobs.map((job) => {
          const { key, timeZone, tellZone, vars } = job
          const words = JSON.stringify([key, timeZone, tellZone ?? false, vars])
          const before = known.get(words)
          if (before) return before
          const made = renderer.render([job]).then(([result]) => result!)
          known.set(words, made)
          return made
        }),
      ),
  }
}
