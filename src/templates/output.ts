import type { Escape } from '../domain/template/template.ts'
import { isMoney, type Reader, writeMoney } from './format.ts'

/** A message longer than this (UTF-16 units, per part) is a mistake or an attack. Gmail clips mail at 102 KB. */
export const MAX_OUTPUT = 512 * 1024

export class OutputTooLong extends Error {
  constructor() {
    super(`the text grew past ${MAX_OUTPUT} characters`)
    this.name = 'OutputTooLong'
  }
}

/** What a value reads as before escaping: nothing for what is unknown, money as money, never `[object Object]`. */
export function valueText(value: unknown, reader: Reader): string {
  if (typeof value === 'string') return value
  if (value === undefined || value === null) return ''
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return value.map((each) => valueText(each, reader)).join('')
  return isMoney(value) ? writeMoney(value, reader.locale) : ''
}

const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
}

/** Makes a value harmless where it lands. Text keeps its line breaks and loses other control characters. */
export function escapeText(text: string, target: Escape): string {
  switch (target) {
    case 'html':
      return /[&<>"']/.test(text) ? text.replace(/[&<>"']/g, (char) => HTML[char]!) : text
    case 'line':
      return oneLine(text)
    case 'plain':
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
      return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '')
  }
}

/** Without line breaks and control characters: a mail header must not be continued by a value (RFC 5322 §2.2). */
export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  return text.replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]+/g, ' ')
}
