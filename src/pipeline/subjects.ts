import type { Db } from '../db/connect.ts'
import { readSealedValues, type SealedValues, type Wanted } from '../db/sealed-values.ts'
import type { MessageId } from '../domain/ids.ts'
import type { OrderFacts } from '../domain/order/facts.ts'
import { type OrderView, viewOrder } from '../domain/order/view.ts'
import type { Allowed } from './gate.ts'
import type { Recall } from './recall.ts'
import type { VarsScene } from './template-vars.ts'

/** What the words of one message are made of, in clear. */
export interface Subject {
  readonly view: OrderView | null
  readonly address: string | null
  readonly name: string | null
}

/** Opens a subject; throws SealError for values that cannot be opened, so that only its own message suffers. */
export type OpenSubject = () => Subject

/** The order, address and name of each message: what decide has just had in hand, else read in one statement and opened. */
export async function findSubjects(
  { db, recall }: { readonly db: Db; readonly recall: Recall },
  scene: VarsScene,
  batch: readonly Allowed[],
): Promise<ReadonlyMap<MessageId, OpenSubject>> {
  const found = new Map<MessageId, OpenSubject>()
  const missing: {
    readonly allowed: Allowed
    readonly recalled: Partial<Subject>
    readonly wanted: Wanted
  }[] = []
  for (const allowed of batch) {
    const recalled = recallSubject(recall, allowed)
    const { message } = allowed
    const wanted: Wanted = {
      order: recalled.view === undefined ? message.order_id : null,
      contact: recalled.address === undefined ? message.contact_id : null,
      customer: recalled.name === undefined ? message.customer_id : null,
    }
    if (wanted.order === null && wanted.contact === null && wanted.customer === null) {
      const { view = null, address = null, name = null } = recalled
      found.set(message.id, () => ({ view, address, name }))
    } else missing.push({ allowed, recalled, wanted })
  }
  if (missing.length === 0) return found
  const rows = await readSealedValues(
    db,
    scene.shop,
    missing.map(({ wanted }) => wanted),
  )
  missing.forEach(({ allowed, recalled, wanted }, at) => {
    let opened: Subject | undefined
    found.set(allowed.message.id, () => {
      opened ??= { ...open(scene, wanted, rows[at]!), ...recalled }
      return opened
    })
  })
  return found
}

function recallSubject(recall: Recall, { message }: Allowed): Partial<Subject> {
  const { order_id: order, contact_id: contact, customer_id: customer } = message
  const known = order === null ? undefined : recall.orders.get(order)
  const address = contact === null ? undefined : recall.addresses.get(contact)
  const name = customer === null ? undefined : recall.names.get(customer)
  return {
    ...(known && known.updatedAt === message.order_updated_at ? { view: known.view } : {}),
    ...(address === undefined ? {} : { address }),
    ...(name === undefined ? {} : { name }),
  }
}

function open({ shop, vault }: VarsScene, wanted: Wanted, sealed: SealedValues): Subject {
  const text = (value: Buffer | null, column: string, row: string | null) =>
    value === null || row === null ? null : vault.sealer.openText(value, { shop, column, row })
  const facts = text(sealed.facts, 'orders.facts', wanted.order)
  const profile = text(sealed.profile, 'customer.profile', wanted.customer)
  return {
    view: facts === null ? null : viewOrder(JSON.parse(facts) as OrderFacts),
    address: text(sealed.address, 'contact.address', wanted.contact),
    name: profile === null ? null : ((JSON.parse(profile) as { name?: string | null }).name ?? null),
  }
}
