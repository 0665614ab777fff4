import { addMember, addMemberContact } from '../../db/accounts.ts'
import { transaction } from '../../db/connect.ts'
import { bumpConfig } from '../../db/shops.ts'
import { formatId, newId } from '../../domain/ids.ts'
import { type Address, emailAddress, phoneAddress } from '../../domain/order/contact.ts'
import { nearest } from '../../domain/template/nearest.ts'
import { type Command, CommandError, type Context, EXIT } from '../command.ts'
import { record } from '../record.ts'
import { chooseShop, withKeys } from '../session.ts'
import { OPTIONS } from '../texts/commands.ts'
import { ERRORS, nearText } from '../texts/errors.ts'
import { MEMBERS } from '../texts/setup.ts'
import { say } from '../texts/text.ts'

const ROLES = ['operator', 'finance', 'support'] as const

type Options = Readonly<Record<string, string | boolean | undefined>>

/** Works on the database itself. */
export const memberAdd: Command = {
  name: 'member add',
  summary: MEMBERS.add,
  args: [{ name: '<name>', text: MEMBERS.name }],
  options: [
    { flags: '--role <list>', text: MEMBERS.role },
    { flags: '--email <address>', text: MEMBERS.email },
    { flags: '--phone <number>', text: MEMBERS.phone },
    { flags: '--locale <tag>', text: MEMBERS.locale },
    { flags: '--shop <slug>', text: OPTIONS.shop },
  ],
  examples: [
    'dingdong member add 小运 --role operator --email ops@shop.example',
    'dingdong member add Finn --role finance,support --email finn@shop.example --phone +8613800138000',
  ],
  async run(context, [name = ''], options) {
    const { screen, language, clock, random } = context
    const roles = readRoles(context, options.role)
    return withKeys(context, async (session) => {
      const shop = await chooseShop(context, session, options.shop)
      const contacts = readContacts(context, options, shop.country)
      const vault = await session.keyring.open(shop.id)
      const now = clock.now()
      const member = newId('mem', now, random)
      const id = formatId('mem', member)
      const locale = typeof options.locale === 'string' ? options.locale : shop.locale
      await transaction(session.pools.db, async (tx) => {
        await addMember(tx, shop.id, { id: member, name, roles, locale }, now)
        for (const { channel, address, identity } of contacts) {
          const contact = newId('con', now, random)
          const place = { shop: shop.id, column: 'contact.address', row: contact }
          const index = vault.index(`contact.${channel}`, identity)
          const sealed = vault.sealer.seal(address, place)
          await addMemberContact(tx, shop.id, member, { id: contact, channel, index, address: sealed }, now)
        }
        await bumpConfig(tx, shop.id)
        await record(context, tx, shop.id, 'member.add', id, { roles })
      })
      screen.line(say(MEMBERS.made, language, { id }))
      screen.result({ member: id, shop: shop.slug, roles, channels: contacts.map(({ channel }) => channel) })
      return EXIT.ok
    })
  },
}

function readRoles({ language }: Context, given: string | boolean | undefined): readonly string[] {
  if (typeof given !== 'string')
    throw new CommandError(EXIT.usage, say(MEMBERS.needRole, language, { known: ROLES.join(', ') }))
  const roles = given.split(',').map((each) => each.trim())
  for (const role of roles) {
    if ((ROLES as readonly string[]).includes(role)) continue
    const near = nearText(nearest(role, ROLES), language)
    const text = say(MEMBERS.roleUnknown, language, { role, near, known: ROLES.join(', ') })
    throw new CommandError(EXIT.usage, text)
  }
  return [...new Set(roles)]
}

function readContacts({ language }: Context, { email, phone }: Options, country: string) {
  const read = (channel: 'email' | 'sms', what: string, got: string, answer: Address, expected: string) => {
    if (answer.ok) return { channel, address: answer.address, identity: answer.identity }
    throw new CommandError(EXIT.usage, say(ERRORS.needsValue, language, { what, got, expected }))
  }
  const contacts = [
    ...(typeof email === 'string'
      ? [read('email', '--email', email, emailAddress(email), 'name@shop.example')]
      : []),
    ...(typeof phone === 'string'
      ? [read('sms', '--phone', phone, phoneAddress(phone, country), '+8613800138000')]
      : []),
  ]
  if (contacts.length === 0) throw new CommandError(EXIT.usage, say(MEMBERS.needContact, language))
  return contacts
}
