import type { TemplateSource } from '../template.ts'

/** Where a link may lead without being one more thing to do: to see, to stop, to ask, or another way to do the same. */
const NO_ACTION =
  /^\{\{-?\s*(?:links\.(?:order|preferences|help|console)|each\.link|alternatives\b)|^(?:mailto:|tel:|cid:|#|$)/

/** What a message asks its reader to do: the targets of its buttons, and of further links that are not mere service. */
export interface Actions {
  readonly buttons: readonly string[]
  readonly links: readonly string[]
}

/** The actions of one variant. Names are compiled already: `{支付链接}` is `{{ links.pay }}`. */
export function actionsOf(source: TemplateSource, field: 'text' | 'mjml' | 'link', liquid: string): Actions {
  if (field === 'link') return { buttons: [liquid.trim()], links: [] }
  if (field === 'mjml') {
    const buttons = hrefsOf(liquid, /<mj-button\b/g)
    return { buttons, links: further(hrefsOf(liquid, /<a\b/g), buttons) }
  }
  const written = [...liquid.matchAll(WRITTEN)].map(([target]) => target.trim())
  return {
    buttons: [],
    links: further(written, source.channel === 'inbox' ? [(source.link ?? '').trim()] : []),
  }
}

/** An address, and a link that is a value. No brace within braces: else each open one is followed to the end. */
const WRITTEN = /https?:\/\/[^\s{}<>"]+(?:\{\{[^{}]*\}\}[^\s<>"]*)*|\{\{-?\s*links\.\w[^{}]*\}\}/g

/** The first `href` of each tag that begins so. Tags and attributes are each gone through once. */
function hrefsOf(text: string, opening: RegExp): readonly string[] {
  const hrefs = text.matchAll(/\bhref\s*=\s*"([^"]*)"/g)
  let href = hrefs.next().value
  let end = -1
  let done = 0
  const found: string[] = []
  for (const { 0: tag, index } of text.matchAll(opening)) {
    if (index < done) continue
    while (href && href.index < index + tag.length) href = hrefs.next().value
    if (!href) break
    if (end < index) end = text.indexOf('>', index)
    if (end < 0) end = text.length
    if (href.index > end) continue
    found.push(href[1]!.trim())
    done = href.index + href[0].length
    href = hrefs.next().value
  }
  return found
}

const same = (target: string) => target.replace(/[\s{}-]/g, '')

/** Distinct targets that are actions and not yet among `known`. */
function further(links: readonly string[], known: readonly string[]): string[] {
  const seen = new Set(known.map(same))
  return links.filter((link) => {
    if (NO_ACTION.test(link) || seen.has(same(link))) return false
    seen.add(same(link))
    return true
  })
}

/** Does the target lead to payment? */
export const leadsToPay = (target: string): boolean => same(target).startsWith('links.pay')
