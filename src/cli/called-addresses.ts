import { readAddress } from '../app/address-file.ts'
import type { Provider } from '../channels/channel.ts'
import { isReachable } from '../channels/reachable.ts'
import type { Context } from './command.ts'
import { type GivenSettings, refuse } from './settings-file.ts'
import { ADDRESSES } from './texts/setup.ts'
import { say } from './texts/text.ts'

/** Addresses that settings have us call, each under its setting's path. */
type Called = Readonly<Record<string, string>>

/** Settings of connections that we call. */
const OF_CONNECTIONS = ['apiUrl', 'apiBase', 'shopQueryUrl', 'relayTo'] as const

export function calledByConnection(given: GivenSettings): Called {
  return Object.fromEntries(
    OF_CONNECTIONS.flatMap((name) => {
      const text = given[name]
      return typeof text === 'string' && URL.canParse(text) ? [[name, text]] : []
    }),
  )
}

/** Of an account whose settings are (or become) `all`: what `given` names of them. */
export function calledByAccount(provider: Provider, all: GivenSettings, given: GivenSettings): Called {
  const parsed = provider.settings.safeParse(all)
  if (!parsed.success) return {}
  const called = Object.entries(provider.addressesOf?.(parsed.data) ?? {})
  return Object.fromEntries(called.filter(([path]) => Object.hasOwn(given, path.split('.')[0]!)))
}

/**
 * Throws `CommandError` for addresses that would be refused when they are called: those that lead to no public address
 * and that `allowOrigins` does not name. A name without any address is only warned of: it may be set up later.
 */
export async function refuseUncallable(
  context: Context,
  called: Called,
  file: string | boolean | undefined,
): Promise<void> {
  const { screen, language } = context
  const config = context.config()
  const running = config.databaseUrl ? null : await readAddress(config.dataDir)
  const allowed = [...config.allowOrigins, ...(running?.allowOrigins ?? [])]
  const wrong: string[] = []
  for (const [setting, url] of Object.entries(called)) {
    const found = await isReachable(url, allowed)
    const { origin } = new URL(url)
    if (found.kind === 'nowhere') screen.note(say(ADDRESSES.nowhere, language, { setting, host: found.host }))
    else if (found.kind !== 'yes') {
      const where = found.host === found.address ? found.host : `${found.host} (${found.address})`
      const origins = [...config.allowOrigins, origin].join(',')
      wrong.push(`${setting}: ${say(ADDRESSES[found.kind], language, { where, origins })}`)
    } else if (running && config.allowOrigins.includes(origin) && !running.allowOrigins?.includes(origin))
      screen.note(say(ADDRESSES.allowedLater, language, { origin }))
  }
  refuse(context, file, wrong)
}
