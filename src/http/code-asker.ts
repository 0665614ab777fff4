import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Random } from '../domain/ids.ts'
import { SECOND } from '../domain/time.ts'
import { CODE_LIFE } from './code-rate.ts'
import type { HttpDeps } from './deps.ts'

const ASKER_COOKIE = 'dd_asker'

declare const asker: unique symbol
/** A browser that asked for a code: 128 random bits that only it has. A code opens nothing for any other. */
export type Asker = string & { readonly [asker]: true }

/**
 * Which browser this is: by its cookie, or by the field of the form where cookies are refused. Not signed: whoever
 * makes one up has asked for no code with it.
 */
export function readAsker(request: FastifyRequest): Asker | null {
  const { asker: field } = (request.body ?? {}) as { asker?: unknown }
  for (const text of [request.cookies[ASKER_COOKIE], field])
    if (typeof text === 'string' && /^[\w-]{22}$/.test(text)) return text as Asker
  return null
}

/** The same for one that asks for a code now: it is told who it is, as long as the code lives. */
export function giveAsker(
  deps: Pick<HttpDeps, 'publicUrl' | 'random'>,
  request: FastifyRequest,
  reply: FastifyReply,
): Asker {
  const given = readAsker(request) ?? newAsker(deps.random)
  reply.setCookie(ASKER_COOKIE, given, {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: deps.publicUrl().startsWith('https:'),
    maxAge: CODE_LIFE / SECOND,
  })
  return given
}

const newAsker = (random: Random) => Buffer.from(random(16)).toString('base64url') as Asker
