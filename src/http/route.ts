import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import { Fault, MOST_FAULTS } from '../domain/errors.ts'
import { findUnstorable, unstorableText } from '../domain/storable-text.ts'
import { nearest } from '../domain/template/nearest.ts'
import type { Auth, Caller } from './auth.ts'
import { apiLanguage, type Language } from './language.ts'
import { HOLDERS, type Permission, ROUTES, type RouteName } from './permissions.ts'

type None = z.ZodUndefined

type HolderOf<N extends RouteName> = (typeof HOLDERS)[(typeof ROUTES)[N]][number]

/** Routes that a key or a person must be behind have a caller, those that this machine may ask may have one; the others have none. */
type CallerOf<N extends RouteName> =
  Exclude<HolderOf<N>, 'this machine'> extends 'key' | 'admin' | 'member'
    ? Caller | ('this machine' extends HolderOf<N> ? null : never)
    : null

export interface Call<N extends RouteName, P, Q, B> {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly caller: CallerOf<N>
  readonly params: P
  readonly query: Q
  readonly body: B
  /** What an answer to a program is written in. */
  readonly language: Language
}

export interface RouteSpec<
  N extends RouteName,
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  A extends z.ZodType,
> {
  /** One sentence for the API's description; without it the route is a page and not described. */
  readonly summary?: string
  readonly description?: string
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  readonly answer?: A
  /** Of a good answer; 200 when left out. */
  readonly status?: 200 | 201 | 202
  readonly consumes?: readonly string[]
  /** What the body looks like, where the handler reads its bytes itself: for the description only. */
  readonly describedBody?: z.ZodType
  /** Bytes. */
  readonly bodyLimit?: number
  /** Tries of one address in a minute. */
  readonly perMinute?: number
  /** What is asked before the body is read, beyond the permission. */
  readonly before?: (request: FastifyRequest) => Promise<void>
  handle(
    call: Call<N, z.output<P>, z.output<Q>, z.output<B>>,
  ): Promise<(A extends None ? unknown : z.output<A>) | FastifyReply>
}

export type AddRoute = <
  N extends RouteName,
  P extends z.ZodType = None,
  Q extends z.ZodType = None,
  B extends z.ZodType = None,
  A extends z.ZodType = None,
>(
  name: N,
  spec: RouteSpec<N, P, Q, B, A>,
) => void

const errorShape = z
  .object({
    error: z.object({
      code: z.string().describe('A code of the error catalogue; stable'),
      message: z.string().describe('What was expected, what came, what to do, in the language asked for'),
      fields: z
        .array(
          z.object({
            path: z.string(),
            problem: z.string(),
            code: z.string().optional().describe('Which check found it, where checks have names'),
            rule: z.string().optional().describe('The rule of the message law that it breaks'),
            source: z.string().optional().describe('Where that rule is written'),
          }),
        )
        .optional(),
      docs: z.string(),
    }),
  })
  .meta({ id: 'Error' })

/**
 * The only way to a route: its name must stand in the table of permissions, and the permission is asked before
 * the body is read. Anything else is refused by the compiler, and at start.
 */
export function routeAdder(app: FastifyInstance, auth: Auth): AddRoute {
  return (name, spec) => {
    const permission = ROUTES[name]
    if (permission === undefined) throw new Error(`route "${name}" is not in the table of permissions`)
    const [method, url] = name.split(' ') as ['GET' | 'POST' | 'PUT' | 'DELETE', string]
    const { params, query, body, answer, status = 200, summary } = spec
    app.route({
      method,
      url,
      ...(spec.bodyLimit === undefined ? {} : { bodyLimit: spec.bodyLimit }),
      config: {
        permission,
        ...(spec.perMinute === undefined
          ? {}
          : { rateLimit: { max: spec.perMinute, timeWindow: '1 minute' } }),
      },
      schema: {
        ...(summary === undefined ? { hide: true } : { summary, tags: [url.split('/')[2] ?? url.slice(1)] }),
        ...(spec.description === undefined ? {} : { description: spec.description }),
        ...(spec.consumes ? { consumes: [...spec.consumes] } : {}),
        ...(permission === 'public' ? {} : { security: [{ key: [permission] }] }),
        ...(params ? { params } : {}),
        ...(query ? { querystring: query } : {}),
        ...(body || spec.describedBody ? { body: body ?? spec.describedBody } : {}),
        ...(answer ? { response: { [status]: answer, '4xx': errorShape, '5xx': errorShape } } : {}),
      },
      ...(spec.describedBody ? { validatorCompiler: () => (value: unknown) => ({ value }) } : {}),
      // Callback style: the hot road finds its key in memory and goes on without a promise.
      onRequest: (request, _reply, done) => {
        try {
          const caller = auth.authorize(permission, request)
          if (caller instanceof Promise) {
            caller.then((who) => admit(request, who, spec.before, done), done)
          } else admit(request, caller, spec.before, done)
        } catch (error) {
          done(error as Error)
        }
      },
      // Outside systems send what they send, and what reads bytes itself says itself what is wrong with them.
      ...(spec.describedBody || HOLDERS[permission].some((holder) => holder === 'secret path')
        ? {}
        : {
            preValidation: url.startsWith('/v1/')
              ? [refuseUnstorable, refuseUnknown(query)]
              : refuseUnstorable,
          }),
      handler: (request, reply) => {
        if (status !== 200) reply.code(status)
        return spec.handle({
          request,
          reply,
          caller: (callers.get(request) ?? null) as never,
          params: request.params as never,
          query: request.query as never,
          body: request.body as never,
          language: apiLanguage(request),
        })
      },
    })
  }
}

/** Text that cannot be kept cannot be looked for either: the database refuses the question. */
function refuseUnstorable(
  request: FastifyRequest,
  _reply: FastifyReply,
  done: (error?: Error) => void,
): void {
  const { params, query } = request
  const body = Buffer.isBuffer(request.body) ? undefined : request.body
  const fields = findUnstorable({ params, querystring: query, body }).map(({ path, ...found }) => ({
    path,
    problem: unstorableText(found, apiLanguage(request)),
  }))
  done(fields.length === 0 ? undefined : new Fault('FIELD_INVALID', {}, { fields }))
}

/** What every address of the API takes beside its own: whose, and in which language. */
const EVERYWHERE = ['lang', 'shop'] as const

/** A filter that is misspelt would answer with everything, and a key that names another shop with its own. */
function refuseUnknown(query: z.ZodType | undefined) {
  const known = [
    ...new Set([...(query instanceof z.ZodObject ? Object.keys(query.shape) : []), ...EVERYWHERE]),
  ]
  return (request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void): void => {
    const language = apiLanguage(request)
    const given = request.query as Readonly<Record<string, unknown>>
    const fields = Object.keys(given)
      .filter((name) => !known.includes(name))
      .slice(0, MOST_FAULTS)
      .map((name) => ({
        path: `querystring.${name.slice(0, MOST_CHARACTERS)}`,
        problem: unknownName(name, known, language),
      }))
    const own = callers.get(request)?.shop
    if (fields.length === 0 && given.shop !== undefined && own !== undefined && given.shop !== String(own))
      fields.push({ path: 'querystring.shop', problem: otherShop(own, language) })
    done(fields.length === 0 ? undefined : new Fault('FIELD_INVALID', {}, { fields }))
  }
}

/** Of a name that is repeated in an answer. */
const MOST_CHARACTERS = 60

function unknownName(name: string, known: readonly string[], language: Language): string {
  const near = nearest(name, known)
  if (language === 'zh')
    return near === null ? `没有这个参数；可用：${known.join('、')}` : `没有这个参数；是否想写 ${near}？`
  return near === null
    ? `there is no such parameter; there are ${known.join(', ')}`
    : `there is no such parameter; did you mean ${near}?`
}

const otherShop = (own: number, language: Language): string =>
  language === 'zh'
    ? `这把密钥属于店铺 ${own}：请去掉 shop，或使用那家店铺的密钥`
    : `this key belongs to shop ${own}: leave shop out, or use a key of that shop`

declare module 'fastify' {
  interface FastifyContextConfig {
    permission?: Permission
  }
}

/** Refuses, at start, every route that did not come through `routeAdder`: also one that a plugin brings. */
export function demandPermissions(app: FastifyInstance): void {
  app.addHook('onRoute', ({ method, url, config }) => {
    for (const each of [method].flat()) {
      const name = `${each === 'HEAD' ? 'GET' : each} ${url}`
      const permission = (ROUTES as Readonly<Record<string, Permission>>)[name]
      if (permission === undefined || config?.permission !== permission) {
        throw new Error(`route "${name}" was not added with a permission of the table in permissions.ts`)
      }
    }
  })
}

const callers = new WeakMap<FastifyRequest, Caller>()

function admit(
  request: FastifyRequest,
  caller: Caller | null,
  before: ((request: FastifyRequest) => Promise<void>) | undefined,
  done: (error?: Error) => void,
): void {
  if (caller) callers.set(request, caller)
  if (before) before(request).then(() => done(), done)
  else done()
}
