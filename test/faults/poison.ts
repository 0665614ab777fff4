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

/** Events that nothing can apply, and a template that never ends, among thousands of good ones. */
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
      // What the database refuses makes the whole batch throw, wherever the events were read.
      await db.query(`
        create function poisoned() returns trigger language plpgsql as $$
        begin
          raise exception 'poisoned';
        end $$;
        create trigger poisoned before insert on order_ref for each row when (new.value like 'poison%')
          execute function poisoned();`)
      const event = (type: string, at: number): SourceEvent => ({
        id: `${type} ${at}`,
        type,
        source: '/test',
        time: clock.now(),
        subject: null,
        data: {
          refs: type === 'test.poison' ? [{ kind: 'order_no', value: `poison${at}` }] : [],
          customer: { email: `member${at}@example.org` },
        },
      })
      return Array.from({ length: EACH }, (_, at) => [
        event('test.poison', at),
        event('membership.expiring', at),
      ]).flat()
    },
  }
}
