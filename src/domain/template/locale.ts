import { boundedMemo } from '../bounded-memo.ts'

/** Chinese regions and the script they write: RFC 4647 lookup alone would give a reader in Taipei simplified text. */
const SCRIPTS: Readonly<Record<string, string>> = {
  'zh-CN': 'zh-Hans', 'zh-SG': 'zh-Hans', 'zh-MY': 'zh-Hans',
  'zh-TW': 'zh-Hant', 'zh-HK': 'zh-Hant', 'zh-MO': 'zh-Hant',
} // biome-ignore format: a table

/**
 * Locales to try for a reader, best first: `zh-TW` → zh-TW, zh-Hant, zh, default; `en-GB` → en-GB, en,
 * default. Without any match the first variant is taken: a message in a foreign language beats none.
 */
export function localeChain(locale: string, fallback: string): readonly string[] {
  const chain: string[] = []
  for (const start of [locale, fallback]) {
    const parts = start.replaceAll('_', '-').split('-').filter(Boolean)
    for (let length = parts.length; length > 0; length--) {
      const tag = parts.slice(0, length).join('-')
      if (!chain.includes(tag)) chain.push(tag)
      const script = SCRIPTS[canonical(tag)]
      if (script && !chain.includes(script)) chain.push(script)
    }
  }
  return chain
}

/**
 * The variant for a reader of `locale`. A variant matches a tag when it is that tag, or, for a bare language
 * or script, any region of it: a reader of `zh` gets `zh-CN`. Null only when there are no variants.
 */
export function pickVariant<V extends { readonly locale: string }>(
  variants: readonly V[],
  locale: string,
  fallback = 'zh-CN',
): V | null {
  for (const tag of localeChain(locale, fallback).map(canonical)) {
    const exact = variants.find((variant) => canonical(variant.locale) === tag)
    if (exact) return exact
    const regional = variants.find(
      (variant) =>
        canonical(variant.locale).startsWith(`${tag}-`) || SCRIPTS[canonical(variant.locale)] === tag,
    )
    if (regional) return regional
  }
  return variants[0] ?? null
}

/** `zh_hant-tw` → `zh-Hant-TW`: case and separator as BCP 47 recommends. */
const canonical = boundedMemo(1_000, (tag: string): string =>
  tag
    .replaceAll('_', '-')
    .split('-')
    .map((part, at) => {
      if (at === 0) return part.toLowerCase()
      if (part.length === 4) return part[0]!.toUpperCase() + part.slice(1).toLowerCase()
      return part.length === 2 ? part.toUpperCase() : part.toLowerCase()
    })
    .join('-'),
)
