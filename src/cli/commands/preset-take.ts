import { transaction } from '../../db/connect.ts'
import { bumpConfig } from '../../db/shops.ts'
import { nearest } from '../../domain/template/nearest.ts'
import { type PresetState, presetStates } from '../../pipeline/preset-states.ts'
import { type NamedPreset, type TakenPresets, takePresets } from '../../pipeline/take-presets.ts'
import { type Command, CommandError, type Context, EXIT } from '../command.ts'
import { record } from '../record.ts'
import { chooseShop, shopFlag, withKeys } from '../session.ts'
import { refusal } from '../shop-flow.ts'
import { roadsOf } from '../shop-template.ts'
import { OPTIONS } from '../texts/commands.ts'
import { nearText } from '../texts/errors.ts'
import { PRESETS } from '../texts/presets.ts'
import { say } from '../texts/text.ts'

/** Works on the database itself, and needs the master key like `template set`: the law stands in sealed settings. */
export const presetTake: Command = {
  name: 'preset take',
  summary: PRESETS.take,
  args: [{ name: '[names...]', text: PRESETS.names }],
  options: [
    { flags: '--all', text: PRESETS.all },
    { flags: '--shop <slug>', text: OPTIONS.shop },
  ],
  examples: ['dingdong preset take --all', 'dingdong preset take order-paid order_paid --shop my-shop'],
  async run(context, names, options) {
    const { screen, language, clock } = context
    const wish = { names, all: options.all === true }
    if (names.length === 0 && !wish.all) throw new CommandError(EXIT.usage, say(PRESETS.need, language))
    return withKeys(context, async (session) => {
      const { db } = session.pools
      const shop = await chooseShop(context, session, options.shop)
      const of = await shopFlag(db, shop)
      const [presets, roads] = await Promise.all([context.presets(), roadsOf(context, session, shop)])
      const done = await transaction(db, async (tx) => {
        // Locks the shop's row until commit, so that nobody edits what is found unedited here.
        await bumpConfig(tx, shop.id)
        const states = await presetStates(tx, shop.id, presets)
        checkNames(context, states, names, of)
        const scene = { tx, shop: shop.id, roads, by: 'command line', now: clock.now(), language }
        const all = await takePresets(scene, states, wish)
        for (const { kind, key, version, replaced } of all.taken)
          await record(context, tx, shop.id, 'preset.take', key, { kind, version, replaced })
        return all
      })
      tell(context, done, of)
      screen.result(done)
      return done.refused.length > 0 ? EXIT.failed : EXIT.ok
    })
  },
}

function checkNames(
  { language }: Context,
  states: readonly PresetState[],
  names: readonly string[],
  of: string,
): void {
  for (const name of names) {
    const found = states.filter(({ key }) => key === name)
    if (found.length === 0) {
      const known = states.map(({ key }) => key)
      const near = nearText(nearest(name, known), language)
      throw new CommandError(EXIT.notFound, say(PRESETS.unknown, language, { name, near }))
    }
    // Whether it is to be on is asked there.
    const lacks = found.find(({ kind, state }) => state === 'missing' && kind !== 'template')
    if (lacks) {
      const text = lacks.kind === 'flow' ? PRESETS.addFlow : PRESETS.addRule
      throw new CommandError(EXIT.notFound, say(text, language, { name, of }))
    }
  }
}

function tell({ screen, language }: Context, { taken, refused, same, edited }: TakenPresets, of: string) {
  const kindOf = ({ kind, key }: NamedPreset) => ({ kind: say(PRESETS[kind], language), name: key })
  for (const each of taken) {
    const { kind: command, key: name, version, replaced } = each
    const text = say(PRESETS.taken, language, { ...kindOf(each), version })
    const more = say(PRESETS.wasEdited, language, { replaced, command, name, of })
    screen.line(each.edited ? `${text}${language === 'zh' ? '；' : '; '}${more}` : text)
  }
  for (const each of same) screen.line(say(PRESETS.same, language, kindOf(each)))
  if (taken.length > 0) screen.line(screen.paint('dim', say(PRESETS.after, language)))
  else if (same.length + refused.length === 0) screen.line(say(PRESETS.nothing, language))
  if (edited.length > 0) {
    const names = edited.map(({ key }) => key).join(language === 'zh' ? '、' : ', ')
    screen.line(say(PRESETS.leftEdited, language, { names }))
  }
  for (const each of refused)
    screen.line(refusal(say(PRESETS.refused, language, kindOf(each)), each.problems).message)
}
