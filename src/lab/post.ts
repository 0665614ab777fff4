import type { Agent } from 'undici'

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
  let agent: Agent | null = null
  let closed = false
  return {
    async send(url, { method, headers = {}, body }) {
      const undici = await import('undici')
      if (closed) return null
      agent ??= new undici.Agent()
      try {
        const answer = await undici.request(url, { method, headers, body: body ?? null, dispatcher: agent })
        return { status: answer.statusCode, answer: await answer.body.text() }
      } catch {
        // No answer is an outcome here: whoever calls decides whether to try again.
        return null
      }
    },
    async close() {
      closed = true
      await agent?.destroy()
    },
  }
}
