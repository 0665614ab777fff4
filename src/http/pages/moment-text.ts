import { isZone } from '../../domain/gate/local-time.ts'
import type { Instant } from '../../domain/time.ts'
import { mustTellZone, withZone } from '../../domain/told-zone.ts'
import type { Language } from '../language.ts'
import { localeOf } from './token-page.ts'

/** A moment as the buyer's wall clock showed it, or the shop's, which then says so. Never the server's. */
export function momentText(at: Instant, own: string | null, shop: string, language: Language): string {
  const wanted = own ?? shop
  const locale = localeOf(language)
  const time = new Intl.DateTimeFormat(locale, {
    timeZone: isZone(wanted) ? wanted : 'UTC',
    month: language === 'zh' ? 'numeric' : 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(at)
  return mustTellZone(own, shop, locale) ? withZone(time, wanted, at, locale) : time
}
