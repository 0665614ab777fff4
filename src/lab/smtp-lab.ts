import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { Email } from 'postal-mime'
import type {
  SMTPServer,
  SMTPServerAuthentication,
  SMTPServerDataStream,
  SMTPServerSession,
} from 'smtp-server'
import type { Random } from '../domain/ids.ts'
import { lazily } from '../domain/lazily.ts'
import { type Clock, type Millis, SECOND } from '../domain/time.ts'
import { type Certificate, makeCertificate } from './certificate.ts'
import { createDeliveryLog, type DeliveryLog, type LogLimits, type Received } from './delivery-log.ts'
import { createPauses } from './http-faults.ts'
import {
  type ConnectionFault,
  createScript,
  type FaultOf,
  faultOf,
  type Rule,
  type Script,
} from './script.ts'

export type SmtpFault = FaultOf<
  'slow' | 'stall' | 'limit' | 'fail' | 'drop' | 'refuse_address' | 'refuse_content'
>
export type SmtpConnectionFault = ConnectionFault | FaultOf<'refuse_credentials'>

/** A mail as its receiver gets it. */
export interface Mail {
  readonly from: string
  readonly to: readonly string[]
  readonly subject: string
  readonly text: string
  readonly html: string
  /** Names in lower case; repeated ones joined by newlines. */
  readonly headers: Readonly<Record<string, string>>
  readonly raw: string
  /** It came over TLS. */
  readonly secure: boolean
}

export interface SmtpLab {
  readonly host: '127.0.0.1'
  readonly port: number
  readonly user: string
  readonly pass: string
  /** The certificate behind STARTTLS, PEM: trust it, or see `bad_tls`. */
  readonly ca: string
  readonly received: Received<Mail | null>
  script(rules: readonly Rule<SmtpFault>[]): void
  scripted: Script<SmtpFault>['list']
  scriptConnections(rules: readonly Rule<SmtpConnectionFault>[]): void
  connections(): number
  /** Resolves once no connection is open. */
  idle(): Promise<void>
  close(): Promise<void>
}

export interface SmtpLabOptions extends LogLimits {
  readonly clock: Clock
  readonly random: Random
  readonly port?: number | undefined
  readonly user?: string | undefined
  readonly pass?: string | undefined
  /** Offer STARTTLS to every connection (default: only under `bad_tls`). */
  readonly startTls?: boolean | undefined
}

interface Lab {
  readonly clock: Clock
  readonly log: DeliveryLog<Mail | null>
  readonly script: Script<SmtpFault>
  readonly pause: (ms: Millis) => Promise<void>
  /** The socket under each session, by the client's port; only it can be dropped without a word. */
  readonly sockets: Map<number, Socket>
  readonly connectionFaults: WeakMap<Socket, readonly SmtpConnectionFault[]>
  /** Faults of the message a session is working on. */
  readonly faults: WeakMap<SMTPServerSession, readonly SmtpFault[]>
}

/** A mail server on 127.0.0.1 that demands a log-in, keeps what it gets, and fails as told. */
export async function startSmtpLab(options: SmtpLabOptions): Promise<SmtpLab> {
  const { clock, random } = options
  const user = options.user ?? 'lab'
  const pass = options.pass ?? Buffer.from(random(12)).toString('base64url')
  const certificate = makeCertificate(random)
  const pauses = createPauses(clock)
  const connectionScript = createScript<SmtpConnectionFault>(random)
  const lab: Lab = {
    clock,
    log: createDeliveryLog<Mail | null>(options),
    script: createScript<SmtpFault>(random),
    pause: pauses.pause,
    sockets: new Map(),
    connectionFaults: new WeakMap(),
    faults: new WeakMap(),
  }
  const isKnown = (auth: SMTPServerAuthentication) => auth.username === user && auth.password === pass
  const honest = lazily(() =>
    createSession(lab, certificate, { isKnown, startTls: options.startTls ?? false }),
  )
  const untrusted = lazily(() => createSession(lab, makeCertificate(random), { isKnown, startTls: true }))
  const server = createServer((socket) => {
    const faults = connectionScript.next(null)
    note(lab, socket, faults)
    const speaking = faultOf(faults, 'bad_tls') ? untrusted : honest
    speaking.get().then(
      ({ server: sessions }) => sessions.emit('connection', socket),
      () => socket.destroy(),
    )
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    user,
    pass,
    ca: certificate.cert,
    received: lab.log,
    script: (rules) => lab.script.set(rules),
    scripted: () => lab.script.list(),
    scriptConnections: (rules) => connectionScript.set(rules),
    connections: () => lab.sockets.size,
    async idle() {
      for (const socket of lab.sockets.values()) if (!socket.closed) await once(socket, 'close')
    },
    async close() {
      pauses.stop()
      for (const socket of lab.sockets.values()) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function note(lab: Lab, socket: Socket, faults: readonly SmtpConnectionFault[]): void {
  const { remotePort } = socket
  lab.connectionFaults.set(socket, faults)
  // Whoever hangs up before anybody listens is no fault of the lab's.
  socket.on('error', () => {})
  if (remotePort === undefined) return
  lab.sockets.set(remotePort, socket)
  socket.once('close', () => lab.sockets.delete(remotePort))
}

/** Speaks SMTP with connections that are handed to it; it listens nowhere itself. */
async function createSession(
  lab: Lab,
  certificate: Certificate,
  options: {
    readonly isKnown: (auth: SMTPServerAuthentication) => boolean
    readonly startTls: boolean
  },
): Promise<SMTPServer> {
  // Loaded by the first connection.
  const { SMTPServer } = await import('smtp-server')
  const server = new SMTPServer({
    ...certificate,
    name: 'lab.localhost',
    allowInsecureAuth: true,
    disableReverseLookup: true,
    size: 10 * 1024 * 1024,
    socketTimeout: 3600 * SECOND,
    closeTimeout: 1,
    disabledCommands: options.startTls ? [] : ['STARTTLS'],
    onAuth(auth, session, done) {
      const socket = lab.sockets.get(session.remotePort)
      const refused = socket && faultOf(lab.connectionFaults.get(socket) ?? [], 'refuse_credentials')
      if (!refused && options.isKnown(auth)) return done(null, { user: auth.username })
      keepRefusal(lab, '', 'CREDENTIALS')
      done(reply(535, '5.7.8 Authentication credentials invalid'))
    },
    onRcptTo: (address, session, done) => receiveRecipient(lab, address.address, session, done),
    onData(stream, session, done) {
      // A sender that goes away in the middle of its mail has delivered nothing.
      receiveMail(lab, stream, session, done).catch((error: Error) => done(error))
    },
  })
  server.on('error', () => {})
  return server
}

type Done = (error?: Error | null, message?: string) => void

function receiveRecipient(lab: Lab, to: string, session: SMTPServerSession, done: Done): void {
  const faults = lab.script.next(to)
  lab.faults.set(session, faults)
  const refusal = refusalOf(faults)
  if (refusal) keepRefusal(lab, to, refusal.code, faults)
  if (refusal?.code === 'DROP') drop(lab, session)
  else done(refusal && reply(refusal.status, refusal.text))
}

function refusalOf(faults: readonly SmtpFault[]): { code: string; status: number; text: string } | null {
  if (faultOf(faults, 'refuse_address'))
    return { code: 'ADDRESS', status: 550, text: '5.1.1 No such user here' }
  const limit = faultOf(faults, 'limit')
  if (limit)
    return { code: 'LIMIT', status: 451, text: `4.7.1 Too fast, try again in ${limit.seconds} seconds` }
  const fail = faultOf(faults, 'fail')
  if (fail) return { code: 'FAIL', status: fail.status ?? 451, text: 'Local error in processing' }
  return faultOf(faults, 'drop')?.when === 'before' ? { code: 'DROP', status: 0, text: '' } : null
}

async function receiveMail(
  lab: Lab,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  done: Done,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk)
  const raw = Buffer.concat(chunks)
  const to = session.envelope.rcptTo.map(({ address }) => address)
  const faults = lab.faults.get(session) ?? []
  if (faultOf(faults, 'refuse_content')) {
    keepRefusal(lab, to[0] ?? '', 'CONTENT', faults)
    return done(reply(554, '5.7.1 Message refused by content policy'))
  }
  const { default: PostalMime } = await import('postal-mime')
  const email = await PostalMime.parse(raw)
  const { sequence } = lab.log.add({
    at: lab.clock.now(),
    id: email.messageId ?? null,
    to: to[0] ?? '',
    accepted: true,
    refusal: null,
    faults: faults.map((fault) => fault.kind),
    content: readMail(email, session, to, raw),
  })
  const slow = faultOf(faults, 'slow')
  if (slow) await lab.pause(slow.ms)
  if (faultOf(faults, 'stall')) return
  if (faultOf(faults, 'drop')) return drop(lab, session)
  done(null, `2.0.0 Ok: queued as LAB${sequence}`)
}

function readMail(email: Email, session: SMTPServerSession, to: readonly string[], raw: Buffer): Mail {
  const headers: Record<string, string> = {}
  for (const { key, value } of email.headers)
    headers[key] = headers[key] ? `${headers[key]}\n${value}` : value
  const { mailFrom } = session.envelope
  return {
    from: mailFrom ? mailFrom.address : '',
    to,
    subject: email.subject ?? '',
    text: email.text ?? '',
    html: email.html ?? '',
    headers,
    raw: raw.toString('utf8'),
    secure: session.secure,
  }
}

function keepRefusal(lab: Lab, to: string, code: string, faults: readonly SmtpFault[] = []): void {
  lab.log.add({
    at: lab.clock.now(),
    id: null,
    to,
    accepted: false,
    refusal: code,
    faults: faults.map((fault) => fault.kind),
    content: null,
  })
}

function drop(lab: Lab, session: SMTPServerSession): void {
  lab.sockets.get(session.remotePort)?.destroy()
}

function reply(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode })
}
