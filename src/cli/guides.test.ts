import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import type * as z from 'zod'
import { findProvider } from '../channels/registry.ts'
import { configSchema } from '../config.ts'
import { flowSchema } from '../domain/flow/flow.ts'
import { gatePolicy } from '../domain/gate/policy.ts'
import { shopSettings } from '../domain/shop.ts'
import { commonSettings, split } from '../sources/connection-settings.ts'
import { SOURCES } from '../sources/registry.ts'
import { CommandError, type Context } from './command.ts'
import { checkSettings, type GivenSettings } from './settings-file.ts'

const GUIDES = new URL('../../docs/guides/', import.meta.url)

interface Block {
  /** `guide.md 1`: the first block of YAML or JSON in it. */
  readonly name: string
  readonly text: string
}

const blocks = readdirSync(GUIDES).flatMap((file): readonly Block[] => {
  const found = readFileSync(new URL(file, GUIDES), 'utf8').matchAll(/^( *)```(?:yaml|json)\n(.*?)^ *```$/gms)
  return [...found].map(([, indent, text], at) => ({
    name: `${file} ${at + 1}`,
    text: text!.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }))
})

type Check = (given: GivenSettings) => void
const context = { language: 'en' } as Context
const settings =
  (schema: z.ZodType): Check =>
  (given) =>
    checkSettings(context, schema, given, 'guide')
const account = (provider: string) => settings(findProvider(provider).found!.settings)
const connection =
  (source: string): Check =>
  (given) => {
    const { own, shared } = split(given)
    checkSettings(context, SOURCES.get(source)!.settings, own as GivenSettings, 'guide')
    checkSettings(context, commonSettings, shared as GivenSettings, 'guide')
  }
const policy = settings(gatePolicy.omit({ timeZone: true }).partial())
const shop = settings(shopSettings.partial())
const steps: Check = ({ steps: given }) => void flowSchema.shape.steps.parse(given)

/** What each block is given to. A block that is not here, and is no example of a request, makes the test fail. */
const CHECKS: Readonly<Record<string, readonly Check[]>> = {
  'answer-order-queries.md 1': [connection('alipay'), connection('wechat-pay'), connection('epay')],
  'commands-to-your-shop.md 1': [account('command')],
  'commands-to-your-shop.md 2': [settings(configSchema.partial())],
  'connect-alipay.md 1': [connection('alipay')],
  'connect-alipay.md 2': [connection('alipay')],
  'connect-epay.md 1': [connection('epay')],
  'connect-epay.md 2': [connection('epay')],
  'connect-wechat-pay.md 1': [connection('wechat-pay')],
  'connect-wechat-pay.md 2': [connection('wechat-pay')],
  'email-account.md 1': [account('smtp')],
  'failures-nobody-announces.md 1': [steps],
  'failures-nobody-announces.md 2': [connection('alipay'), connection('stripe')],
  'message-law.md 1': [account('sms-http')],
  'recovery-ladder.md 1': [steps],
  'recovery-ladder.md 2': [shop],
  'sms-account.md 1': [account('sms-http')],
  'who-hears-what-when.md 1': [policy],
}

/** `order.hold` and the like: what we send to a shop, not what a command takes. */
const isRequest = (value: unknown) => typeof value === 'object' && value !== null && 'timestamp' in value

/** What is wrong with a block beside what it leaves to its reader: secrets (`…`), and what is set elsewhere. */
function wrongIn(value: GivenSettings, check: Check): readonly string[] {
  try {
    check(value)
    return []
  } catch (error) {
    if (!(error instanceof CommandError)) return [String(error)]
    const [, ...lines] = error.message.split('\n')
    return lines.filter((line) => {
      const [path = ''] = line.trim().split(': ')
      const there = path
        .split('.')
        .reduce<unknown>((at, part) => (at as GivenSettings | undefined)?.[part], value)
      return (
        !(there === undefined && /is missing|expected, because|came neither/.test(line)) &&
        !/…/.test(JSON.stringify(there) ?? '')
      )
    })
  }
}

it('every block of a guide that is meant for a command is taken by it', () => {
  const known = blocks.filter(({ text }) => !isRequest(parse(text)))
  expect(known.map(({ name }) => name).toSorted()).toEqual(Object.keys(CHECKS).toSorted())
  const wrong = known.flatMap(({ name, text }) =>
    CHECKS[name]!.flatMap((check) =>
      wrongIn(parse(text) as GivenSettings, check).map((line) => `${name}:${line}`),
    ),
  )
  expect(wrong).toEqual([])
})

it('so is every line that is piped into a command', () => {
  const lines = readdirSync(GUIDES).flatMap((file) => [
    ...readFileSync(new URL(file, GUIDES), 'utf8').matchAll(/echo '([^']+)' \| .* (shop|policy) set\b/g),
  ])
  expect(lines.length).toBeGreaterThan(0)
  for (const [whole, text, command] of lines)
    expect(wrongIn(parse(text!) as GivenSettings, command === 'shop' ? shop : policy), whole).toEqual([])
})

it('a misspelt setting, a wrong value and a stray key would be seen', () => {
  const stray = (text: string, check: Check) => wrongIn(parse(text) as GivenSettings, check)
  expect(stray('levels: { order_received: low }', policy)).toHaveLength(1)
  expect(stray('capsPerDay: 3', policy)).toHaveLength(1)
  expect(stray('port: many\npass: …', account('smtp'))).toHaveLength(1)
  expect(stray('appid: "1"\nprivateKey: …', connection('alipay'))).toHaveLength(1)
})
