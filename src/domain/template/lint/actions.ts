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
    const buttons = targets(liquid, /<mj-button\b[^>]*?\bhref\s*=\s*"([^"]*)"/g)
    const links = targets(liquid, /<a\b[^>]*?\bhref\s*=\s*"([^"]*)"/g)
    return { buttons, links: further(links, buttons) }
  }
  const written = targets(
    liquid,
    /(https?:\/\/[^\s{}<>"]+(?:\{\{[^}]*\}\}[^\s<>"]*)*|\{\{-?\s*links\.\w+[^}]*\}\})/g,
  )
  return {
    buttons: [],
    links: further(written, source.channel === 'inbox' ? [(source.link ?? '').trim()] : []),
  }
}

const targets = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map(([, target]) => target!.trim())

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
