import { type HttpListener, type LabRequest, listenHttp } from '../../src/lab/http-listener.ts'

/** Stands between a rail and Dingdong, takes every notice at once, and delivers it when and as often as told. */
export interface PostOffice {
  readonly origin: string
  /** Notices that were not delivered yet. */
  readonly waiting: LabRequest[]
  /** Delivers one to `url`; resolves to the status. */
  deliver(notice: LabRequest, url: string): Promise<number>
  close(): Promise<void>
}

export async function openPostOffice(): Promise<PostOffice> {
  const waiting: LabRequest[] = []
  const listener: HttpListener = await listenHttp({
    port: 0,
    react: async (notice) => {
      waiting.push(notice)
      return { status: 200, headers: { 'content-type': 'text/plain' }, body: 'success' }
    },
  })
  return {
    origin: listener.origin,
    waiting,
    async deliver({ method, query, headers, body }, url) {
      const own = Object.entries(headers).filter(([name]) => /^(wechatpay-|content-type$)/.test(name))
      const answer = await fetch(query ? `${url}?${query}` : url, {
        method,
        headers: Object.fromEntries(own),
        ...(method === 'GET' ? {} : { body }),
      })
      await answer.arrayBuffer()
      return answer.status
    },
    close: listener.close,
  }
}
