import type { FastifyRequest } from 'fastify'

export type Language = 'zh' | 'en'

/** `zh` or `en` for a locale or language tag; `null` when it is neither. */
function languageOfTag(tag: string | null | undefined): Language | null {
  const start = tag?.trim().slice(0, 2).toLowerCase()
  return start === 'zh' || start === 'en' ? start : null
}

/** What the caller asked for: `?lang`, else the best tag of Accept-Language that we have; `null`: nothing of ours. */
function askedLanguage(request: FastifyRequest): Language | null {
  const { lang } = (request.query ?? {}) as { lang?: unknown }
  return languageOfTag(typeof lang === 'string' ? lang : null) ?? accepted(request.headers['accept-language'])
}

/** The language of an answer to a program: what it asked for, else English. */
export function apiLanguage(request: FastifyRequest): Language {
  return askedLanguage(request) ?? 'en'
}

/** The language of a page: the switch on it, else what we know of the reader, else the browser's, else the shop's. */
export function pageLanguage(
  request: FastifyRequest,
  known: string | null | undefined,
  shopLocale: string | null,
): Language {
  const { lang } = (request.query ?? {}) as { lang?: unknown }
  return (
    languageOfTag(typeof lang === 'string' ? lang : null) ??
    languageOfTag(known) ??
    accepted(request.headers['accept-language']) ??
    languageOfTag(shopLocale) ??
    'en'
  )
}

function accepted(header: string | undefined): Language | null {
  let best: Language | null = null
  let bestQuality = 0
  for (const part of (header ?? '').slice(0, 500).split(',')) {
    const [tag, ...parameters] = part.split(';')
    const quality = Number(/q=([\d.]+)/.exec(parameters.join(';'))?.[1] ?? 1)
    const language = languageOfTag(tag)
    if (language !== null && quality > bestQuality) {
      best = language
      bestQuality = quality
    }
  }
  return best
}
