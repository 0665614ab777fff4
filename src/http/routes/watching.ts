import * as z from 'zod'
import type { HttpDeps } from '../deps.ts'
import type { AddRoute } from '../route.ts'

/** The lines that belong to no shop, or to this one. */
const withoutOthers = (text: string, slug: string): string =>
  text
    .split('\n')
    .filter((line) => {
      const shop = /^[^#][^{]*\{(?:[^}]*,)?shop="([^"]*)"/.exec(line)?.[1]
      return shop === undefined || shop === slug
    })
    .join('\n')

/** For load balancers and monitoring: alive, ready, numbers; and the API's own description. */
export function watching(add: AddRoute, deps: HttpDeps): void {
  add('GET /healthz', {
    summary: 'Is the process alive?',
    answer: z.object({ ok: z.literal(true) }),
    async handle() {
      return { ok: true as const }
    },
  })

  add('GET /readyz', {
    summary: 'May it be sent work? 503 and which check failed when not',
    answer: z.object({
      ready: z.boolean(),
      checks: z.record(z.string(), z.object({ ok: z.boolean(), detail: z.string().optional() })),
    }),
    async handle({ reply }) {
      const { ready, checks } = await deps.health()
      if (!ready) reply.code(503).header('retry-after', 2).type('application/json').serializer(JSON.stringify)
      return { ready, checks: { ...checks } }
    },
  })

  add('GET /metrics', {
    summary: 'Numbers in Prometheus’ text format; from this machine without a key',
    description: 'With a key the series of other shops are left out.',
    async handle({ caller, reply }) {
      const text = await deps.metrics.render()
      // A shop never sees another one: a key is its shop's, whoever it was made for.
      const own = caller !== null && caller.connection !== null
      const shown = own ? withoutOthers(text, (await deps.configs.get(caller.shop)).row.slug) : text
      return reply.type('text/plain; version=0.0.4; charset=utf-8').send(shown)
    },
  })

  add('GET /openapi.json', {
    async handle({ reply }) {
      return reply
        .type('application/json; charset=utf-8')
        .serializer(String)
        .send(await deps.apiDescription())
    },
  })
}
