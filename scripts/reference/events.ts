import { EVENT_TYPES, eventData, TRUST } from '../../src/domain/event.ts'
import { MAX_EVENTS } from '../../src/sources/cloudevents.ts'
import { fieldTable } from './fields.ts'
import { code, type Page } from './page.ts'

export const events: Page = {
  file: 'events.md',
  title: 'Events',
  from: 'src/domain/event.ts',
  body() {
    return [
      `An event is a fact from outside: \`id, source, type, time, subject, data\`. \`POST /v1/events\` takes one or a list of up to ${MAX_EVENTS.toLocaleString('en')}, as plain JSON (\`application/json\`), as a CloudEvent (\`application/cloudevents+json\`), as a batch of them (\`application/cloudevents-batch+json\`), or as one in binary mode (\`ce-…\` headers). [How to send them](../guides/send-your-own-events.md).`,
      '## Types',
      'Types that do something. Any other type is kept and shown, and has no effect.',
      EVENT_TYPES.map((type) => `- ${code(type)}`).join('\n'),
      '## Data',
      'No field is required by itself; `required` means: where its parent is given. An event states what its sender knows, and Dingdong joins it with the rest. Instants are epoch milliseconds or ISO 8601 with their zone (`2026-11-28T00:00:00Z`), from 2000 to 2199; money is minor units (`{"minor": 12800, "currency": "CNY"}` is ¥128.00).',
      fieldTable(eventData),
      '## Trust',
      `How far a fact may be believed, strongest first: ${TRUST.map(code).join(', ')}. A browser’s fact never marks an order paid.`,
    ].join('\n\n')
  },
}
