import { lookup } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { buildConnector } from 'undici'
import type { Millis } from '../domain/time.ts'
import { isNeverCalled, isPublicAddress } from './public-address.ts'

/** All addresses of a host name. */
export type Resolve = (hostname: string) => Promise<readonly { address: string; family: number }[]>

export interface ConnectorOptions {
  readonly resolve?: Resolve | undefined
  /**
   * Exact origins (`http://127.0.0.1:4025`) that may be private: the demo's simulators, and what the operator's setting
   * `allowOrigins` names. Even they lead to nowhere that a machine is told its secrets.
   */
  readonly allowOrigins?: readonly string[] | undefined
  /** Look-up, TCP and TLS together. */
  readonly connectTimeout: Millis
  /** Extra certificate authorities, PEM. */
  readonly ca?: readonly string[] | undefined
}

/** The connector's own refusal; any other error comes from the machine. */
export class BlockedAddress extends Error {
  readonly code = 'BLOCKED_ADDRESS'
}

/** As the machine looks names up. */
export const systemResolve: Resolve = (hostname) => lookup(hostname, { all: true, verbatim: true })

/**
 * An undici connector that connects only to public addresses. It judges the very addresses the socket is given
 * and, once more, the one it ended at: a name that answers differently the second time (DNS rebinding) gains
 * nothing, because there is no second look-up.
 */
export function guardedConnector(options: ConnectorOptions): buildConnector.connector {
  const resolve = options.resolve ?? systemResolve
  const allowed = new Set((options.allowOrigins ?? []).map((origin) => new URL(origin).origin))
  const common = {
    timeout: options.connectTimeout,
    autoSelectFamily: true,
    ...(options.ca ? { ca: [...options.ca] } : {}),
  }
  const open = buildConnector({
    ...common,
    lookup: lookupWith(resolve, (address) => !isNeverCalled(address)),
  })
  const guarded = buildConnector({ ...common, lookup: lookupWith(resolve, isPublicAddress) })
  return (target, callback) => {
    const origin = new URL(`${target.protocol}//${target.host ?? target.hostname}`).origin
    const mayBePrivate = allowed.has(origin) && !isNeverCalled(target.hostname)
    if (mayBePrivate) return open(target, callback)
    const literal = isIP(target.hostname) ? judge(target.hostname, target.hostname) : null
    if (literal) return callback(literal, null)
    return guarded(target, (error, socket) => {
      if (error) return callback(error, null)
      const verdict = judge(target.hostname, socket.remoteAddress)
      if (!verdict) return callback(null, socket)
      socket.destroy()
      callback(verdict, null)
    })
  }
}

/** Why a connection for `hostname` may not go to `address`, or `null` when it may. */
export function judge(hostname: string, address: string | undefined): BlockedAddress | null {
  return address !== undefined && isPublicAddress(address)
    ? null
    : blocked(hostname, address ?? 'an unknown one')
}

function blocked(hostname: string, address: string): BlockedAddress {
  return new BlockedAddress(`${hostname} leads to ${address}, which is not a public address`)
}

/**
 * A `net.connect` look-up that asks `resolve` once and hands on only what `mayUse` allows. Node asks for all
 * addresses when it races IPv4 against IPv6, for one otherwise.
 */
export function lookupWith(resolve: Resolve, mayUse: (address: string) => boolean): LookupFunction {
  return (hostname, wanted, done) => {
    resolve(hostname).then(
      (found) => {
        const usable = found.filter(({ address }) => mayUse(address))
        const first = usable[0]
        if (first === undefined) {
          const error = found[0] ? blocked(hostname, found[0].address) : notFound(hostname)
          return done(error, '', 0)
        }
        if (wanted.all) return done(null, [...usable])
        done(null, first.address, first.family)
      },
      (error: NodeJS.ErrnoException) => done(error, '', 0),
    )
  }
}

function notFound(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${hostname} has no address`), { code: 'ENOTFOUND' })
}
