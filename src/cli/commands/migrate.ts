import { migrate } from '../../db/migrate.ts'
import { type Command, EXIT } from '../command.ts'
import { withDatabase } from '../session.ts'
import { MIGRATE } from '../texts/commands.ts'
import { say } from '../texts/text.ts'

/** Works on the database itself. `dingdong start` does the same; this is for installations whose processes do not. */
export const migrateCommand: Command = {
  name: 'migrate',
  summary: MIGRATE.summary,
  examples: ['dingdong migrate', 'DATABASE_URL=postgres://… dingdong migrate'],
  async run(context) {
    const work = async ({ pools }: Parameters<Parameters<typeof withDatabase>[1]>[0]) => {
      const { screen, language } = context
      const applied = await migrate({ db: pools.db, now: context.clock.now() })
      screen.line(
        applied.length > 0
          ? say(MIGRATE.done, language, { files: applied.join(', ') })
          : say(MIGRATE.nothing, language),
      )
      screen.result({ applied })
      return EXIT.ok
    }
    return withDatabase(context, work, { makes: true })
  },
}
