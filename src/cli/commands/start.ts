import { homedir } from 'node:os'
import packageJson from '../../../package.json' with { type: 'json' }
import type { App, Step } from '../../app.ts'
import type { Config } from '../../config.ts'
import type { Clock } from '../../domain/time.ts'
import { toIso } from '../../domain/time.ts'
import { type Command, type Context, EXIT, type Exit } from '../command.ts'
import { CASTS } from '../demo-cast.ts'
import { table } from '../screen.ts'
import { DOCTOR } from '../texts/doctor.ts'
import { START } from '../texts/start.ts'
import { say } from '../texts/text.ts'

/** Runs the server until it is told to stop. Logs go to standard error, what is shown here to standard output. */
export const start: Command = {
  name: 'start',
  summary: START.summary,
  options: [
    { flags: '--port <number>', text: START.port },
    { flags: '--host <address>', text: START.host },
    { flags: '--role <role>', text: START.role },
  ],
  examples: [
    'dingdong start',
    'dingdong start --port 8080',
    'DATABASE_URL=postgres://… dingdong start --role worker --port 0',
  ],
  async run(context, _args, options) {
    const { port, host, role } = options
    const number = typeof port === 'string' && /^\d+$/.test(port) ? Number(port) : port
    const config = context.config({ port: number, host, role })
    const began = performance.now()
    // Loaded only here: the whole server would otherwise be loaded into every small command.
    const { createApp, createLogger } = await import('../../app.ts')
    const { screen, clock, random, language } = context
    const logger = createLogger(config.log, clock, process.stderr.isTTY === true, (line) =>
      process.stderr.write(line),
    )
    const app = await createApp({
      config,
      clock,
      random,
      logger,
      language,
      post: async (url, headers, body) => (await fetch(url, { method: 'POST', headers, body })).status,
      onStep: (step: Step) => screen.replace(screen.paint('dim', say(START[step], language))),
    })
    screen.replace('')
    show(context, config, app, (performance.now() - began) / 1000)
    collectGarbage()
    return untilStopped(context, app)
  },
}

/** Starting leaves 30 MB of garbage that an idle process would carry for hours. */
function collectGarbage(): void {
  setTimeout(async () => {
    const { setFlagsFromString } = await import('node:v8')
    const { runInNewContext } = await import('node:vm')
    setFlagsFromString('--expose-gc')
    const gc = runInNewContext('gc') as (options: object) => void
    gc({ type: 'major', execution: 'sync', flavor: 'last-resort' })
  }, 2_000).unref()
}

function untilStopped({ screen, language }: Context, app: App): Promise<Exit> {
  return new Promise((resolve) => {
    let asked = 0
    const onSignal = () => {
      // Ctrl-C reaches this process from the terminal and again through npm: within a second it is one wish.
      if (asked > 0 && performance.now() - asked < 1_000) return
      if (asked > 0) process.exit(EXIT.failed)
      asked = performance.now()
      screen.note(say(START.stopping, language))
      void app.stop().then(() => {
        screen.note(say(START.stopped, language))
        resolve(EXIT.ok)
        // Whatever still holds the event loop (an idle socket of a provider) has nothing left to do.
        setTimeout(() => process.exit(EXIT.ok), 500).unref()
      })
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
    if (process.env.npm_lifecycle_event !== undefined) stopWithParent(onSignal)
    // Started by the launcher under an old Node: when that is gone, nobody could stop us.
    process.on('disconnect', onSignal)
    process.channel?.unref()
  })
}

/** npm runs scripts in a shell, which dies of SIGTERM without passing it on: then we have another parent. */
function stopWithParent(stop: () => void): void {
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    stop()
  }, 500)
  watch.unref()
}

function show(context: Context, config: Config, app: App, seconds: number): void {
  const { screen, language } = context
  const { paint } = screen
  const curl = app.demo && curlLine(app.address, app.demo, context.clock)
  screen.result({
    url: app.address,
    publicUrl: app.publicUrl,
    outbox: app.demo ? `${app.address}/outbox` : null,
    adminSecret: app.adminSecret,
    apiKey: app.demo?.apiKey ?? null,
    masterKeyFile: app.key.file,
    masterKeyNew: app.key.fresh,
    dataDir: config.dataDir,
    curl,
    seconds: Math.round(seconds * 100) / 100,
  })
  const t = (text: keyof typeof START) => say(START[text], language)
  const hint = (text: keyof typeof START) => paint('dim', t(text))
  const rows: string[][] = [[t('address'), paint(['bold', 'cyan'], app.address)]]
  if (app.demo) rows.push([t('outbox'), `${app.address}/outbox  ${hint('outboxHint')}`])
  if (app.adminSecret)
    rows.push([t('admin'), `${paint(['bold', 'yellow'], app.adminSecret)}  ${hint('adminOnce')}`])
  if (app.demo) rows.push([t('apiKey'), `${app.demo.apiKey}  ${hint('apiKeyHint')}`])
  if (app.key.file && app.key.fresh)
    rows.push([t('masterKey'), `${short(app.key.file)}  ${hint('masterKeyHint')}`])
  screen.line()
  screen.line(
    `  ${paint(['bold', 'green'], t('ready'))} ${paint('dim', `${packageJson.version} · ${seconds.toFixed(1)} s`)}`,
  )
  screen.line()
  for (const line of table(rows)) screen.line(`  ${line}`)
  screen.line()
  if (curl) {
    screen.line(`  ${paint('bold', t('tryIt'))}`)
    screen.line()
    // Not indented and on one line, so that it can be copied whole.
    screen.line(curl)
    screen.line()
    screen.line(`  ${paint('dim', t('day'))}  npm run dingdong -- demo`)
  } else if (app.shops === 0) screen.line(`  ${t('noShops')}`)
  screen.line(`  ${paint('dim', t('stop'))}  Ctrl-C`)
  screen.line()
  for (const line of stoppedLines(app.stopped, language)) screen.note(`  ${paint(['bold', 'red'], line)}`)
  if (!app.demo && !config.publicUrl)
    screen.note(`  ${say(START.loopback, language, { url: app.publicUrl })}`)
}

function stoppedLines({ all, shops, flows }: App['stopped'], language: Context['language']): string[] {
  return [
    ...(all ? [say(DOCTOR.stoppedAll, language)] : []),
    ...shops.map((shop) => say(DOCTOR.stoppedShop, language, { shop })),
    ...flows.map((each) => say(DOCTOR.stoppedFlow, language, each)),
  ]
}

function short(file: string): string {
  const home = homedir()
  return file.startsWith(`${home}/`) ? `~${file.slice(home.length)}` : file
}

/** One payment that failed; a new order at each start, so that the line works again. */
function curlLine(url: string, demo: NonNullable<App['demo']>, clock: Clock): string {
  const { goods, currency } = CASTS[demo.language]
  const now = clock.now()
  const no = `TRY-${now.toString(36).slice(-6).toUpperCase()}`
  const event = {
    id: `${no}-1`,
    type: 'payment.failed',
    time: toIso(now),
    subject: no,
    data: {
      order: {
        no,
        total: { minor: goods[0]![1], currency },
        title: 'VIP 90 d',
        payUrl: `https://shop.example/pay/${no}`,
      },
      customer: { email: 'buyer@demo.example', name: 'Lin' },
      payment: {
        id: `${no}-p1`,
        rail: 'stripe',
        failure: { code: 'card_declined', declineCode: 'incorrect_cvc' },
      },
    },
  }
  return `curl -sS ${url}/v1/events -H 'Authorization: Bearer ${demo.apiKey}' -H 'Content-Type: application/json' -d '${JSON.stringify(event)}'`
}
