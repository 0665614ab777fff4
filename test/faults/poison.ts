import type { SourceEvent } from '../../src/domain/event.ts'
import type { CompiledTemplate } from '../../src/domain/template/template.ts'
import { presetOf } from '../../src/pipeline/presets.ts'
import type { Scenario } from './scenarios.ts'

/** Twelve loops deep over eight letters: 10^10 turns that allocate nothing, so that only a kill ends them. */
const ENDLESS =
  "{% assign l = 'a,b,c,d,e,f,g,h' | split: ',' %}" +
  '{% for i in l %}'.repeat(12) +
  '{% endfor %}'.repeat(12)

const endless: CompiledTemplate = {
  format: 1,
  channel: 'email',
  purpose: 'reminder',
  locale: 'zh-CN',
  parts: (['subject', 'text', 'html'] as const).map((at) => ({ at, liquid: ENDLESS, escape: 'plain' })),
  variables: [],
}

const EACH = 4

/** Events whose kept body is damaged, and a template that never ends, among thousands of good ones. */
export function poison(): Scenario {
  return {
    name: 'poison events and a poison template',
    stories: { short: 200, long: 1_000 },
    stuck: EACH,
    allowed: ['membership-expiring/expiring/email=failed:email'],
    failed: EACH,
    shop: {
      presets: ({ flows, templates }) => ({
        flows,
        templates: [
          ...templates.filter(({ key }) => key !== 'membership_expiring'),
          presetOf('template', 'membership_expiring', { variants: [endless] }),
        ],
      }),
    },
    async prepare({ arena: { db, clock } }) {
      // As a bad disk would do it: what cannot be opened makes the whole batch throw.
      await db.query(`
        create function damage() returns trigger language plpgsql as $$
        begin
          new.body = set_byte(new.body, octet_length(new.body) - 1, get_byte(new.body, octet_length(new.body) - 1) # 255);
          return new;
        end $$;
        create trigger damage before insert on event for each row when (new.type = 'test.poison') execute function damage();`)
      const event = (type: string, at: number): SourceEvent => ({
        id: `${type} ${at}`,
        type,
        source: '/test',
        time: clock.now(),
        subject: null,
        data: { refs: [], customer: { email: `member${at}@example.org` } },
      })
      return Array.from({ length: EACH }, (_, at) => [
        event('test.poison', at),
        event('membership.expiring', at),
      ]).flat()
    },
  }
}
