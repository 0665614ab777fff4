import { reach } from '../../app/database.ts'
import { findMasterKey, masterKeyFile } from '../../app/master-key.ts'
import type { Config } from '../../config.ts'
import { connect, type Db } from '../../db/connect.ts'
import { probeWrite } from '../../db/health.ts'
import { PgFault } from '../../db/postgres/errors.ts'
import { attachPostgres } from '../../db/postgres/supervisor.ts'
import { listShops } from '../../db/shops.ts'
import { createKeyring } from '../../pipeline/keyring.ts'
import { type Command, type Context, EXIT } from '../command.ts'
import {
  type Check,
  checkClock,
  checkDataDir,
  checkDisk,
  checkDns,
  checkFiles,
  checkKeyFile,
  checkNode,
  checkPackages,
  checkPort,
  checkPostgres,
  checkPublicUrl,
  checkSettings,
  checkUser,
  type Finding,
  fine,
  repair,
  saidAlready,
} from '../doctor-checks.ts'
import { checkPresets, checkStopped, lookAtShop } from '../doctor-shops.ts'
import { failureOf } from '../errors.ts'
import { padTo } from '../screen.ts'
import { DOCTOR } from '../texts/doctor.ts'
import { say } from '../texts/text.ts'

const CHECKS: readonly Check[] = [
  checkNode,
  checkPackages,
  checkSettings,
  checkFiles,
  checkUser,
  checkDataDir,
  checkDisk,
  checkPostgres,
  checkDatabase,
  checkKeyFile,
  checkPort,
  checkPublicUrl,
  checkClock,
  checkDns,
]

/** Looks at everything from outside and changes nothing; joins the database where it runs. Exit 1 when something is to be repaired. */
export const doctor: Command = {
  name: 'doctor',
  summary: DOCTOR.summary,
  examples: ['dingdong doctor', 'dingdong doctor --json'],
  async run(context) {
    const { screen, language } = context
    const config = context.config()
    const findings: Finding[] = []
    for (const check of CHECKS) {
      const found = await check(context, config).catch(
        (error): Finding => ({
          ...repair('settings', null),
          detail: failureOf(error, language).text,
        }),
      )
      for (const finding of Array.isArray(found) ? (found as readonly Finding[]) : [found as Finding]) {
        // Whether the key fits the data says more than that its file is there.
        if (finding.text === 'masterKeyThere' && findings.some((each) => each.check === 'masterKey')) continue
        findings.push(finding)
        show(context, finding)
      }
    }
    const count = (state: Finding['state']) => findings.filter((each) => each.state === state).length
    const [fail, warn] = [count('fail'), count('warn')]
    screen.line()
    screen.line(
      fail + warn === 0
        ? screen.paint('green', say(DOCTOR.allGood, language))
        : say(DOCTOR.counted, language, { fail, warn }),
    )
    screen.result({
      fail,
      warn,
      checks: findings.map((each) => ({
        check: each.check,
        state: each.state,
        text: wordsOf(context, each),
      })),
    })
    return fail > 0 ? EXIT.failed : EXIT.ok
  },
}

function show(context: Context, finding: Finding): void {
  const { screen, language } = context
  const mark = {
    ok: screen.paint('green', '✓'),
    warn: screen.paint('yellow', '!'),
    fail: screen.paint('red', '✗'),
  }[finding.state]
  screen.line(`${mark} ${padTo(say(DOCTOR[finding.check], language), 20)} ${wordsOf(context, finding)}`)
}

function wordsOf({ language }: Context, { text, params, detail }: Finding): string {
  return text === null ? (detail ?? '') : say(DOCTOR[text], language, params)
}

/** The database, and what is only known from inside it: whether the key fits, and how each shop is set up. */
async function checkDatabase(context: Context, config: Config): Promise<readonly Finding[]> {
  let url = config.databaseUrl
  try {
    await reach(config)
    url ??= (await attachPostgres({ dataDir: config.dataDir, clock: context.clock })).url
  } catch (error) {
    if (error instanceof PgFault && error.code === 'NOT_RUNNING') return [fine('database', 'databaseDown')]
    return [{ ...repair('database', null), detail: failureOf(error, context.language).text }]
  }
  const db = connect({ url, max: 1, connectionTimeout: 5_000 })
  try {
    const health = await probeWrite(db)
    if (!health.ok) return [{ ...repair('database', null), detail: health.reason }]
    const { rows } = await db.query<{ version: string }>(
      "select current_setting('server_version') as version",
    )
    return [
      fine('database', 'databaseUp', { version: rows[0]!.version }),
      ...(await lookInside(context, config, db)),
    ]
  } finally {
    await db.close()
  }
}

async function lookInside(context: Context, config: Config, db: Db): Promise<readonly Finding[]> {
  const shops = await listShops(db).catch(() => [])
  if (shops.length === 0) return []
  let findings: Finding[] = []
  try {
    const key = await findMasterKey(config, false)
    const keyring = createKeyring({ db, master: key.master, random: context.random })
    await keyring.openAll(shops.map((shop) => shop.id))
    findings = [
      fine('masterKey', 'masterKeyFits', {
        file: config.masterKey ? 'DINGDONG_MASTER_KEY' : await masterKeyFile(config),
      }),
    ]
    const presets = await context.presets().catch(saidAlready)
    for (const shop of shops) {
      const { sealer } = await keyring.open(shop.id)
      const of = shops.length > 1 ? ` --shop ${shop.slug}` : ''
      const found = [
        ...(await lookAtShop({ db, shop, sealer, now: context.clock.now() })),
        ...(presets === null ? [] : await checkPresets(db, shop, presets)),
      ]
      findings.push(...found.map((each) => ({ ...each, params: { ...each.params, of } })))
    }
  } catch (error) {
    // Once the key has proved to fit, what breaks off is something else.
    const check = findings.length === 0 ? 'masterKey' : 'database'
    findings.push({ ...repair(check, null), detail: failureOf(error, context.language).text })
  }
  return [...findings, ...(await checkStopped(db))]
}
