import { lazily } from '../domain/lazily.ts'

export interface PostRequest {
  readonly method: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A simulator's own calls to the program under it. */
export interface Poster {
  /** `null`: no answer. */
  send(
    url: string,
    request: PostRequest,
  ): Promise<{ readonly status: number; readonly answer: string } | null>
  close(): Promise<void>
}

/** The HTTP client is loaded by the first call: most simulators never make one. */
export function createPoster(): Poster {
  const client = lazily(async () => {
    const { Agent, request } = await import('undici')
    return { agent: new Agent(), request }
  })
  let closed = false
  return {
    async send(url, { method, headers = {}, body }) {
      if (closed) return null
      try {
        const { agent, request } = await client.get()
        const answer = await request(url, { method, headers, body: body ?? null, dispatcher: agent })
        return { status: answer.statusCode, answer: await answer.body.text() }
      } catch {
        // No answer is an outcome here: whoever calls decides whether to try again.
        return null
      }
    },
    async close() {
      closed = true
      await (await client.made())?.agent.destroy()
    },
  }
}
