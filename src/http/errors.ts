import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type * as z from 'zod'
import { isUnavailable } from '../db/connect.ts'
import { Fault, type FaultKind, type FieldProblem, faultText, MOST_FAULTS } from '../domain/errors.ts'
import { issueText } from '../domain/input-problems.ts'
import { otherType } from './json-bodies.ts'
import { apiLanguage, type Language } from './language.ts'
import { ROUTES } from './permissions.ts'

/** The one place where a kind of fault becomes a status code. */
const STATUS: Readonly<Record<FaultKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  wrong_method: 405,
  gone: 410,
  conflict: 409,
  too_large: 413,
  unsupported: 415,
  unprocessable: 422,
  limited: 429,
  operator: 500,
  unavailable: 503,
}

/** Seconds after which a sender may try again; short, because a full queue or a restart passes quickly. */
const RETRY_AFTER = 2

export interface ErrorBody {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly fields?: readonly FieldProblem[]
    readonly docs: string
  }
}

export function statusOf(fault: Fault): number {
  return STATUS[fault.kind]
}

function errorBody(fault: Fault, language: Language, publicUrl: string): ErrorBody {
  return {
    error: {
      code: fault.code,
      message: faultText(fault.code, fault.params, language),
      ...(fault.fields.length > 0 ? { fields: fault.fields } : {}),
      docs: `${publicUrl}/errors#${fault.code}`,
    },
  }
}

/** An address or a body that a route's schema refuses. */
class Unfit extends Error {
  readonly issues: readonly z.core.$ZodIssue[]
  readonly input: unknown

  constructor(issues: readonly z.core.$ZodIssue[], input: unknown) {
    super('an address or a body that does not fit')
    this.issues = issues
    this.input = input
  }
}

/** How Fastify checks what comes: what does not fit is told with what came. */
export const validatorCompiler =
  ({ schema }: { readonly schema: z.ZodType }) =>
  (input: unknown): { readonly value: unknown } | { readonly error: Error } => {
    const read = schema.safeParse(input)
    return read.success ? { value: read.data } : { error: new Unfit(read.error.issues, input ?? undefined) }
  }

/** Any error as one of the catalogue: ours as they are, the server's own by their codes, all else `INTERNAL`. */
function toFault(error: unknown, request: FastifyRequest): Fault {
  if (error instanceof Fault) return error
  const { code, validationContext, statusCode, message } = error as Partial<FastifyError>
  // First: a sentence about a field may hold a word, such as network_timeout, that says "unavailable" elsewhere.
  if (error instanceof Unfit) {
    const language = apiLanguage(request)
    const fields = error.issues.slice(0, MOST_FAULTS).map((issue) => ({
      path: [validationContext ?? '', ...issue.path.map(String)].join('.'),
      problem: issueText(issue, error.input, language),
    }))
    return new Fault('FIELD_INVALID', {}, { fields })
  }
  if (isUnavailable(error)) return new Fault('DATABASE_UNAVAILABLE', {}, { cause: error })
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new Fault('BODY_TOO_LARGE', { limit: request.routeOptions.bodyLimit ?? 0 })
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return otherType(request)
    case 'FST_ERR_BAD_URL':
      return new Fault('ADDRESS_UNREADABLE')
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new Fault('ROUTE_UNKNOWN')
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new Fault('REQUEST_BROKEN', { detail: message ?? String(code) })
  }
  const name = error instanceof Error ? error.name : typeof error
  return new Fault('INTERNAL', { detail: name }, { cause: error })
}

/** The fault behind an error, logged when it is our own, with the headers that belong to it. Never logs the address asked for. */
export function faultOf(error: unknown, request: FastifyRequest, reply: FastifyReply): Fault {
  const fault = toFault(error, request)
  const status = statusOf(fault)
  if (status >= 500) {
    const route = `${request.method} ${request.routeOptions.url ?? '(none)'}`
    const fields = { err: fault.cause ?? fault, code: fault.code, requestId: request.id, route }
    request.log.error(fields, 'a request failed')
  }
  if (fault.kind === 'unavailable') reply.header('retry-after', RETRY_AFTER)
  if (fault.kind === 'limited') reply.header('retry-after', String(fault.params.seconds ?? 60))
  if (fault.kind === 'unauthenticated') reply.header('www-authenticate', 'Bearer realm="dingdong"')
  return fault
}

/** Answers a program with the catalogue's sentence. */
export function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  publicUrl: string,
): FastifyReply {
  const fault = faultOf(error, request, reply)
  return reply
    .code(statusOf(fault))
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .serializer(JSON.stringify)
    .send(errorBody(fault, apiLanguage(request), publicUrl))
}

const PATTERNS = Object.keys(ROUTES).map((name) => {
  const [method, path] = name.split(' ') as [string, string]
  return { method, pattern: new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}/?$`) }
})

/** What is wrong with an address that no route answers: nothing is there, or it takes other methods. */
export function unknownRoute(request: FastifyRequest, reply: FastifyReply): Fault {
  const path = request.url.split('?')[0]!
  const methods = PATTERNS.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method)
  if (methods.length === 0) return new Fault('ROUTE_UNKNOWN')
  const allowed = [...new Set(methods)].join(', ')
  reply.header('allow', allowed)
  return new Fault('METHOD_NOT_ALLOWED', { allowed, method: request.method })
}
