import { commands } from './commands.ts'
import { errors } from './errors.ts'
import { events } from './events.ts'
import type { Page } from './page.ts'
import { providers } from './providers.ts'
import { reasons } from './reasons.ts'
import { routes } from './routes.ts'
import { settings } from './settings.ts'
import { templates } from './templates.ts'

export const PAGES: readonly Page[] = [
  errors,
  settings,
  routes,
  commands,
  events,
  providers,
  templates,
  reasons,
]

/** A page as it stands in its file. */
export function pageText({ title, from, body }: Page): string {
  return `<!-- Made from ${from} by \`npm run generate\`; do not edit. -->\n\n# ${title}\n\n${body().trim()}\n`
}
