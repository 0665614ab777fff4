import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { transaction } from '../../db/connect.ts'
import { addConnection, setConnectionEnabled } from '../../db/connections.ts'
import { bumpConfig } from '../../db/shops.ts'
import { formatId, newId } from '../../domain/ids.ts'
import { hashSecret } from '../../domain/seal.ts'
import { SOURCES } from '../../sources/registry.ts'
import { calledByConnection, refuseUncallable } from '../called-addresses.ts'
import { type Command, type Context, EXIT } from '../command.ts'
import { chooseSource, type FirstSettings, firstSettings, lacking, takesSecret } from '../connection.ts'
import { record } from '../record.ts'
import { chooseShop, serverAddress, shopFlag, withKeys } from '../session.ts'
import { checkConnectionSettings, readSettings } from '../settings-file.ts'
import { OPTIONS } from '../texts/commands.ts'
import { CONNECTIONS, SETTINGS } from '../texts/setup.ts'
import { say } from '../texts/text.ts'
import { changeConnection } from './connection-set.ts'

/** Works on the database itself. The address is shown this once: only its hash is kept. */
export const connectionAdd: Command = {
  name: 'connection add',
  summary: CONNECTIONS.add,
  args: [
    {
      name: '<source>',
      text: {
        zh: say(CONNECTIONS.source, 'zh', { sources: [...SOURCES.keys()].join('、') }),
        en: say(CONNECTIONS.source, 'en', { sources: [...SOURCES.keys()].join(', ') }),
      },
    },
  ],
  options: [
    { flags: '--settings <file>', text: SETTINGS.file },
    { flags: '--name <name>', text: CONNECTIONS.name },
    { flags: '--shop <slug>', text: OPTIONS.shop },
  ],
  examples: [
    'dingdong connection add stripe',
    'dingdong connection add woocommerce --shop my-shop',
    'dingdong connection add stripe --settings secrets.yaml --name "Stripe EU"',
  ],
  async run(context, [name = ''], options) {
    const source = chooseSource(context, name)
    const token = Buffer.from(context.random(20)).toString('hex')
    const first = firstSettings(source, token, context.random)
    const given = await readSettings(context, options.settings)
    const settings =
      first.secret === 'path' ? { ...given, ...first.settings } : { ...startOf(first), ...given }
    // Without its secret the connection waits for it, switched off.
    const ready = first.secret !== 'theirs' || options.settings !== undefined
    if (ready) checkConnectionSettings(context, source, settings, options.settings)
    await refuseUncallable(context, calledByConnection(given), options.settings)
    const label = typeof options.name === 'string' ? options.name : source.name
    const made = await withKeys(context, async (session) => {
      const shop = await chooseShop(context, session, options.shop)
      const now = context.clock.now()
      const id = newId('conn', now, context.random)
      const { sealer } = await session.keyring.open(shop.id)
      const place = { shop: shop.id, column: 'connection.settings', row: id }
      const sealed = sealer.seal(JSON.stringify(settings), place)
      const row = { id, source: source.name, name: label, path_hash: hashSecret(token), created_at: now }
      await transaction(session.pools.db, async (tx) => {
        await addConnection(tx, shop.id, { ...row, settings: sealed })
        if (!ready) await setConnectionEnabled(tx, shop.id, id, false)
        await bumpConfig(tx, shop.id)
        await record(context, tx, shop.id, 'connection.add', formatId('conn', id), { source: source.name })
      })
      const { publicUrl } = session.config
      const base = publicUrl ?? (await serverAddress(context, undefined))
      const of = await shopFlag(session.pools.db, shop)
      return {
        of,
        id: formatId('conn', id),
        url: `${base}/in/${shop.id}/${token}`,
        shop,
        reachable: !!publicUrl,
      }
    })
    const secret = first.secret === 'ours' && given.secrets === undefined ? first.text : null
    show(context, made, secret)
    const shop = made.shop.slug
    const finished =
      ready || (takesSecret(source) && (await pasteSecret(context, made.id, source.name, shop)))
    context.screen.result({
      connection: made.id,
      source: source.name,
      shop,
      url: made.url,
      ...(secret ? { secret } : {}),
      enabled: finished,
    })
    const text = finished ? CONNECTIONS.ready : lacking(source)
    context.screen.line(say(text, context.language, { id: made.id, source: source.name, of: made.of }))
    return EXIT.ok
  },
}

function startOf(first: FirstSettings): object {
  return first.secret === 'theirs' ? {} : first.settings
}

function show(
  { screen, language }: Context,
  made: { readonly url: string; readonly reachable: boolean },
  secret: string | null,
): void {
  screen.line(say(CONNECTIONS.address, language))
  screen.line(screen.paint(['bold', 'yellow'], made.url))
  if (secret) {
    screen.line(say(CONNECTIONS.secret, language))
    screen.line(screen.paint(['bold', 'yellow'], secret))
  }
  if (!made.reachable) screen.note(say(CONNECTIONS.unreachable, language))
}

/** On a terminal, waits for the secret that the sender shows now; `false` when there is none yet. */
async function pasteSecret(context: Context, id: string, source: string, shop: string): Promise<boolean> {
  const { screen, language } = context
  if (screen.json || !screen.terminal || !process.stdin.isTTY) return false
  screen.line(say(CONNECTIONS.paste, language, { source }))
  const secret = await readHidden()
  if (secret === '') return false
  await changeConnection(context, id, { secrets: [secret] }, { shop })
  return true
}

/** A line typed on the terminal that does not show; empty when it was broken off. */
function readHidden(): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  return new Promise((resolve) => {
    lines.once('line', (line) => {
      resolve(line.trim())
      lines.close()
    })
    lines.once('close', () => resolve(''))
    lines.once('SIGINT', () => lines.close())
  })
}
