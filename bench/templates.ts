import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseFlowYaml } from '../src/domain/flow/yaml.ts'
import type { CompiledTemplate } from '../src/domain/template/template.ts'
import { type Presets, presetOf } from '../src/pipeline/presets.ts'
import { buyerName } from './kit.ts'

/** Twenty templates of different words, chosen by the buyer's language as in a shop that writes twenty languages. */
export const LOCALES: readonly string[] = [
  'en', 'de', 'fr', 'es', 'it', 'pt', 'nl', 'sv', 'da', 'fi', 'pl', 'cs', 'hu', 'ro', 'bg', 'el', 'tr', 'vi', 'id', 'ms',
] // biome-ignore format: one line

interface Words {
  readonly name: string
  readonly no: string
  readonly title: string
  readonly pay: string
  readonly order: string
  readonly preferences: string
  readonly shop: string
}

/** The words of variant `n` with `v` filled in: with Liquid names it is the template, with values it is what must come out. */
const subject = (n: number, v: Words) => `Order ${v.no} waits for you (${n})`
const text = (n: number, v: Words) =>
  `Hello ${v.name},\nthe payment for order ${v.no} did not go through. Pay here: ${v.pay}\nVariant ${n}\n${v.preferences}`
const html = (
  n: number,
  v: Words,
) => `<!doctype html><html lang="en"><body style="font-family:sans-serif;max-width:560px;margin:auto">
<h1 style="font-size:20px">${v.shop}</h1><p>Hello ${v.name},</p>
<p>the payment for order ${v.no} (${v.title}) did not go through. Variant ${n}.</p>
<p><a href="${v.pay}" style="background:#0f766e;color:#fff;padding:12px 20px">Pay now</a></p>
<p><a href="${v.order}">See the order</a></p>
<p style="font-size:12px"><a href="${v.preferences}">No more reminders</a></p></body></html>`

const NAMES: Words = {
  name: '{{ customer.name }}',
  no: '{{ order.no }}',
  title: '{{ order.title }}',
  pay: '{{ links.pay }}',
  order: '{{ links.order }}',
  preferences: '{{ links.preferences }}',
  shop: '{{ shop.name }}',
}

const variant = (n: number): CompiledTemplate => ({
  format: 1,
  channel: 'email',
  purpose: 'reminder',
  locale: LOCALES[n]!,
  parts: [
    { at: 'subject', liquid: subject(n, NAMES), escape: 'line' },
    { at: 'text', liquid: text(n, NAMES), escape: 'plain' },
    { at: 'html', liquid: html(n, NAMES), escape: 'html' },
  ],
  variables: [
    'customer.name',
    'links.order',
    'links.pay',
    'links.preferences',
    'order.no',
    'order.title',
    'shop.name',
  ],
})

/** The ladder of a wrong detail, whose first message goes at once, with the benchmark's words. */
export function benchPresets(): Presets {
  const file = new URL('../flows/payment-failed-details.yaml', import.meta.url)
  const flow = parseFlowYaml(readFileSync(file, 'utf8'))
  if (!flow.ok) throw new Error(JSON.stringify(flow.problems))
  const variants = LOCALES.map((_, n) => variant(n))
  return {
    flows: [presetOf('flow', flow.value.key, flow.value)],
    templates: ['payment_failed_details', 'payment_failed_day', 'payment_failed_last'].map((key) =>
      presetOf('template', key, { variants }),
    ),
  }
}

const BASE = 'https://dingdong.example'
/** Signed links differ by message; where they lead is checked, their signature is not. */
const fixed = (words: string) => words.replace(/(\/[lopu]\/)[A-Za-z0-9_-]{42,46}/g, '$1')

/** 64 bits over recipient and words, to be summed over all messages in any order. */
export function bodyHash(
  to: string,
  mail: { readonly subject: string; readonly text: string; readonly html: string },
): bigint {
  const all = `${to}\n${mail.subject}\n${fixed(mail.text)}\n${fixed(mail.html)}`
  return createHash('sha256').update(all).digest().readBigUInt64BE()
}

/** The hash of what event `n` must lead to, from the benchmark's own words and not from the renderer. */
export function expectedHash(n: number): bigint {
  const words: Words = {
    name: buyerName(n),
    no: `2026-${n}`,
    title: 'Galaxy membership, three months',
    pay: `${BASE}/l/`,
    order: `${BASE}/o/`,
    preferences: `${BASE}/p/`,
    shop: 'Bench shop',
  }
  const which = n % LOCALES.length
  return bodyHash(`buyer${n}@example.org`, {
    subject: subject(which, words),
    text: text(which, words),
    html: html(which, words),
  })
}
