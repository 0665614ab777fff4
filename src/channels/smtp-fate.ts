import type { Fate } from '../domain/message.ts'
import { HOUR } from '../domain/time.ts'
import { isUntrustedCertificate } from './tls-trust.ts'

/** What nodemailer says about a failure. */
export interface SmtpError {
  readonly message: string
  readonly code?: string | undefined
  /** The operating system's or OpenSSL's code under nodemailer's own. */
  readonly originalCode?: string | undefined
  readonly command?: string | undefined
  readonly response?: string | undefined
  readonly responseCode?: number | undefined
}

/**
 * The fate of a mail that was not taken. `handedOver`: the last byte of the message had left, so that without a
 * reply nobody can say. A reply decides by its number, never by nodemailer's code, which is EENVELOPE for a
 * temporary 451 as well as a final 550.
 */
export function fateOfSmtpError(error: SmtpError, handedOver: boolean): Fate {
  const detail = (error.response ?? error.message).slice(0, 300)
  if (error.responseCode) return fateOfReply(error, error.responseCode, detail)
  if (handedOver) return { kind: 'unknown', code: `smtp_${error.code ?? 'error'}`, detail }
  const cause = error.originalCode ?? error.code ?? ''
  if (isUntrustedCertificate(cause)) return { kind: 'operator', code: 'tls_untrusted', detail }
  switch (error.code) {
    case 'EAUTH':
    case 'ENOAUTH':
      return { kind: 'operator', code: 'credentials', detail }
    case 'ETLS':
      // Either it offers no STARTTLS at all, or the handshake failed; a line that merely broke is not ETLS.
      return { kind: 'operator', code: 'tls', detail }
    case 'EENVELOPE':
      return { kind: 'rejected', blame: 'address', code: 'bad_address', detail }
    case 'EMESSAGE':
      return { kind: 'rejected', blame: 'content', code: 'too_large', detail }
    case 'EDNS':
      return { kind: 'retry', code: 'dns', afterMs: null, detail }
    case 'EABORT':
      return { kind: 'retry', code: 'aborted', afterMs: null, detail }
    default:
      return { kind: 'retry', code: `smtp_${error.code ?? 'error'}`, afterMs: null, detail }
  }
}

/** RFC 5321 §4.2.1: 4yz is "not now", 5yz is "no". RFC 3463 says to whom the no belongs. */
function fateOfReply(error: SmtpError, reply: number, detail: string): Fate {
  const status = /\b([245]\.\d{1,3}\.\d{1,3})\b/.exec(error.response ?? '')?.[1] ?? null
  const code = status ? `${reply} ${status}` : String(reply)
  // 503: the session was in the wrong state, not this message.
  if (reply < 500 || reply === 503) return { kind: 'retry', code, afterMs: null, detail }
  const blame = blameOf(error, reply, status)
  if (blame === 'full') return { kind: 'retry', code, afterMs: HOUR, detail }
  return blame === 'operator' ? { kind: 'operator', code, detail } : { kind: 'rejected', blame, code, detail }
}

type Blame = 'address' | 'content' | 'operator' | 'full'

function blameOf(error: SmtpError, reply: number, status: string | null): Blame {
  const command = error.command ?? ''
  if (error.code === 'EAUTH' || [530, 534, 535, 538].includes(reply)) return 'operator'
  // Greeting, EHLO, our own sender address: no message of this account gets past that.
  if (!/^(RCPT|DATA)/.test(command)) return 'operator'
  return blameByStatus(status, error.response ?? '') ?? blameByCommand(command, reply)
}

function blameByStatus(status: string | null, response: string): Blame | null {
  const [, subject, detail] = (status ?? '').split('.').map(Number)
  switch (subject) {
    case 1:
      // x.1.7 and x.1.8 speak of the sender's address.
      return detail === 7 || detail === 8 ? 'operator' : detail === 0 ? null : 'address'
    case 2:
      // A full mailbox empties again, and its owner is not to be suppressed for it.
      return detail === 2 ? 'full' : detail === 3 ? 'content' : 'address'
    case 3:
      return detail === 4 ? 'content' : 'operator'
    case 4:
      return 'address'
    case 5:
      return 'operator'
    case 6:
      return 'content'
    case 7:
      return [8, 9, 11, 14, 60].includes(detail!) || /relay/i.test(response) ? 'operator' : 'content'
    default:
      return null
  }
}

function blameByCommand(command: string, reply: number): Blame {
  if (command.startsWith('RCPT')) return reply === 552 ? 'full' : 'address'
  return 'content'
}
