import * as z from 'zod'
import { Fault } from '../domain/errors.ts'
import { type Id, type IdPrefix, parseId } from '../domain/ids.ts'

/** Lists go backwards in time: `before` is the `next` of the page before. */
export const pageQuery = z.object({
  before: z.string().optional().describe('`next` of the page before'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  shop: z.string().optional().describe('For the administrator: the shop’s number'),
  lang: z.enum(['zh', 'en']).optional(),
})

export function paged<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().nullable() })
}

/** The id inside a cursor; 422 when it is none. */
export function cursor<P extends IdPrefix>(prefix: P, text: string | undefined): Id<P> | null {
  if (text === undefined) return null
  const id = parseId(prefix, text)
  if (id === null) {
    throw new Fault(
      'FIELD_INVALID',
      {},
      {
        fields: [{ path: 'before', problem: `expected the "next" of a page, ${prefix}_…` }],
      },
    )
  }
  return id
}
