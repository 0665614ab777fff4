import { type Queryable, run, sql } from './connect.ts'

/** Every kill switch that is on, by level: all shops, whole shops (slugs), single flows. */
export interface Stopped {
  readonly all: boolean
  readonly shops: readonly string[]
  readonly flows: readonly { readonly shop: string; readonly flow: string }[]
}

const stopped = sql<Stopped>(
  'stopped',
  `select exists (select from installation where killed) as all,
     array(select slug from shop where killed order by slug) as shops,
     (select coalesce(json_agg(json_build_object('shop', s.slug, 'flow', f.key) order by s.slug, f.key), '[]')
      from flow as f join shop as s on s.id = f.shop_id where f.killed) as flows`,
)

/** The kill switches of every shop: for whoever runs the machine, never for a shop's own requests. */
export async function readStopped(db: Queryable): Promise<Stopped> {
  return (await run(db, stopped, []))[0]!
}
