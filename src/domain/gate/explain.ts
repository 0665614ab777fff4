import { type Instant, toIso } from '../time.ts'
import { isZone, offsetSpan } from './local-time.ts'
import { type Language, OTHER_ENDINGS, REASON_TEXTS } from './reason-texts.ts'
import { decodeVerdict, plainVerdict, type Verdict } from './verdict.ts'

/**
 * A verdict in sentences: first what was decided, then for each reason why, and what would have to change for the
 * message to be sent. Instants are written in `timeZone` (UTC when it is unknown).
 */
export function explainVerdict(verdict: Verdict, language: Language, timeZone = 'UTC'): readonly string[] {
  const gap = language === 'en' ? ' ' : ''
  const reasons = verdict.reasons.map((code) => {
    const { why, change } = REASON_TEXTS[code]
    return change === null ? why[language] : `${why[language]}${gap}${change[language]}`
  })
  return [outcome(verdict, language, timeZone), ...reasons]
}

/** Only why, a sentence a reason, of a verdict as it stands on a message. */
export function explainReasons(line: string, language: Language): readonly string[] {
  const plain = plainVerdict(line)
  const other = OTHER_ENDINGS[plain]
  if (other) return [other[language]]
  const verdict = decodeVerdict(plain)
  return verdict === null ? [plain] : verdict.reasons.map((code) => REASON_TEXTS[code].why[language])
}

function outcome(verdict: Verdict, language: Language, timeZone: string): string {
  switch (verdict.kind) {
    case 'send':
      if (verdict.reasons.length > 0) return language === 'zh' ? '可以发送。' : 'It may go.'
      return language === 'zh' ? '可以发送，没有规则阻止。' : 'It may go; no rule stood in its way.'
    case 'hold': {
      const when = localText(verdict.until, timeZone)
      return language === 'zh' ? `暂缓，${when} 再次检查。` : `Held; it is looked at again at ${when}.`
    }
    case 'drop':
      return language === 'zh' ? '不会通过这个渠道发送。' : 'It will not be sent on this channel.'
  }
}

/** `2026-11-23 08:00 (Asia/Shanghai)`; UTC where the zone is unknown. */
export function localText(instant: Instant, timeZone: string): string {
  const zone = isZone(timeZone) ? timeZone : 'UTC'
  const local = toIso(instant + offsetSpan(zone, 'UTC', instant).offset)
  return `${local.slice(0, -14)} ${local.slice(-13, -8)} (${zone})`
}
