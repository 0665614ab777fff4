import * as z from 'zod'
import { Fault } from '../../domain/errors.ts'
import { expectedGot } from '../../domain/input-problems.ts'
import type { Troubles } from '../../domain/trouble.ts'
import type { HttpDeps } from '../deps.ts'
import { pageLanguage } from '../language.ts'
import type { AddRoute } from '../route.ts'
import { langQuery, sendPage } from './layout.ts'
import { OUTBOX_STYLE } from './outbox-view.ts'
import {
  MOST_TIMES,
  TIMES,
  TROUBLE_NAMES,
  TROUBLE_STYLE,
  TROUBLE_TEXTS,
  TROUBLED,
  troubleBody,
} from './trouble-view.ts'

/** `/outbox/trouble`: lets the demo shop's simulators fail, so that one can see what is done about it. */
export function troublePages(add: AddRoute, deps: HttpDeps): void {
  const troubles = (): Troubles => {
    if (!deps.outbox) throw new Fault('ROUTE_UNKNOWN')
    return deps.outbox.troubles
  }

  add('GET /outbox/trouble', {
    async handle({ request, reply }) {
      const desk = troubles()
      const config = await deps.configs.get(deps.outbox!.shop)
      const language = pageLanguage(request, null, config.row.locale)
      return sendPage(request, reply, deps.random, {
        language,
        shop: { name: config.row.name, colour: config.settings.brand.colour },
        title: TROUBLE_TEXTS[language].title,
        wide: true,
        style: OUTBOX_STYLE + TROUBLE_STYLE,
        body: troubleBody(request, language, desk),
      })
    },
  })

  add('POST /outbox/trouble', {
    body: z.object({
      at: z.enum(TROUBLED),
      // empty: no trouble
      name: z.enum(['', ...TROUBLE_NAMES]),
      times: z.coerce.number().int().min(1).max(MOST_TIMES).default(TIMES),
    }),
    async handle({ request, reply, body: { at, name, times }, language }) {
      const desk = troubles()
      if (name === '') desk.end(at)
      else if (desk.offers[at].includes(name)) desk.begin(at, name, times)
      else {
        const offered = desk.offers[at].join(', ')
        const problem = expectedGot({ zh: offered, en: offered }, { zh: name, en: name }, language)
        throw new Fault('FIELD_INVALID', {}, { fields: [{ path: 'body.name', problem }] })
      }
      return reply.redirect(`/outbox/trouble${langQuery(request)}#${at}`, 303)
    },
  })
}
