import { readLaw } from '../../app/law.ts'
import { findProvider } from '../../channels/registry.ts'
import { transaction } from '../../db/connect.ts'
import { bumpConfig } from '../../db/shops.ts'
import { formatId } from '../../domain/ids.ts'
import { openAccount } from '../../pipeline/open-shop.ts'
import { readNumbers } from '../account.ts'
import { calledByAccount, refuseUncallable } from '../called-addresses.ts'
import { type Command, CommandError, type Context, EXIT } from '../command.ts'
import { tellHeld } from '../held-templates.ts'
import { record } from '../record.ts'
import { chooseShop, serverAddress, withKeys } from '../session.ts'
import { checkAccountSettings, readSettings } from '../settings-file.ts'
import { OPTIONS } from '../texts/commands.ts'
import { nearText } from '../texts/errors.ts'
import { ACCOUNTS, SETTINGS } from '../texts/setup.ts'
import { say } from '../texts/text.ts'

/** Works on the database itself. */
export const accountAdd: Command = {
  name: 'account add',
  summary: ACCOUNTS.add,
  args: [{ name: '<provider>', text: ACCOUNTS.provider }],
  options: [
    { flags: '--settings <file>', text: SETTINGS.file },
    { flags: '--rate <number>', text: ACCOUNTS.rate },
    { flags: '--concurrency <number>', text: ACCOUNTS.concurrency },
    { flags: '--name <name>', text: ACCOUNTS.name },
    { flags: '--position <number>', text: ACCOUNTS.position },
    { flags: '--shop <slug>', text: OPTIONS.shop },
  ],
  examples: [
    'dingdong account add smtp --settings mail.yaml --rate 10',
    'dingdong account add sms-http --settings sms.yaml --rate 20 --name "Second vendor" --position 2',
  ],
  async run(context, [name = ''], options) {
    const { screen, language } = context
    const provider = chooseProvider(context, name)
    const numbers = readNumbers(context, options)
    const settings = await readSettings(context, options.settings)
    try {
      checkAccountSettings(context, await readLaw(language), provider, settings, options.settings)
    } catch (error) {
      throw options.settings === undefined ? withExample(context, provider.name, error as Error) : error
    }
    await refuseUncallable(context, calledByAccount(provider, settings, settings), options.settings)
    const label = typeof options.name === 'string' ? options.name : provider.name
    return withKeys(context, async (session) => {
      const shop = await chooseShop(context, session, options.shop)
      const deps = { keyring: session.keyring, random: context.random }
      const opened = { channel: provider.channel, provider: provider.name, name: label, settings, ...numbers }
      const id = await transaction(session.pools.db, async (tx) => {
        const made = await openAccount(deps, tx, shop.id, opened, context.clock.now())
        await bumpConfig(tx, shop.id)
        await record(context, tx, shop.id, 'account.add', formatId('acct', made), { provider: provider.name })
        return formatId('acct', made)
      })
      screen.line(say(ACCOUNTS.made, language, { id, channel: provider.channel }))
      await tellHeld(context, session, shop, { id, provider, settings })
      const base = session.config.publicUrl ?? (await serverAddress(context, undefined))
      const callback = provider.readCallback ? `${base}/cb/${shop.id}/${id}` : null
      if (callback) {
        screen.line(say(ACCOUNTS.receipts, language))
        screen.line(screen.paint('bold', callback))
      }
      screen.result({ account: id, provider: provider.name, channel: provider.channel, callback })
      return EXIT.ok
    })
  },
}

function chooseProvider({ language }: Context, name: string) {
  const answer = findProvider(name)
  if (answer.found) return answer.found
  const near = nearText(answer.near, language)
  const known = answer.known.join(', ')
  throw new CommandError(EXIT.usage, say(ACCOUNTS.providerUnknown, language, { provider: name, near, known }))
}

/** What a file of settings looks like, for the providers that need one. */
const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  smtp: [
    'host: smtp.example.com',
    'port: 587',
    'security: starttls',
    'user: shop@example.com',
    'pass: …',
    'from: shop@example.com',
    'fromName: My shop',
  ],
  'sms-http': [
    'request:',
    '  method: POST',
    '  url: https://sms.example.com/v1/messages',
    "  headers: { X-Api-Key: '{{api_key}}' }",
    "  body: { kind: json, value: { to: '{{to}}', text: '{{text}}', id: '{{id}}' } }",
    'credentials: { api_key: … }',
    'success: { json: code, equals: OK }',
  ],
  webhook: ['url: https://shop.example.com/dingdong', 'secrets: [whsec_…]'],
  command: ['url: https://shop.example.com/dingdong', 'secrets: [whsec_…]'],
}

function withExample({ language }: Context, name: string, error: Error): Error {
  const lines = EXAMPLES[name]
  if (!lines) return error
  const head = say(SETTINGS.example, language, { file: `${name}.yaml` })
  const text = [error.message, head, ...lines.map((line) => `  ${line}`)].join('\n')
  return new CommandError(EXIT.usage, text)
}
