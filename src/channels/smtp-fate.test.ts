import { describe, expect, test } from 'vitest'
import { fateOfSmtpError } from './smtp-fate.ts'

const HOUR = 3_600_000

/** A server's reply as nodemailer reports it. */
const reply = (response: string, command = 'RCPT TO', code = 'EENVELOPE') => ({
  message: `failed: ${response}`,
  code,
  command,
  response,
  responseCode: Number(response.slice(0, 3)),
})

describe('a reply is judged by its number and its RFC 3463 status, whatever nodemailer calls it', () => {
  test.each([
    ['greylisting', reply('451 4.7.1 Greylisted, try later'), 'retry', null],
    ['a full queue', reply('452 4.3.1 Insufficient storage'), 'retry', null],
    ['a closing server', reply('421 4.4.2 Timeout'), 'retry', null],
    [
      'a temporary log-in failure',
      reply('454 4.7.0 Temporary failure', 'AUTH PLAIN', 'EAUTH'),
      'retry',
      null,
    ],
    ['a confused session', reply('503 5.5.1 Bad sequence'), 'retry', null],
    ['an unknown mailbox', reply('550 5.1.1 No such user'), 'rejected', 'address'],
    ['an unknown mailbox, no status', reply('550 User unknown'), 'rejected', 'address'],
    ['an unknown domain', reply('550 5.1.2 Bad destination'), 'rejected', 'address'],
    ['a mailbox switched off', reply('550 5.2.1 Mailbox disabled'), 'rejected', 'address'],
    [
      'Office 365 hiding an unknown mailbox',
      reply('550 5.4.1 Recipient address rejected'),
      'rejected',
      'address',
    ],
    ['a full mailbox', reply('552 5.2.2 Mailbox full'), 'retry', HOUR],
    ['a full mailbox, no status', reply('552 Mailbox full'), 'retry', HOUR],
    ['a message too large', reply('552 5.3.4 Message too big', 'DATA', 'EMESSAGE'), 'rejected', 'content'],
    ['a message too large, no status', reply('552 Too big', 'DATA', 'EMESSAGE'), 'rejected', 'content'],
    ['spam', reply('554 5.7.1 Spam detected', 'DATA', 'EMESSAGE'), 'rejected', 'content'],
    ['spam, no status', reply('554 Rejected', 'DATA', 'EMESSAGE'), 'rejected', 'content'],
    ['a policy on this receiver', reply('550 5.7.1 Blocked by recipient policy'), 'rejected', 'content'],
    ['a relay that is not ours', reply('554 5.7.1 Relay access denied'), 'operator', null],
    ['a wrong password', reply('535 5.7.8 Bad credentials', 'AUTH PLAIN', 'EAUTH'), 'operator', null],
    ['a log-in demanded', reply('530 5.7.0 Authentication required', 'MAIL FROM'), 'operator', null],
    ['a sender that may not', reply('550 5.7.1 Sender not authorised', 'MAIL FROM'), 'operator', null],
    ['a sender address refused at RCPT', reply('550 5.1.8 Bad sender'), 'operator', null],
    [
      'a greeting that refuses us',
      reply('554 5.7.1 Your address is listed', 'CONN', 'EPROTOCOL'),
      'operator',
      null,
    ],
    ['STARTTLS refused', reply('502 Not implemented', 'STARTTLS', 'ETLS'), 'operator', null],
  ])('%s', (_what, error, kind, more) => {
    const expected = kind === 'retry' ? { afterMs: more } : kind === 'rejected' ? { blame: more } : {}
    expect(fateOfSmtpError(error, false)).toMatchObject({ kind, ...expected })
    // A reply is certain even after the last byte left.
    expect(fateOfSmtpError(error, true)).toMatchObject({ kind, ...expected })
  })
})

describe('without a reply', () => {
  const silent = (code: string, originalCode?: string) => ({ message: 'lost', code, originalCode })

  test.each(['ECONNECTION', 'ESOCKET', 'ETIMEDOUT', 'EPROTOCOL', 'EABORT', 'ESTREAM'])(
    '%s is unknown once the last byte has left, and a retry before',
    (code) => {
      expect(fateOfSmtpError(silent(code), true)).toMatchObject({ kind: 'unknown' })
      expect(fateOfSmtpError(silent(code), false)).toMatchObject({ kind: 'retry' })
    },
  )

  test.each([
    [silent('EDNS', 'ENOTFOUND'), { kind: 'retry', code: 'dns' }],
    [silent('ESOCKET', 'ECONNREFUSED'), { kind: 'retry' }],
    [silent('ETLS', 'CERT_HAS_EXPIRED'), { kind: 'operator', code: 'tls_untrusted' }],
    [silent('ESOCKET', 'DEPTH_ZERO_SELF_SIGNED_CERT'), { kind: 'operator', code: 'tls_untrusted' }],
    [silent('EAUTH'), { kind: 'operator', code: 'credentials' }],
    [silent('EENVELOPE'), { kind: 'rejected', blame: 'address' }],
    [silent('EMESSAGE'), { kind: 'rejected', blame: 'content' }],
  ])('%o', (error, expected) => {
    expect(fateOfSmtpError(error, false)).toMatchObject(expected)
  })

  test('something never seen before is a retry, or unknown after the end', () => {
    expect(fateOfSmtpError({ message: 'odd' }, false)).toMatchObject({ kind: 'retry', code: 'smtp_error' })
    expect(fateOfSmtpError({ message: 'odd' }, true)).toMatchObject({ kind: 'unknown' })
  })
})
