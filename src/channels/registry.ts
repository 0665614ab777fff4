import { nearest } from '../domain/template/nearest.ts'
import type { Provider } from './channel.ts'
import { command } from './command.ts'
import { inbox } from './inbox.ts'
import { nullProvider } from './null.ts'
import { smsHttp } from './sms-http.ts'
import { smtp } from './smtp.ts'
import { webhook } from './webhook.ts'

/** Every provider a shop may open an account with. */
export const PROVIDERS: readonly Provider[] = [smtp, smsHttp, webhook, command, inbox]

/** Those, and the one that sends nothing: for benchmarks and tests, behind a flag. */
export const PROVIDERS_FOR_BENCH: readonly Provider[] = [...PROVIDERS, nullProvider]

/** The provider called `name`; else the known names and, where there is one, the nearest of them. */
export function findProvider(
  name: string,
  providers: readonly Provider[] = PROVIDERS,
):
  | { readonly found: Provider }
  | { readonly found: null; readonly near: string | null; readonly known: readonly string[] } {
  const found = providers.find((provider) => provider.name === name)
  if (found) return { found }
  const known = providers.map((provider) => provider.name)
  return { found: null, near: nearest(name, known), known }
}
