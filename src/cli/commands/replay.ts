import { loadRails } from '../../app/rails.ts'
import { findOrder } from '../../db/orders.ts'
import { parseDuration } from '../../domain/flow/duration.ts'
import { gatePolicy } from '../../domain/gate/policy.ts'
import { parseId } from '../../domain/ids.ts'
import { normaliseRef } from '../../domain/order/refs.ts'
import { type PolicyChange, type Replayed, replayOrder, replaySince } from '../../pipeline/replay.ts'
import { createShopConfigs } from '../../pipeline/shop-config.ts'
import { type Command, CommandError, type Context, EXIT } from '../command.ts'
import { chooseShop, withKeys } from '../session.ts'
import { checkSettings, readSettings } from '../settings-file.ts'
import { emptyWords, type ShopWords, shopWords } from '../shop-words.ts'
import { OPTIONS, REPLAY } from '../texts/commands.ts'
import { say } from '../texts/text.ts'

/** Gives decisions again from what was recorded; reads the database itself and changes nothing. */
export const replay: Command = {
  name: 'replay',
  summary: REPLAY.summary,
  args: [{ name: '[order]', text: REPLAY.order }],
  options: [
    { flags: '--since <time>', text: REPLAY.since },
    { flags: '--policy <file>', text: REPLAY.policy },
    { flags: '--shop <slug>', text: OPTIONS.shop },
  ],
  examples: [
    'dingdong replay D20261122-17',
    'dingdong replay --since 7d',
    'dingdong replay --since 30d --policy policy.yaml',
  ],
  async run(context, [no], options) {
    const { clock, language, screen } = context
    const length = parseDuration(typeof options.since === 'string' ? options.since : '1d')
    if (length === null) throw new CommandError(EXIT.usage, say(REPLAY.sinceWrong, language))
    return withKeys(context, async (session) => {
      const { db } = session.pools
      const shop = await chooseShop(context, session, options.shop)
      const change = await readChange(context, options.policy, await shopWords(db, shop.id))
      const { keyring } = session
      const none = () => undefined
      const failureTable = (await loadRails(language)).table
      const configs = createShopConfigs({
        db,
        clock,
        keyring,
        findSource: none,
        findProvider: none,
        failureTable,
      })
      const deps = { db, keyring, configs }
      const now = clock.now()
      if (no === undefined)
        return tell(context, await replaySince(deps, shop.id, now - length, now, change), change)
      const order = parseId('ord', no) ?? (await findOrder(db, shop.id, normaliseRef('order_no', no)))
      if (order === null) throw new CommandError(EXIT.notFound, say(REPLAY.unknown, language, { no }))
      screen.line(screen.paint('bold', no))
      return tell(context, await replayOrder(deps, shop.id, order, now, change), change)
    })
  },
}

async function readChange(
  context: Context,
  file: string | boolean | undefined,
  words: ShopWords,
): Promise<PolicyChange> {
  if (typeof file !== 'string') return {}
  const shape = gatePolicy.omit({ timeZone: true })
  const given = await readSettings(context, file)
  checkSettings(context, shape.partial(), given, file, {
    more: emptyWords(given, words, context.language),
    open: true,
  })
  const read = shape.parse(given) as Record<string, unknown>
  // Defaults of what the file does not name must not hide what was recorded.
  return Object.fromEntries(Object.keys(given).map((name) => [name, read[name]])) as PolicyChange
}

function tell({ screen, language }: Context, replayed: Replayed, change: PolicyChange) {
  for (const { id, about, recorded, replayed: now } of replayed.differences) {
    screen.line(`${screen.paint('yellow', id)} ${about}`)
    screen.line(`  ${say(REPLAY.was, language)} ${recorded}`)
    screen.line(`  ${say(REPLAY.now, language)} ${now}`)
  }
  const { verdicts, runs, unrecorded } = replayed
  const n = replayed.differences.length
  screen.line(say(REPLAY.sum, language, { verdicts, runs, unrecorded, n }))
  screen.result(replayed)
  // With another policy differences are what was asked for.
  return n === 0 || Object.keys(change).length > 0 ? EXIT.ok : EXIT.failed
}
