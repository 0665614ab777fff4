import type { FastifyRequest } from 'fastify'
import { isZone } from '../../domain/gate/local-time.ts'
import { smsSegments } from '../../domain/template/sms-segments.ts'
import type { Instant } from '../../domain/time.ts'
import type { Language } from '../language.ts'
import { type Html, html, raw } from './html.ts'
import { languageSwitch } from './layout.ts'
import { OUTBOX_KINDS, type OutboxFilter, type OutboxItem, type OutboxKind } from './outbox-items.ts'
import { localeOf } from './token-page.ts'

export interface OutboxView {
  readonly language: Language
  readonly items: readonly OutboxItem[]
  readonly filter: OutboxFilter
  readonly publicUrl: string
  readonly timeZone: string
  readonly config: { readonly row: { readonly name: string } }
}

const zh = {
  title: '发件箱',
  demo: '演示店铺：以下消息只到达本机的模拟服务商，没有真正发出。',
  all: '全部',
  search: '搜索地址或内容',
  kinds: { email: '邮件', sms: '短信', webhook: 'Webhook', inbox: '站内信' } as Readonly<
    Record<OutboxKind, string>
  >,
  empty: '还没有消息',
  emptyText:
    '发送一个事件，几秒内这里就会出现买家收到的消息（只保存在内存里，重启后清空）。API 密钥在首次启动时的终端里：',
  nothing: '没有符合条件的消息',
  pick: '选择一条消息，查看收件人看到的样子。',
  from: '发件人',
  to: '收件人',
  html: '网页',
  text: '纯文本',
  headers: '邮件头',
  segments: (count: number, units: number, encoding: string) =>
    `${count} 条 · ${units} ${encoding === 'ucs2' ? '字' : '字符'} · ${encoding === 'ucs2' ? 'UCS-2' : 'GSM-7'}`,
  refused: '已拒收',
  repeat: '重复',
  back: '返回列表',
  logout: '退出',
  open: '打开',
  trouble: '故意出错',
}
const en: typeof zh = {
  title: 'Outbox',
  demo: 'Demo shop: these messages reached simulators on this machine and nobody else.',
  all: 'All',
  search: 'Search addresses and words',
  kinds: { email: 'Mail', sms: 'SMS', webhook: 'Webhooks', inbox: 'Inbox' },
  empty: 'No messages yet',
  emptyText:
    'Send an event, and within seconds you see here what the buyer gets (kept in memory: a restart empties it). The first start showed your API key in the terminal:',
  nothing: 'Nothing matches',
  pick: 'Pick a message to see it as its receiver does.',
  from: 'From',
  to: 'To',
  html: 'Page',
  text: 'Text',
  headers: 'Headers',
  segments: (count, units, encoding) =>
    `${count} ${count === 1 ? 'segment' : 'segments'} · ${units} characters · ${encoding === 'ucs2' ? 'UCS-2' : 'GSM-7'}`,
  refused: 'Refused',
  repeat: 'Repeat',
  back: 'Back to the list',
  logout: 'Log out',
  open: 'Open',
  trouble: 'Trouble on purpose',
}
const TEXTS: Readonly<Record<Language, typeof zh>> = { zh, en }
const ICONS: Readonly<Record<OutboxKind, string>> = { email: '✉', sms: '☏', webhook: '⇄', inbox: '◉' }

export function outboxBody(
  request: FastifyRequest,
  view: OutboxView,
  selected: string,
  asText: boolean,
): Html {
  const t = TEXTS[view.language]
  const item = view.items.find(({ id }) => id === selected) ?? null
  return html`<div class="shell${item ? ' reading' : ''}"><header class="bar"><div><b>${t.title}</b> <span class="soft small">${view.config.row.name}</span></div><div class="ends">${languageSwitch(
    request,
    view.language,
  )}<form method="post" action="/logout"><button class="quiet tiny">${t.logout}</button></form></div></header><p class="demo small">${t.demo} <a href="/outbox/trouble?lang=${view.language}">${t.trouble}</a></p><div class="panes"><section class="listpane" aria-label="${t.title}">${filters(view)}<div id="list" aria-live="polite">${outboxList(view, selected)}</div></section><section class="detail">${item ? detail(view, item, asText) : html`<p class="soft middle">${t.pick}</p>`}</section></div></div>`
}

function filters(view: OutboxView): Html {
  const t = TEXTS[view.language]
  const chip = (kind: OutboxKind | null, label: string) =>
    html`<a class="chip" href="${address(view, { kind })}"${view.filter.kind === kind ? raw(' aria-current="true"') : null}>${label}</a>`
  return html`<nav class="chips">${chip(null, t.all)}${OUTBOX_KINDS.map((kind) => chip(kind, t.kinds[kind]))}</nav><form class="search" method="get" action="/outbox" role="search">${
    view.filter.kind ? html`<input type="hidden" name="kind" value="${view.filter.kind}">` : null
  }<input type="hidden" name="lang" value="${view.language}"><input type="search" name="q" value="${view.filter.text}" placeholder="${t.search}" aria-label="${t.search}"></form>`
}

/** The list alone: what the page asks for again while it is open. */
export function outboxList(view: OutboxView, selected: string): Html {
  const t = TEXTS[view.language]
  if (view.items.length === 0)
    return view.filter.text || view.filter.kind
      ? html`<p class="soft middle">${t.nothing}</p>`
      : emptyState(view)
  return html`<ul class="items">${view.items.map(
    (item) =>
      html`<li><a href="${address(view, { item: item.id })}"${item.id === selected ? raw(' aria-current="true"') : null}><span class="icon" aria-hidden="true">${ICONS[item.kind]}</span><span class="what"><span class="who">${item.to}</span><span class="line">${item.line}</span></span><span class="when">${clock(view, item.at)}${item.refusal ? html`<span class="badge bad">${t.refused}</span>` : null}${item.repeat ? html`<span class="badge warn">${t.repeat}</span>` : null}</span></a></li>`,
  )}</ul>`
}

function emptyState(view: OutboxView): Html {
  const t = TEXTS[view.language]
  const event = {
    id: 'try-1',
    type: 'payment.failed',
    data: {
      order: {
        no: 'DEMO-1',
        title: view.language === 'zh' ? '季度会员' : 'Three months',
        total: { minor: 12_800, currency: 'CNY' },
        payUrl: 'https://shop.example/pay/DEMO-1',
      },
      payment: { id: 'pay-1', failure: { code: 'incorrect_cvc' } },
      customer: { email: 'buyer@example.com', name: 'Lin' },
    },
  }
  const curl = `curl ${view.publicUrl}/v1/events \\\n  -H 'Authorization: Bearer dk_…' \\\n  -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify(event)}'`
  return html`<div class="empty"><h2>${t.empty}</h2><p class="soft small">${t.emptyText}</p><pre>${curl}</pre></div>`
}

function detail(view: OutboxView, item: OutboxItem, asText: boolean): Html {
  const t = TEXTS[view.language]
  const marks = [item.refusal, ...item.faults].filter((mark) => mark !== null)
  return html`<a class="back small" href="${address(view, {})}">← ${t.back}</a>${
    marks.length > 0
      ? html`<p class="note ${item.refusal ? 'bad' : 'warn'}">${item.refusal ? `${t.refused}: ` : ''}${marks.join(' · ')}</p>`
      : null
  }${receiverView(view, item, asText)}`
}

function receiverView(view: OutboxView, item: OutboxItem, asText: boolean): Html {
  const t = TEXTS[view.language]
  switch (item.kind) {
    case 'email': {
      const { mail } = item
      if (!mail) return html`<p class="soft">${item.to}</p>`
      const tab = (text: boolean, label: string) =>
        html`<a class="chip" href="${address(view, { item: item.id, view: text ? 'text' : null })}"${text === asText ? raw(' aria-current="true"') : null}>${label}</a>`
      return html`<article class="mail"><h1>${mail.subject}</h1><dl><dt>${t.from}</dt><dd>${mail.headers.from ?? mail.from}</dd><dt>${t.to}</dt><dd>${mail.to.join(', ')}</dd></dl><nav class="chips">${tab(false, t.html)}${tab(true, t.text)}</nav>${
        asText
          ? html`<pre class="plain">${mail.text}</pre>`
          : html`<iframe title="${mail.subject}" sandbox="allow-popups allow-popups-to-escape-sandbox" src="/outbox/mail/${item.sequence}"></iframe>`
      }<details><summary class="small">${t.headers}</summary><pre>${Object.entries(mail.headers)
        .map(([name, value]) => `${name}: ${value}`)
        .join('\n')}</pre></details></article>`
    }
    case 'sms': {
      const { segments, units, encoding } = smsSegments(item.text)
      return html`<article class="phone"><div class="number">${item.to}</div><div class="bubble">${linked(item.text)}</div><div class="small soft">${clock(view, item.at)} · ${t.segments(segments, units, encoding)}</div></article>`
    }
    case 'webhook':
      return html`<article><h1>${item.call.type ?? 'webhook'}</h1><p class="soft small">POST ${item.to} · ${clock(view, item.at)}</p><pre>${pretty(item.call.body)}</pre><details><summary class="small">${t.headers}</summary><pre>${Object.entries(
        item.call.headers,
      )
        .map(([name, value]) => `${name}: ${value}`)
        .join('\n')}</pre></details></article>`
    case 'inbox':
      return html`<article class="inboxitem card"><h2>${item.item.title}</h2><p>${item.item.text}</p>${
        item.item.link
          ? html`<a class="button" rel="noreferrer" target="_blank" href="${item.item.link}">${t.open}</a>`
          : null
      }<p class="small soft">${clock(view, item.at)}</p></article>`
  }
}

/** Web addresses in a text become links, as phones make them. */
function linked(text: string): Html {
  const parts = text.split(/(https?:\/\/[^\s，。；！】]+)/g)
  return html`${parts.map((part, at) => (at % 2 === 1 ? html`<a rel="noreferrer" target="_blank" href="${part}">${part}</a>` : part))}`
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}

function address(
  { filter, language }: OutboxView,
  change: { readonly kind?: OutboxKind | null; readonly item?: string; readonly view?: string | null },
): string {
  const query = new URLSearchParams({ lang: language })
  const kind = change.kind === undefined ? filter.kind : change.kind
  if (kind) query.set('kind', kind)
  if (filter.text) query.set('q', filter.text)
  if (change.item) query.set('item', change.item)
  if (change.view) query.set('view', change.view)
  return `/outbox?${query}`
}

function clock({ language, timeZone }: OutboxView, at: Instant): string {
  const zone = isZone(timeZone) ? timeZone : 'UTC'
  return new Intl.DateTimeFormat(localeOf(language), {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(at)
}

/** Asks for the list again every two seconds while somebody looks. */
export const LIVE = raw(
  `(function(){var tag=null,list=document.getElementById('list');function again(){if(document.visibilityState!=='visible')return;fetch('/outbox/list'+location.search,{headers:tag?{'if-none-match':tag}:{},credentials:'same-origin'}).then(function(r){if(r.status===401){location.reload();return}if(r.status!==200)return;var first=tag===null;tag=r.headers.get('etag');return r.text().then(function(t){if(!first||list.innerHTML!==t)list.innerHTML=t})}).catch(function(){})}setInterval(again,2000);document.addEventListener('visibilitychange',again)})()`,
)

export const OUTBOX_STYLE = `
.shell{max-width:90rem;margin:0 auto;padding:0 1rem 1rem}
.bar{display:flex;justify-content:space-between;align-items:center;gap:1rem;padding:.75rem 0}
.ends{flex:none;display:flex;align-items:center;gap:.75rem}.ends form button{margin:0}
.tiny{min-height:2.25rem;padding:.2rem .8rem;width:auto;font-size:.875rem;font-weight:500;white-space:nowrap}
.demo{background:var(--warn-bg);color:var(--warn);border-radius:.75rem;padding:.5rem .9rem;margin:0 0 .75rem}
.listpane,.detail{background:var(--card);border:1px solid var(--line);border-radius:1rem;min-width:0}
.chips{display:flex;flex-wrap:wrap;gap:.4rem;padding:.75rem}
.chip{padding:.3rem .8rem;min-height:2.1rem;border:1px solid var(--line);border-radius:99rem;text-decoration:none;font-size:.875rem;white-space:nowrap}
.chip[aria-current]{background:var(--accent);border-color:var(--accent);color:var(--on-accent)}
.search{padding:0 .75rem .75rem}.search input[type=search]{min-height:2.6rem}
.items{list-style:none;margin:0;padding:0}
.items a{display:flex;gap:.75rem;padding:.7rem .9rem;border-top:1px solid var(--line);text-decoration:none}
.items a:hover{background:var(--bg)}.items a[aria-current]{background:color-mix(in srgb,var(--accent) 14%,var(--card))}
.icon{flex:none;width:2.1rem;height:2.1rem;border-radius:50%;display:grid;place-items:center;background:var(--bg);border:1px solid var(--line)}
.what{flex:1;min-width:0}.who,.line{display:block;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}.who{font-size:.875rem;color:var(--soft)}
.when{font-size:.8rem;color:var(--soft);text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}.when .badge{display:block;font-size:.7rem;margin-top:.2rem}
.detail{padding:1.25rem}.middle{text-align:center;padding:3rem 1rem;margin:0}
.empty{padding:1.25rem;border-top:1px solid var(--line)}
pre{background:var(--bg);border:1px solid var(--line);border-radius:.75rem;padding:.9rem;margin:.75rem 0;font:.8125rem/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
.plain{font:inherit}
.mail dl{margin:.5rem 0 .25rem;grid-template-columns:auto 1fr;gap:.2rem 1rem;font-size:.9rem}.mail dd{text-align:left}.mail .chips{padding:.5rem 0}
iframe{display:block;width:100%;height:42rem;border:1px solid var(--line);border-radius:.75rem;background:#fff}
summary{cursor:pointer;padding:.6rem 0;color:var(--soft)}
.phone{max-width:23rem;margin:0 auto;border:1px solid var(--line);border-radius:2rem;padding:1.5rem 1.1rem;background:var(--bg)}
.number{text-align:center;font-weight:600;padding-bottom:1rem}
.bubble{background:var(--card);border:1px solid var(--line);border-radius:1.2rem 1.2rem 1.2rem .3rem;padding:.7rem .95rem;margin-bottom:.5rem;white-space:pre-wrap}
.inboxitem{max-width:26rem;margin:0 auto}
.back{display:inline-block;padding:.25rem 0 .75rem}
@media(max-width:55.99rem){.reading .listpane{display:none}.shell:not(.reading) .detail{display:none}.detail{padding:1rem}iframe{height:34rem}}
@media(min-width:56rem){.panes{display:grid;grid-template-columns:24rem 1fr;gap:1rem;align-items:start}.back{display:none}.listpane{max-height:calc(100vh - 8rem);overflow:auto;position:sticky;top:1rem}.detail{padding:1.75rem;min-height:60vh}}
`.replace(/\n/g, '')
