import { type PresetState, presetStates } from '../../pipeline/preset-states.ts'
import { type Command, type Context, EXIT } from '../command.ts'
import { table } from '../screen.ts'
import { chooseShop, shopFlag, withDatabase } from '../session.ts'
import { OPTIONS } from '../texts/commands.ts'
import { PRESETS } from '../texts/presets.ts'
import { say } from '../texts/text.ts'

/** Reads the database itself. */
export const presetList: Command = {
  name: 'preset list',
  summary: PRESETS.list,
  options: [{ flags: '--shop <slug>', text: OPTIONS.shop }],
  examples: ['dingdong preset list', 'dingdong preset list --json'],
  run: (context, _args, options) =>
    withDatabase(context, async (session) => {
      const { screen, language } = context
      const { db } = session.pools
      const shop = await chooseShop(context, session, options.shop)
      const states = await presetStates(db, shop.id, await context.presets())
      for (const line of table(states.map((each) => cells(context, each)))) screen.line(line)
      const count = states.filter(({ state }) => state === 'older').length
      if (count > 0) screen.line(say(PRESETS.newer, language, { count, of: await shopFlag(db, shop) }))
      screen.result(states.map(({ preset: _, ...each }) => each))
      return EXIT.ok
    }),
}

function cells({ screen, language }: Context, { kind, key, state, version, newer }: PresetState) {
  const word = say(PRESETS[state === 'edited' && newer ? 'editedNewer' : state], language)
  return [
    say(PRESETS[kind], language),
    screen.paint('bold', key),
    version === null ? '' : `v${version}`,
    newer ? screen.paint('yellow', word) : screen.paint('dim', word),
  ]
}
