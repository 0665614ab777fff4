import type { FastifyRequest } from 'fastify'
import type { Troubled, TroubleName, Troubles } from '../../domain/trouble.ts'
import type { Language } from '../language.ts'
import { type Html, html, raw } from './html.ts'
import { languageSwitch } from './layout.ts'

/** Messages that may meet a trouble before it ends by itself. */
export const MOST_TIMES = 100
export const TIMES = 3

interface Words {
  readonly what: string
  /** What the program makes of it. */
  readonly outcome: string
}

const zh = {
  title: '故意出错',
  intro:
    '让模拟服务商按您选的方式出错，看叮咚怎样应对：开始之后发送一个事件（或运行 npm run dingdong -- demo），再用 npm run dingdong -- order 订单号 查看经过。',
  back: '返回发件箱',
  kinds: { email: '邮件', sms: '短信', webhook: 'Webhook' } as Readonly<Record<Troubled, string>>,
  none: '一切正常',
  now: (what: string, struck: number, times: number) => `${what} · 已遇到 ${struck} 条，共 ${times} 条`,
  over: (what: string, times: number) => `已结束：${what}（${times} 条）`,
  pick: '方式',
  times: '接下来几条',
  begin: '开始',
  end: '停止',
  troubles: {
    later: {
      what: '暂时拒收，请 10 秒后再来',
      outcome: '到对方说的时间再发；邮件服务器不说时间，几秒后再试。',
    },
    error: { what: '报错（500；邮件 451）', outcome: '以同一编号重试，间隔越来越长。' },
    slow: { what: '5 秒后才应答', outcome: '照常送达，其他消息不受影响。' },
    dropped: {
      what: '收下后断开，不给应答',
      outcome: '不知道是否送达：邮件和 Webhook 以同一编号重试；短信不重发，以免买家收到两次。',
    },
    address: { what: '拒收这个地址', outcome: '不再向该地址发送，并记下原因。' },
    content: { what: '拒收内容', outcome: '不重试，订单的经过里写明原因。' },
    failed_receipt: { what: '回执说没有送达', outcome: '经过里写明没有送达，逐个渠道提醒时轮到下一个渠道。' },
    duplicate_receipt: { what: '回执来两次', outcome: '只算一次。' },
    early_receipt: { what: '回执比应答先到', outcome: '照样算数。' },
    no_receipt: { what: '没有回执', outcome: '停在“已发送”，不算送达。' },
  } as Readonly<Record<TroubleName, Words>>,
}
const en: typeof zh = {
  title: 'Trouble on purpose',
  intro:
    'Let a simulator fail the way you choose and see what Dingdong does about it: begin, send an event (or run npm run dingdong -- demo), then npm run dingdong -- order NO tells the story.',
  back: 'Back to the outbox',
  kinds: { email: 'Mail', sms: 'SMS', webhook: 'Webhooks' },
  none: 'All is well',
  now: (what, struck, times) => `${what} · met by ${struck} of ${times} so far`,
  over: (what, times) => `Over: ${what} (${times})`,
  pick: 'How',
  times: 'For so many messages',
  begin: 'Begin',
  end: 'End',
  troubles: {
    later: {
      what: 'Refuses for now: come back in 10 seconds',
      outcome: 'Sends when the time it was told is over; a mail server tells none, so within seconds.',
    },
    error: { what: 'Fails (500; mail 451)', outcome: 'Tries again under the same id, each time later.' },
    slow: { what: 'Answers after 5 seconds', outcome: 'Arrives; nothing else waits for it.' },
    dropped: {
      what: 'Accepts, then drops the connection',
      outcome:
        'Nobody knows whether it arrived: mail and webhooks are tried again under the same id, an SMS is not, lest it come twice.',
    },
    address: {
      what: 'Refuses the address',
      outcome: 'The address gets nothing more, and the reason is kept.',
    },
    content: { what: 'Refuses the words', outcome: 'Not tried again; the order’s story says why.' },
    failed_receipt: {
      what: 'Its receipt says: not delivered',
      outcome: 'The story says so; where a reminder goes channel by channel, the next one has its turn.',
    },
    duplicate_receipt: { what: 'Its receipt comes twice', outcome: 'Counts once.' },
    early_receipt: { what: 'Its receipt comes before the answer', outcome: 'Counts all the same.' },
    no_receipt: { what: 'No receipt', outcome: 'Stays sent, and is not called delivered.' },
  },
}
export const TROUBLE_TEXTS: Readonly<Record<Language, typeof zh>> = { zh, en }
export const TROUBLED = ['email', 'sms', 'webhook'] as const satisfies readonly Troubled[]
export const TROUBLE_NAMES = Object.keys(zh.troubles) as readonly TroubleName[]

export function troubleBody(request: FastifyRequest, language: Language, troubles: Troubles): Html {
  const t = TROUBLE_TEXTS[language]
  return html`<div class="shell"><header class="bar"><div><a class="small" href="/outbox?lang=${language}">← ${t.back}</a></div><div class="ends">${languageSwitch(request, language)}</div></header><h1>${t.title}</h1><p class="soft">${t.intro}</p><div class="cards">${TROUBLED.map((at) => card(language, at, troubles))}</div></div>`
}

function card(language: Language, at: Troubled, troubles: Troubles): Html {
  const t = TROUBLE_TEXTS[language]
  const now = troubles.now(at)
  const isOn = now !== null && now.struck < now.times
  const form = (body: Html) =>
    html`<form method="post" action="/outbox/trouble?lang=${language}"><input type="hidden" name="at" value="${at}">${body}</form>`
  return html`<section class="card" id="${at}"><h2>${t.kinds[at]}</h2>${state(language, now)}${
    isOn ? form(html`<button class="quiet" name="name" value="">${t.end}</button>`) : null
  }${form(
    html`<fieldset><legend class="small soft">${t.pick}</legend>${troubles.offers[at].map(
      (name) =>
        html`<label class="choice"><input type="radio" name="name" value="${name}" required${(now?.name ?? troubles.offers[at][0]) === name ? raw(' checked') : null}><span>${t.troubles[name].what}<small>${t.troubles[name].outcome}</small></span></label>`,
    )}</fieldset><label for="times-${at}">${t.times}</label><input id="times-${at}" name="times" type="number" inputmode="numeric" min="1" max="${MOST_TIMES}" value="${now?.times ?? TIMES}" required><button>${t.begin}</button>`,
  )}</section>`
}

function state(language: Language, now: ReturnType<Troubles['now']>): Html {
  const t = TROUBLE_TEXTS[language]
  if (now === null) return html`<p class="note good">${t.none}</p>`
  const { what } = t.troubles[now.name]
  return now.struck < now.times
    ? html`<p class="note warn">${t.now(what, now.struck, now.times)}</p>`
    : html`<p class="note good">${t.over(what, now.times)}</p>`
}

export const TROUBLE_STYLE = `
.cards{display:grid;gap:1rem;align-items:start;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr))}
.cards .card{margin:0}
input[type=number]{width:100%;min-height:3rem;padding:.6rem .9rem;border:1px solid var(--line);border-radius:.8rem;background:var(--field);color:var(--ink);font:inherit}
`.replace(/\n/g, '')
