import type { FastifyReply, FastifyRequest } from 'fastify'
import { CATALOGUE, type Fault, type FaultEntry, faultText } from '../../domain/errors.ts'
import type { HttpDeps } from '../deps.ts'
import { statusOf } from '../errors.ts'
import { type Language, pageLanguage } from '../language.ts'
import type { AddRoute } from '../route.ts'
import { html } from './html.ts'
import { plainPage, sendPage } from './layout.ts'

const TEXTS = {
  zh: {
    title: '错误说明',
    intro: 'API 返回的每个错误代码，以及该怎么办。',
    oops: '没有成功',
    broken: (id: string) => `出了点问题，请稍后再试。如果一直这样，请把编号 ${id} 告诉店铺。`,
  },
  en: {
    title: 'Errors',
    intro: 'Every error code of the API, and what to do about it.',
    oops: 'That did not work',
    broken: (id: string) =>
      `Something went wrong; please try again in a while. If it stays so, tell the shop the number ${id}.`,
  },
} as const

/** `/errors`: where the `docs` of every error body leads. */
export function errorsPage(add: AddRoute, deps: HttpDeps): void {
  add('GET /errors', {
    async handle({ request, reply }) {
      const language = pageLanguage(request, null, null)
      const t = TEXTS[language]
      const entries = Object.entries(CATALOGUE) as [string, FaultEntry][]
      const body = html`<section class="card"><h1>${t.title}</h1><p class="soft">${t.intro}</p></section>${entries.map(
        ([code, entry]) =>
          html`<section class="card" id="${code}"><h2>${code}</h2><p>${entry[language]}</p></section>`,
      )}`
      return sendPage(request, reply, deps.random, { language, shop: null, title: t.title, body })
    },
  })
}

/** An error as a page, for people. */
export function sendErrorPage(
  deps: HttpDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  fault: Fault,
): FastifyReply {
  const language: Language = pageLanguage(request, null, null)
  const t = TEXTS[language]
  // What broke inside is for the log; a buyer needs to know what to do.
  const text =
    fault.kind === 'operator' || fault.kind === 'unavailable'
      ? t.broken(request.id)
      : faultText(fault.code, fault.params, language)
  return sendPage(
    request,
    reply,
    deps.random,
    plainPage({
      language,
      shop: null,
      title: t.oops,
      text: [text],
      status: statusOf(fault),
    }),
  )
}
