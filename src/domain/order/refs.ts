import type { Event, OrderRef } from '../event.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/**
 * The names under which `event` knows its order, normalised, each once, sorted; empty when it is about no
 * order. The order's number is one of them, kind `order_no`. A browser's event has at most one name (the
 * number first): it may find an order, but must not be able to join two.
 */
export function refsOf(event: Pick<Event, 'data' | 'trust'>): readonly OrderRef[] {
  const { refs, order } = event.data
  const found: OrderRef[] = []
  if (order?.no !== undefined) add(found, 'order_no', order.no)
  for (const ref of refs) add(found, ref.kind, ref.value)
  if (found.length > 1) found.sort(compareRefs)
  if (event.trust !== 'browser') return found
  const one = found.find((ref) => ref.kind === 'order_no') ?? found[0]
  return one === undefined ? [] : [one]
}

/**
 * One spelling a name. Case is kept, because Stripe's ids and many shops' numbers differ by case alone, and
 * a false match would show one buyer's order to another; only a uuid is the same in any case (RFC 9562 §4).
 * Order numbers are also typed by people: full-width digits become plain and a leading `#` is dropped.
 */
export function normaliseRef(kind: string, value: string): OrderRef {
  let text = value.trim()
  if (kind === 'order_no') text = text.normalize('NFKC').replace(/^[#\s]+/, '')
  if (text.length === 36 && UUID.test(text)) text = text.toLowerCase()
  return { kind, value: text }
}

function add(found: OrderRef[], kind: string, value: string): void {
  const ref = normaliseRef(kind, value)
  if (ref.value === '' || found.some((other) => compareRefs(other, ref) === 0)) return
  found.push(ref)
}

function compareRefs(a: OrderRef, b: OrderRef): number {
  if (a.kind !== b.kind) return a.kind < b.kind ? -1 : 1
  return a.value === b.value ? 0 : a.value < b.value ? -1 : 1
}
