import type { FastifyReply, FastifyRequest } from 'fastify'
import { CATALOGUE, type Fault, type FaultEntry, faultText } from '../../domain/errors.ts'
import type { HttpDeps } from '../deps.ts'
import { statusOf } from '../errors.ts'
import { type Language, pageLanguage } from '../language.ts'
import type { AddRoute } from '../route.ts'
import { type Html, html } from './html.ts'
import { plainPage, sendPage } from './layout.ts'

const TEXTS = {
  zh: {
    title: '错误说明',
    intro: 'API 返回的每个错误代码，以及该怎么办。',
    oops: '没有成功',
    nowhere: '这里没有页面。请检查地址是否完整；如果是从消息里点进来的，请重新点一次消息里的链接。',
    broken: (id: string) => `出了点问题，请稍后再试。如果一直这样，请把编号 ${id} 告诉店铺。`,
  },
  en: {
    title: 'Errors',
    intro: 'Every error code of the API, and what to do about it.',
    oops: 'That did not work',
    nowhere:
      'There is no page here. Check that the address is whole; if a message led here, use its link once more.',
    broken: (id: string) =>
      `Something went wrong; please try again in a while. If it stays so, tell the shop the number ${id}.`,
  },
} as const

/** What stands in an error's sentence, by the name of its parameter. */
export const PARAMETERS: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  allowed: { zh: '允许的方法', en: 'the methods it has' },
  at: { zh: '时间', en: 'a time' },
  basedOn: { zh: '所基于的版本号', en: 'its number' },
  by: { zh: '操作人', en: 'somebody' },
  column: { zh: '某个字段', en: 'a column' },
  count: { zh: '总数', en: 'all' },
  country: { zh: '店铺所在国家', en: 'the shop’s country' },
  current: { zh: '生效的版本号', en: 'its number' },
  decided: { zh: '处理结果', en: 'decided' },
  detail: { zh: '具体原因', en: 'what went wrong' },
  example: { zh: '带国家区号的写法', en: 'such a number' },
  expected: { zh: '应有的类型', en: 'the type it takes' },
  given: { zh: '另一把密钥', en: 'another one' },
  got: { zh: '收到的内容', en: 'what came' },
  have: { zh: '现有密钥的编号', en: 'the numbers of those it has' },
  key: { zh: '密钥编号', en: 'its number' },
  length: { zh: '若干', en: 'some' },
  limit: { zh: '上限', en: 'the limit' },
  method: { zh: '所用的方法', en: 'the method that was used' },
  most: { zh: '上限', en: 'the most there may be' },
  near: { zh: '最接近的写法', en: 'what comes nearest to it' },
  path: { zh: '字段名', en: 'the name of a field' },
  permission: { zh: '所需的', en: 'the permission it takes' },
  roles: { zh: '所需的角色', en: 'the roles it takes' },
  scopes: { zh: '权限', en: 'permissions' },
  sealed: { zh: '原来的密钥', en: 'the one of then' },
  seconds: { zh: '若干', en: 'some' },
  since: { zh: '某个时间', en: 'a time' },
  source: { zh: '来源', en: 'its name' },
  until: { zh: '某个时间', en: 'a time' },
  version: { zh: '版本号', en: 'its number' },
  waiting: { zh: '若干', en: 'Too many' },
  who: { zh: '负责的角色', en: 'the role whose turn it is' },
  why: { zh: '原因', en: 'the reason' },
  wrong: { zh: '若干', en: 'Some' },
}

const wordOf = (name: string, language: Language) => PARAMETERS[name]?.[language] ?? name

/** The sentence with words where an answer has its own values. */
function inWords(sentence: string, language: Language): Html {
  const parts = sentence.split(/\{(\w+)\}/)
  return html`${parts.map((part, at) =>
    at % 2 === 0
      ? html`${part}`
      : html`<i class="soft">${language === 'zh' ? `（${wordOf(part, language)}）` : `(${wordOf(part, language)})`}</i>`,
  )}`
}

/** `/errors`: where the `docs` of every error body leads. */
export function errorsPage(add: AddRoute, deps: HttpDeps): void {
  add('GET /errors', {
    async handle({ request, reply }) {
      const language = pageLanguage(request, null, null)
      const t = TEXTS[language]
      const entries = Object.entries(CATALOGUE) as [string, FaultEntry][]
      const body = html`<section class="card"><h1>${t.title}</h1><p class="soft">${t.intro}</p></section>${entries.map(
        ([code, entry]) =>
          html`<section class="card" id="${code}"><h2>${code}</h2><p>${inWords(entry[language], language)}</p></section>`,
      )}`
      return sendPage(request, reply, deps.random, { language, shop: null, title: t.title, body })
    },
  })
}

/** Whether a person's browser asks: it names HTML among what it takes, programs do not. */
export function wantsPage({ method, headers }: FastifyRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && /\btext\/html\b/.test(headers.accept ?? '')
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
  // What broke inside is for the log; a buyer needs to know what to do. Programs find the fields beside the sentence.
  const text =
    fault.kind === 'operator' || fault.kind === 'unavailable'
      ? [t.broken(request.id)]
      : fault.code === 'ROUTE_UNKNOWN'
        ? [t.nowhere]
        : fault.fields.length > 0
          ? fault.fields.map(({ path, problem }) => `${path.replace(/^body\./, '')}: ${problem}`)
          : [faultText(fault.code, fault.params, language)]
  return sendPage(
    request,
    reply,
    deps.random,
    plainPage({
      language,
      shop: null,
      title: t.oops,
      text,
      status: statusOf(fault),
    }),
  )
}
