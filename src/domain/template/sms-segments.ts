/** How a text travels by SMS. `units` are septets (GSM-7) or UTF-16 code units (UCS-2). */
export interface SmsSegments {
  readonly encoding: 'gsm7' | 'ucs2'
  readonly units: number
  readonly segments: number
  /** Units that still fit into the last segment. */
  readonly left: number
  /** The first character that is not in GSM-7 and so made the message dearer; null for GSM-7. */
  readonly because: string | null
}

/** GSM 03.38 default alphabet and its extension (each of these costs an escape septet more). */
const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'
const EXTENDED = '\f^{}\\[~]|€'
const SEPTETS = new Map<string, number>([
  ...[...BASIC].map((char) => [char, 1] as const),
  ...[...EXTENDED].map((char) => [char, 2] as const),
])

/** Units that fit one message alone, and each of several. */
export interface SegmentSizes {
  readonly gsm7: readonly [alone: number, each: number]
  readonly ucs2: readonly [alone: number, each: number]
}

export const USUAL_SEGMENTS: SegmentSizes = { gsm7: [160, 153], ucs2: [70, 67] }

/**
 * Segments of an SMS as carriers bill them: 160 or 153 septets each, 70 or 67 UTF-16 units each once there are
 * several (3GPP TS 23.040 §9.2.3.24). A character of two units never straddles a boundary. `signature` is the
 * shop's name as the gateway puts it in front: `【name】` counts like text; a text that already begins with
 * 【…】 has its own. `sizes`: vendors that count in another way (law files).
 */
export function smsSegments(
  text: string,
  signature?: string,
  sizes: SegmentSizes = USUAL_SEGMENTS,
): SmsSegments {
  const whole = signature && !text.startsWith('【') ? `【${signature.replace(/[【】]/g, '')}】${text}` : text
  const chars = [...whole]
  const because = chars.find((char) => !SEPTETS.has(char)) ?? null
  const costs = chars.map((char) => (because === null ? SEPTETS.get(char)! : char.length))
  const units = costs.reduce((sum, cost) => sum + cost, 0)
  const [alone, each] = because === null ? sizes.gsm7 : sizes.ucs2
  const encoding = because === null ? 'gsm7' : 'ucs2'
  if (units <= alone) return { encoding, units, segments: 1, left: alone - units, because }
  let segments = 1
  let used = 0
  for (const cost of costs) {
    if (used + cost > each) {
      segments++
      used = 0
    }
    used += cost
  }
  return { encoding, units, segments, left: each - used, because }
}
