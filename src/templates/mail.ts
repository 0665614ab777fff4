import type { Purpose } from '../domain/message.ts'
import { replaceMarks } from '../domain/template/marks.ts'

/** The frame round every mail: `mjml` holds `<!-- content -->` and `<!-- footer -->`. */
export interface MailLayout {
  readonly mjml: string
  /** By locale (`zh-CN`, `en`), for essential mail and for the rest (which offers `links.preferences`). */
  readonly footers: Readonly<Record<string, { readonly essential: Footer; readonly other: Footer }>>
}

export interface Footer {
  readonly text: string
  readonly mjml: string
}

/** The footer for a mail of this purpose, in its language or else in the first there is. */
export function pickFooter(layout: MailLayout, locale: string, purpose: Purpose): Footer {
  const language = locale.split('-')[0]!
  const names = Object.keys(layout.footers)
  const name = names.find((each) => each === locale) ?? names.find((each) => each.split('-')[0] === language)
  const footers = layout.footers[name ?? names[0] ?? '']
  return (purpose === 'essential' ? footers?.essential : footers?.other) ?? { text: '', mjml: '' }
}

/** A whole MJML document: the sections inside the layout, with the reader's language for screen readers. */
export function wrapMjml(layout: MailLayout, sections: string, footer: Footer, locale: string): string {
  return withLanguage(
    layout.mjml.replace('<!-- content -->', () => sections).replace('<!-- footer -->', () => footer.mjml),
    locale,
  )
}

export function withLanguage(mjml: string, locale: string): string {
  return mjml.replace(/<mjml([^<>]*)>/, (tag, rest: string) =>
    /\slang=/.test(rest) ? tag : `<mjml lang="${locale}"${rest}>`,
  )
}

/** Sections made from plain text: paragraphs at blank lines, addresses as links. */
export function textToMjml(text: string): string {
  const paragraphs = text
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => `<mj-text>${paragraphHtml(paragraph)}</mj-text>`)
  return `<mj-section><mj-column>${paragraphs.join('\n')}</mj-column></mj-section>`
}

const paragraphHtml = (paragraph: string) => replaceMarks(paragraph, linkVariable, literalHtml)

function linkVariable(liquid: string): string {
  return /^\{\{\s*links\.\w+\s*\}\}$/.test(liquid) ? `<a href="${liquid}">${liquid}</a>` : liquid
}

function literalHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/https?:\/\/[^\s，。）)]+/g, (url) => `<a href="${url.replaceAll('"', '&quot;')}">${url}</a>`)
    .replaceAll('\n', '<br/>')
}
