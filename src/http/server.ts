import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import fastify, { type FastifyInstance, type FastifyReply, LogController } from 'fastify'
import { serializerCompiler } from 'fastify-type-provider-zod'
import { Fault, ignoring } from '../domain/errors.ts'
import { type Auth, createAuth } from './auth.ts'
import type { HttpDeps } from './deps.ts'
import { answerError, faultOf, unknownRoute, validatorCompiler } from './errors.ts'
import { createInternalSender, type InternalSender } from './internal-sender.ts'
import { readJsonBodies } from './json-bodies.ts'
import { errorsPage, sendErrorPage, wantsPage } from './pages/error-pages.ts'
import { type Background, findOrderPages } from './pages/find-order.ts'
import { linkPages } from './pages/link.ts'
import { loginPages } from './pages/login.ts'
import { memberPages } from './pages/member.ts'
import { orderPages } from './pages/order.ts'
import { outboxPages } from './pages/outbox.ts'
import { preferencePages } from './pages/preferences.ts'
import { reviewPages } from './pages/review.ts'
import { shortCodePages } from './pages/short-code.ts'
import { troublePages } from './pages/trouble.ts'
import { unsubscribePages } from './pages/unsubscribe.ts'
import { keepRawBodies } from './raw-request.ts'
import { type AddRoute, demandPermissions, routeAdder } from './route.ts'
import { audit } from './routes/audit.ts'
import { events } from './routes/events.ts'
import { failureCodes } from './routes/failure-codes.ts'
import { flowComparison } from './routes/flow-comparison.ts'
import { flowTrials } from './routes/flow-trials.ts'
import { flowVersions } from './routes/flow-versions.ts'
import { flows } from './routes/flows.ts'
import { inbox } from './routes/inbox.ts'
import { intakeEvents } from './routes/intake-events.ts'
import { keys } from './routes/keys.ts'
import { killSwitches } from './routes/kill-switches.ts'
import { law } from './routes/law.ts'
import { messages } from './routes/messages.ts'
import { orders } from './routes/orders.ts'
import { providerCallbacks } from './routes/provider-callbacks.ts'
import { reviews } from './routes/reviews.ts'
import { rules, ruleTrials } from './routes/rules.ts'
import { sourceCallbacks } from './routes/source-callbacks.ts'
import { templates } from './routes/templates.ts'
import { refusedEvents, stuckEvents } from './routes/trouble.ts'
import { watching } from './routes/watching.ts'

/** Bytes of a body where nothing larger is expected. */
const BODY_LIMIT = 64 * 1024

const FORM_TYPE = 'application/x-www-form-urlencoded'

/** Given to Fastify as it starts, so that it does not load compilers of its own: 3 MB that nothing would use. */
const compilersFactory = {
  buildValidator: () => validatorCompiler,
  buildSerializer: () => serializerCompiler,
} as unknown as NonNullable<Parameters<FastifyInstance['setSchemaController']>[0]['compilersFactory']>

/**
 * The whole HTTP side, ready to `listen`. Closing it waits for what goes on behind answers that were given. `before`
 * sees the server while it has no routes yet.
 */
export async function createServer(
  deps: HttpDeps,
  before: (app: FastifyInstance) => Promise<void> = async () => {},
): Promise<FastifyInstance> {
  const app = fastify({
    loggerInstance: deps.logger,
    // Addresses hold tokens, and a line a request would cost more than the request.
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory: (logger) => logger,
    genReqId: requestIds(deps),
    frameworkErrors: (error, request, reply) => {
      reply.header('x-request-id', request.id)
      return answerError(error, request, reply as unknown as FastifyReply, deps.publicUrl())
    },
    bodyLimit: BODY_LIMIT,
    requestTimeout: 30_000,
    keepAliveTimeout: 75_000,
    routerOptions: { maxParamLength: 1_000 },
    schemaController: { compilersFactory },
    ...(deps.trustProxy === undefined
      ? {}
      : { trustProxy: typeof deps.trustProxy === 'string' ? deps.trustProxy : [...deps.trustProxy] }),
  }) as unknown as FastifyInstance
  const auth = createAuth(deps)
  const sender = createInternalSender(deps)
  const background = createBackground(app, deps)
  demandPermissions(app)
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    done()
  })
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, deps.publicUrl()))
  app.setNotFoundHandler((request, reply) => {
    const fault = unknownRoute(request, reply)
    return wantsPage(request)
      ? sendErrorPage(deps, request, reply, fault)
      : answerError(fault, request, reply, deps.publicUrl())
  })
  readJsonBodies(app)
  await before(app)

  // The hot road: raw bodies, no cookies, no further hooks.
  await app.register(async (scope) => {
    keepRawBodies(scope)
    const add = routeAdder(scope, auth)
    intakeEvents(add, deps)
    sourceCallbacks(add, deps)
    providerCallbacks(add, deps, sender)
  })
  await app.register(async (scope) => {
    await protect(scope, deps)
    addApi(routeAdder(scope, auth), deps, { auth, sender })
  })
  await app.register(async (scope) => {
    await protect(scope, deps)
    await addPages(scope, deps, auth, sender, background)
  })
  return app
}

/** Pages send forms, whose fields are texts: a page that is sent JSON would have to be ready for anything. */
function refuseJsonBodies(scope: FastifyInstance): void {
  scope.removeContentTypeParser('application/json')
  scope.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) =>
    body.length === 0
      ? done(null, undefined)
      : done(new Fault('CONTENT_TYPE_UNSUPPORTED', { expected: FORM_TYPE, got: 'application/json' })),
  )
}

function addApi(
  add: AddRoute,
  deps: HttpDeps,
  { auth, sender }: { auth: Auth; sender: InternalSender },
): void {
  events(add, deps)
  stuckEvents(add, deps)
  refusedEvents(add, deps)
  orders(add, deps)
  messages(add, deps)
  inbox(add, deps, sender)
  flows(add, deps)
  flowComparison(add, deps)
  flowVersions(add, deps)
  flowTrials(add, deps)
  templates(add, deps)
  failureCodes(add, deps)
  killSwitches(add, deps)
  reviews(add, deps)
  rules(add, deps)
  ruleTrials(add, deps)
  law(add, deps)
  keys(add, deps, auth)
  audit(add, deps)
  watching(add, deps)
}

/** Pages for people: forms instead of JSON, errors as pages. */
async function addPages(
  scope: FastifyInstance,
  deps: HttpDeps,
  auth: Auth,
  sender: InternalSender,
  background: Background,
): Promise<void> {
  await scope.register(formbody, { bodyLimit: 16 * 1024 })
  refuseJsonBodies(scope)
  scope.setErrorHandler((error, request, reply) => {
    const fault = faultOf(error, request, reply)
    if (fault.code === 'LOGIN_NEEDED' && request.routeOptions.url === '/outbox') {
      return reply.redirect(`/login?next=${encodeURIComponent(request.url)}`, 302)
    }
    if (fault.code === 'MEMBER_LOGIN_NEEDED') {
      const { shop } = request.params as { shop?: string }
      const back = new URLSearchParams({ shop: shop ?? '', next: request.url })
      return reply.redirect(`/member?${back.toString()}`, request.method === 'POST' ? 303 : 302)
    }
    return sendErrorPage(deps, request, reply, fault)
  })
  const add = routeAdder(scope, auth)
  linkPages(add, deps, sender)
  orderPages(add, deps)
  findOrderPages(add, deps, background)
  shortCodePages(add, deps, background)
  preferencePages(add, deps)
  loginPages(add, deps)
  memberPages(add, deps, background)
  reviewPages(add, deps)
  outboxPages(add, deps)
  troublePages(add, deps)
  errorsPage(add, deps)
  await scope.register(async (oneClick) => {
    keepRawBodies(oneClick)
    unsubscribePages(routeAdder(oneClick, auth), deps)
  })
}

/** What every page and API answer carries, and how often one address may try. */
async function protect(scope: FastifyInstance, deps: HttpDeps): Promise<void> {
  await scope.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: deps.publicUrl().startsWith('https:') ? { maxAge: 31_536_000 } : false,
    xFrameOptions: { action: 'deny' },
  })
  await scope.register(cookie)
  await scope.register(rateLimit, {
    global: false,
    errorResponseBuilder: (_request, { ttl }) =>
      new Fault('RATE_LIMITED', { seconds: Math.ceil(ttl / 1000) }),
  })
}

/** `req_4fK2…-1a`: unique over processes, and cheap to make. */
function requestIds({ random }: HttpDeps): () => string {
  const prefix = `req_${Buffer.from(random(6)).toString('base64url')}`
  let count = 0
  return () => `${prefix}-${(count++).toString(36)}`
}

function createBackground(app: FastifyInstance, { logger }: HttpDeps): Background {
  const open = new Set<Promise<unknown>>()
  app.addHook('onClose', async () => {
    await Promise.all(open)
  })
  return {
    run(work) {
      const settled = work.catch((error) =>
        ignoring(error, 'work behind an answer that was already given', logger),
      )
      open.add(settled)
      void settled.finally(() => open.delete(settled))
    },
  }
}
