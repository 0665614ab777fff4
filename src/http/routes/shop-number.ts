import type { ShopId } from '../../domain/ids.ts'

/** The shop a path names by its number; `null` when it is none. */
export function shopNumber(text: string): ShopId | null {
  if (!/^[1-9]\d{0,9}$/.test(text)) return null
  const number = Number(text)
  return number <= 0x7fffffff ? (number as ShopId) : null
}
