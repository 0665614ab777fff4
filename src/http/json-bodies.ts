import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Fault } from '../domain/errors.ts'
import { jsonProblem, readJsonAsSent } from '../sources/json.ts'
import { apiLanguage } from './language.ts'

/** What the API expects of every body but a callback's. */
const JSON_TYPE = 'application/json'
/** Of a header that is repeated in an answer. */
const MOST_CHARACTERS = 80

/**
 * Many clients name a type of whatever they send: an empty body is none, whatever it calls itself. One that goes deeper
 * than anything we ask for is not read: it would overflow the stack of whatever walks it.
 */
export function readJsonBodies(app: FastifyInstance): void {
  // Last, for the names that would reach into an object's prototype: whoever copies the value would obey them.
  const guarded = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser([JSON_TYPE, 'text/plain'])
  app.addContentTypeParser(JSON_TYPE, { parseAs: 'buffer' }, (request, body, done) => {
    if (body.length === 0) return done(null, undefined)
    const encoding = request.headers['content-encoding']
    if (encoding !== undefined && encoding !== 'identity')
      return done(new Fault('CONTENT_ENCODING_UNSUPPORTED', { got: encoding.slice(0, 40) }))
    const read = readJsonAsSent(body as Buffer)
    if (!read.ok) return done(notJson(read.problem, request))
    guarded(request, read.text, (error, value) =>
      error ? done(notJson('expected no name "__proto__" or "constructor"', request)) : done(null, value),
    )
  })
  app.addContentTypeParser('text/plain', { parseAs: 'buffer' }, (request, body, done) =>
    // Where no route is, that is what is told.
    body.length === 0 || request.is404 ? done(null, undefined) : done(otherType(request)),
  )
}

function notJson(problem: string, request: FastifyRequest): Fault {
  return new Fault('BODY_NOT_JSON', { detail: jsonProblem(problem, apiLanguage(request)) })
}

/** Nothing reads a body of the type that came. */
export function otherType(request: FastifyRequest): Fault {
  const got = request.headers['content-type']?.slice(0, MOST_CHARACTERS) ?? '-'
  return new Fault('CONTENT_TYPE_UNSUPPORTED', { expected: JSON_TYPE, got })
}
