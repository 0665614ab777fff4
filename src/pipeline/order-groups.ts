import type { Tx } from '../db/connect.ts'
import { claimOrderRefs, lockOrderRows, mergeOrders, type OrderRow } from '../db/orders.ts'
import type { Event, OrderRef } from '../domain/event.ts'
import type { OrderId, ShopId } from '../domain/ids.ts'
import { planMerge } from '../domain/order/merge.ts'
import { refsOf } from '../domain/order/refs.ts'
import type { Instant } from '../domain/time.ts'

/** One order of a batch with the events that are about it. */
export interface OrderGroup {
  readonly id: OrderId
  readonly events: readonly Event[]
  /** As it was before this batch; several when the batch showed that they are one sale. Empty: a new order. */
  readonly rows: readonly OrderRow[]
}

interface Cluster {
  readonly refs: OrderRef[]
  readonly events: Event[]
  readonly proposed: OrderId
}

const nameOf = (ref: OrderRef) => `${ref.kind}\0${ref.value}`

/**
 * Finds out which order each event is about, making new ones and merging those that turn out to be one sale.
 * Afterwards this transaction holds the locks of all names and orders involved.
 */
export async function groupByOrder(
  tx: Tx,
  shop: ShopId,
  events: readonly Event[],
  now: Instant,
): Promise<readonly OrderGroup[]> {
  const clusters = clusterByRefs(events)
  if (clusters.length === 0) return []
  const proposals = clusters.flatMap((cluster) =>
    cluster.refs.map((ref) => ({ ref, proposed: cluster.proposed })),
  )
  const bound = new Map((await claimOrderRefs(tx, shop, proposals)).map((row) => [nameOf(row), row.order_id]))
  const found = joinClusters(clusters, bound)
  const known = found.flatMap((group) => group.ids.filter((id) => !group.proposals.has(id)))
  const rows = new Map<OrderId, OrderRow>()
  if (known.length > 0) for (const row of await lockOrderRows(tx, shop, known)) rows.set(row.id, row)
  const groups: OrderGroup[] = []
  for (const group of found) {
    // A name may be bound to an order that was never written (only its paid marker came): nothing to merge there.
    const written = group.ids.filter((id) => rows.has(id))
    const survivor = planMerge(written.length > 0 ? written : group.ids)!.survivor
    const absorbed = group.ids.filter((id) => id !== survivor)
    if (absorbed.length > 0) await mergeOrders(tx, shop, survivor, absorbed, now)
    groups.push({ id: survivor, events: group.events, rows: written.map((id) => rows.get(id)!) })
  }
  return groups
}

/** Events that share a name belong together, even over a third one: connected components. */
function clusterByRefs(events: readonly Event[]): readonly Cluster[] {
  const byName = new Map<string, Cluster>()
  const clusters = new Set<Cluster>()
  for (const event of events) {
    const refs = refsOf(event)
    if (refs.length === 0) continue
    const known = new Set(refs.flatMap((ref) => byName.get(nameOf(ref)) ?? []))
    const cluster: Cluster = { refs: [], events: [], proposed: orderIdOf(event) }
    for (const other of known) {
      cluster.refs.push(...other.refs)
      cluster.events.push(...other.events)
      clusters.delete(other)
    }
    const names = new Set(cluster.refs.map(nameOf))
    cluster.refs.push(...refs.filter((ref) => !names.has(nameOf(ref))))
    cluster.events.push(event)
    clusters.add(cluster)
    for (const ref of cluster.refs) byName.set(nameOf(ref), cluster)
  }
  return [...clusters]
}

interface Found {
  ids: OrderId[]
  readonly proposals: Set<OrderId>
  readonly events: Event[]
}

/** Clusters whose names lead to the same order are one group. */
function joinClusters(clusters: readonly Cluster[], bound: ReadonlyMap<string, OrderId>): readonly Found[] {
  const byId = new Map<OrderId, Found>()
  const groups = new Set<Found>()
  for (const cluster of clusters) {
    const ids = new Set(cluster.refs.map((ref) => bound.get(nameOf(ref))!))
    const group: Found = { ids: [], proposals: new Set([cluster.proposed]), events: [...cluster.events] }
    for (const other of new Set([...ids].flatMap((id) => byId.get(id) ?? []))) {
      for (const id of other.ids) ids.add(id)
      for (const id of other.proposals) group.proposals.add(id)
      group.events.push(...other.events)
      groups.delete(other)
    }
    group.ids = [...ids]
    groups.add(group)
    for (const id of group.ids) byId.set(id, group)
  }
  return [...groups]
}

/** A new order has the id of its first event: applied once more from a backup, the event makes the same order. */
const orderIdOf = (event: Event) => event.key as string as OrderId
