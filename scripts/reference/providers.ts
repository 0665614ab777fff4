import type { Provider } from '../../src/channels/channel.ts'
import { PROVIDERS } from '../../src/channels/registry.ts'
import { SOURCES } from '../../src/sources/registry.ts'
import type { Source } from '../../src/sources/source.ts'
import { fieldTable } from './fields.ts'
import { code, type Page } from './page.ts'

export const providers: Page = {
  file: 'sources-and-providers.md',
  title: 'Settings of sources and providers',
  from: 'src/sources/registry.ts and src/channels/registry.ts',
  body() {
    return [
      'Settings are checked when they are saved, and sealed. What is marked secret is never shown again.',
      '## Sources: where events come from',
      ...[...SOURCES.values()].map(source),
      '## Providers: how messages leave',
      '**repeat** says what handing the same message over twice does. `harmless`: the receiver drops repeats by our id. `visible`: a person may see it twice, so an unknown outcome is never repeated.',
      ...PROVIDERS.map(provider),
    ].join('\n\n')
  },
}

function source({ name, title, trust, settings, secrets }: Source): string {
  return [
    `### ${name}`,
    `${title.en === title.zh ? title.en : `${title.en}, ${title.zh}`}. Trust: ${code(trust)}.`,
    fieldTable(settings, secrets),
  ].join('\n\n')
}

function provider({ name, channel, repeat, settings, secrets }: Provider): string {
  return [
    `### ${name}`,
    `Channel: ${code(channel)}. Repeat: ${code(repeat)}.`,
    fieldTable(settings, secrets),
  ].join('\n\n')
}
