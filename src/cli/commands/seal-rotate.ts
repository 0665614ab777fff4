import { addAudit } from '../../db/audit.ts'
import { transaction } from '../../db/connect.ts'
import {
  readSealedByOthers,
  retireKeys,
  SEALED_COLUMNS,
  type SealedColumn,
  writeResealed,
} from '../../db/reseal.ts'
import type { ShopRow } from '../../db/shops.ts'
import { newId } from '../../domain/ids.ts'
import { createHints } from '../../pipeline/hints.ts'
import type { ShopVault } from '../../pipeline/keyring.ts'
import { type Command, type Context, EXIT } from '../command.ts'
import { chooseShop, type Opened, withKeys } from '../session.ts'
import { OPTIONS, SEAL } from '../texts/commands.ts'
import { say } from '../texts/text.ts'

/** Values in one statement: small enough that a running server hardly notices. */
const BATCH = 500
const NO_ID = '00000000-0000-0000-0000-000000000000'
/** Processes look for new keys every 5 s, and hear a hint at once. */
const NOTICED_WITHIN = 6_000

/**
 * Works on the database itself, beside a running server. New values are sealed by the new key from the start; old
 * ones are read, sealed anew and put back only where nothing has changed in between.
 */
export const sealRotate: Command = {
  name: 'seal rotate',
  summary: SEAL.summary,
  options: [
    { flags: '--shop <slug>', text: OPTIONS.shop },
    { flags: '--resume', text: SEAL.resume },
  ],
  examples: ['dingdong seal rotate --shop my-shop', 'dingdong seal rotate --resume'],
  async run(context, _args, options) {
    return withKeys(context, async (session) => {
      const { screen, language, clock } = context
      const { db } = session.pools
      const shop = await chooseShop(context, session, options.shop)
      if (!options.resume) await addKey(context, session, shop)
      const vault = await session.keyring.open(shop.id)
      screen.line(say(SEAL.rotated, language, { shop: shop.slug, key: vault.currentKeyId }))
      let total = 0
      for (const column of SEALED_COLUMNS) {
        const count = await resealColumn(session, shop, vault, column)
        total += count
        if (count > 0) screen.line(`  ${say(SEAL.progress, language, { column: column.shown, count })}`)
      }
      await retireKeys(db, shop.id, vault.currentKeyId, clock.now())
      screen.line(say(SEAL.done, language, { count: total }))
      screen.result({ shop: shop.slug, key: vault.currentKeyId, resealed: total })
      return EXIT.ok
    })
  },
}

async function addKey(context: Context, { pools, keyring, running }: Opened, shop: ShopRow): Promise<void> {
  const { clock, random, screen, language } = context
  const now = clock.now()
  await transaction(pools.db, async (tx) => {
    await keyring.rotate(tx, shop.id, now)
    await addAudit(tx, shop.id, {
      id: newId('adt', now, random),
      at: now,
      actor: 'command line',
      action: 'key.rotate',
      target: 'shop',
      detail: {},
    })
  })
  if (!running) return
  const hints = createHints({ db: pools.db, clock, log: { debug: () => {} }, hear: null })
  hints.keysChanged(shop.id)
  await hints.close()
  screen.note(say(SEAL.waiting, language))
  // What is sealed anew must be readable to every process before it is put back.
  await new Promise<void>((resolve) => clock.after(NOTICED_WITHIN, resolve))
}

async function resealColumn(
  { pools }: Opened,
  shop: ShopRow,
  vault: ShopVault,
  column: SealedColumn,
): Promise<number> {
  let after = NO_ID
  let total = 0
  for (;;) {
    const values = await readSealedByOthers(pools.db, shop.id, column, vault.currentKeyId, after, BATCH)
    if (values.length === 0) return total
    after = values.at(-1)!.id
    const anew = values.map(({ id, value }) => {
      const place = { shop: shop.id, column: column.name, row: id }
      return { id, before: value, after: vault.sealer.seal(vault.sealer.open(value, place), place) }
    })
    total += await writeResealed(pools.db, shop.id, column, anew)
  }
}
