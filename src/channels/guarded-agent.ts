import { Agent } from 'undici'
import { type ConnectorOptions, guardedConnector } from './guarded-connector.ts'

/** Sockets to public addresses only, `connections` of them to one origin. */
export const guardedAgent = (options: ConnectorOptions & { readonly connections: number }): Agent =>
  new Agent({
    connect: guardedConnector(options),
    connections: options.connections,
    // One request a connection at a time: with two in the pipe a dropped connection would say nothing about the second.
    pipelining: 1,
    maxHeaderSize: 16 * 1024,
  })
