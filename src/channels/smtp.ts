import * as z from 'zod'
import { lazily } from '../domain/lazily.ts'
import type { Fate, OutboundMessage } from '../domain/message.ts'
import { type Instant, SECOND } from '../domain/time.ts'
import type { Provider, ProviderPorts, Sender } from './channel.ts'
import { mailDate } from './http-date.ts'
import { fateOfSmtpError, type SmtpError } from './smtp-fate.ts'
import { stableId } from './stable-id.ts'

/** A name or an IP address; no scheme, no port. */
const HOST = /^([^\s/:@]+|\[?[\da-f]*:[\da-f:.]*:[\da-f.]*\]?)$/i

/** POP3 and IMAP, in clear and by TLS: where mail is fetched, and nothing is sent. */
const FOR_READING: ReadonlySet<number> = new Set([110, 143, 993, 995])

const settings = z
  .strictObject({
    host: z
      .string()
      .trim()
      .min(1)
      .max(253)
      .regex(HOST, 'expected a host such as smtp.example.com; the port is a setting of its own'),
    port: z.int().min(1).max(65_535),
    /** `tls` from the first byte (465), `starttls` demanded (587), or `none`: a relay on this machine or network. */
    security: z.enum(['tls', 'starttls', 'none']).default('starttls'),
    user: z.string().max(320).optional(),
    pass: z.string().max(1_000).optional(),
    from: z.email().max(320),
    fromName: z.string().trim().max(200).default(''),
    replyTo: z.email().max(320).optional(),
    /** The certificate authority of a private relay, PEM. */
    ca: z.string().max(20_000).optional(),
    connections: z.int().min(1).max(50).default(5),
    /** Longest silence of the server, ms. RFC 5321 would wait minutes; a lease does not. */
    timeout: z
      .int()
      .min(5 * SECOND)
      .max(60 * SECOND)
      .default(30 * SECOND),
  })
  .refine(({ security, host, pass }) => security !== 'none' || !pass || isThisMachine(host), {
    path: ['security'],
    message: 'a password may not cross the network unencrypted; choose tls or starttls',
  })
  // RFC 8314: 465 is for TLS from the first byte; 587 and 25 begin in clear.
  .refine(({ port, security }) => port !== 465 || security === 'tls', {
    path: ['security'],
    message: 'port 465 speaks TLS from the first byte: write tls, or port 587',
  })
  .refine(({ port, security }) => (port !== 587 && port !== 25) || security !== 'tls', {
    path: ['security'],
    message: 'port 587 (and 25) begins in clear and turns to TLS: write starttls, or port 465',
  })
  .refine(({ port }) => !FOR_READING.has(port), {
    path: ['port'],
    message: 'mail is fetched at this port and not sent: write 465 with tls, or 587 with starttls',
  })
export type SmtpSettings = z.infer<typeof settings>

/** Email through any SMTP server. */
export const smtp: Provider<SmtpSettings> = {
  name: 'smtp',
  channel: 'email',
  // The same Message-ID each time: mailboxes and providers that see it twice show it once.
  repeat: 'harmless',
  settings,
  secrets: ['pass'],
  open: openSmtp,
}

function openSmtp(settings: SmtpSettings, { clock }: ProviderPorts): Sender {
  const handedOver = new WeakSet<object>()
  const transport = lazily(() => openTransport(settings, handedOver))
  let closed = false
  return {
    async send(message, signal): Promise<Fate> {
      const mail = composeMail(settings, message, clock.now())
      if ('kind' in mail) return mail
      if (closed) return { kind: 'retry', code: 'aborted', afterMs: null, detail: 'the account was closed' }
      try {
        const info = await (await transport.get()).sendMail({ ...mail, signal })
        return { kind: 'sent', providerRef: mail.messageId, detail: info.response.slice(0, 300) }
      } catch (error) {
        return fateOfSmtpError(error as SmtpError, handedOver.has(mail.envelope))
      }
    },
    async close() {
      closed = true
      const opened = await transport.made()
      opened?.close({ force: true })
    },
  }
}

/** A pool of connections. An envelope is in `handedOver` once the last byte of its mail went to the socket. */
async function openTransport(settings: SmtpSettings, handedOver: WeakSet<object>) {
  const { host, port, security, user, pass, timeout, connections } = settings
  // Loaded by the first mail: most accounts of most shops are other roads.
  const { createTransport } = await import('nodemailer')
  const transport = createTransport({
    pool: true,
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(user !== undefined && pass !== undefined ? { auth: { user, pass } } : {}),
    ...(settings.ca ? { tls: { ca: settings.ca } } : {}),
    maxConnections: connections,
    // The pool repeats by itself only what never left (an idle connection had died); once is enough.
    maxRequeues: 1,
    connectionTimeout: Math.min(timeout, 10 * SECOND),
    greetingTimeout: timeout,
    socketTimeout: timeout,
    dnsTimeout: Math.min(timeout, 10 * SECOND),
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  // Only the end of the message's own stream says that its last byte went to the socket.
  transport.use('stream', (mail, done) => {
    const { data } = mail
    mail.message.processFunc((stream) => stream.once('end', () => handedOver.add(data.envelope as object)))
    done()
  })
  transport.on('error', () => {})
  return transport
}

/** The mail as nodemailer takes it, or the fate of a message that can be none. */
function composeMail(settings: SmtpSettings, message: OutboundMessage, now: Instant) {
  const { content, to, unsubscribeUrl } = message
  if (content.kind !== 'email') {
    return rejected('content', 'wrong_content', `expected email content, got ${content.kind}`)
  }
  // One plain address: nodemailer would read "a@x, b@y" as two.
  if (!z.email().max(320).safeParse(to).success) {
    return rejected('address', 'bad_address', 'expected one plain mail address')
  }
  const domain = settings.from.slice(settings.from.lastIndexOf('@') + 1)
  return {
    envelope: { from: settings.from, to: [to] },
    from: { name: settings.fromName, address: settings.from },
    to: { name: '', address: to },
    ...(settings.replyTo ? { replyTo: settings.replyTo } : {}),
    messageId: `<${stableId(message.idempotencyKey)}@${domain}>`,
    date: mailDate(now),
    subject: content.subject,
    text: content.text,
    html: content.html,
    headers: {
      // RFC 3834: keeps holiday answers from replying to a machine.
      'Auto-Submitted': 'auto-generated',
      'Content-Language': message.locale,
      ...unsubscribeHeaders(unsubscribeUrl),
    },
  }
}

/** RFC 8058: both together make the mailbox's own unsubscribe button a single POST. */
function unsubscribeHeaders(url: string | null) {
  // Written as it is, since folding would break it: so only what a URL parser has made safe may stand here.
  const safe = url === null ? null : URL.parse(url)
  if (!safe) return {}
  return {
    'List-Unsubscribe': { prepared: true, value: `<${safe.href}>` },
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  }
}

function rejected(blame: 'address' | 'content', code: string, detail: string): Fate & { kind: 'rejected' } {
  return { kind: 'rejected', blame, code, detail }
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}
