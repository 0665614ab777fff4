import type { Channel, Purpose } from '../message.ts'

/** Channels that carry words. `command` tells the shop's own system what to do and has no template. */
export const TEMPLATE_CHANNELS = ['email', 'sms', 'inbox', 'webhook'] as const satisfies readonly Channel[]
export type TemplateChannel = (typeof TEMPLATE_CHANNELS)[number]

/** What a template may be called; `layout` is the frame that letters are put into. */
export const TEMPLATE_KEY = /^(?!layout$)[a-z][a-z0-9_]{0,39}$/

/**
 * One variant of a template as a person writes it: one channel, one locale. `{订单号}`-style names and Liquid
 * are both understood. Which fields a channel needs: email `subject, text, mjml` (without `mjml` the HTML is
 * made from the text), sms `text`, inbox `title, text, link`, webhook `type, body`.
 */
export interface TemplateSource {
  readonly channel: TemplateChannel
  readonly purpose: Purpose
  /** BCP 47: `zh-CN`, `en`. */
  readonly locale: string
  /** The message asks the buyer to pay: it must then carry a link that leads to payment. */
  readonly asksToPay?: boolean
  /** Who reads it. Default `buyer`; the shop's own people may read what buyers must not. */
  readonly audience?: 'buyer' | 'shop'
  readonly subject?: string
  readonly title?: string
  readonly text?: string
  /** A whole `<mjml>` document, or sections that go into the layout. */
  readonly mjml?: string
  readonly link?: string
  readonly type?: string
  /** Webhook: a JSON object whose strings are templates; structure is never made from values. */
  readonly body?: Readonly<Record<string, unknown>>
}

/** How a value is made safe where it lands: `plain` text, one header `line` without CR/LF, `html`. */
export type Escape = 'plain' | 'line' | 'html'

/** One output of a template. `at` names it: `subject`, `text`, `html`, `title`, `link`, or `/a/0` inside `body`. */
export interface TemplatePart {
  readonly at: string
  readonly liquid: string
  readonly escape: Escape
}

/** A published variant: plain JSON, to be stored as it is and handed to the renderer. */
export interface CompiledTemplate {
  readonly format: 1
  readonly channel: TemplateChannel
  readonly purpose: Purpose
  readonly locale: string
  readonly parts: readonly TemplatePart[]
  /** Paths of every variable it reads (`order.no`), sorted. */
  readonly variables: readonly string[]
  /** Left out when it does not. */
  readonly asksToPay?: true
  /** Webhook only. */
  readonly type?: string
  readonly body?: Readonly<Record<string, unknown>>
}
