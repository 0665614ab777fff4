import { describe, expect, it } from 'vitest'
import { systemClock } from '../domain/time.ts'
import { createLogger, describeError } from './logger.ts'

function logged(work: (logger: ReturnType<typeof createLogger>) => void, terminal = false): string {
  let lines = ''
  work(createLogger({ level: 'info', format: 'auto' }, systemClock(), terminal, (line) => (lines += line)))
  return lines
}

describe('the log', () => {
  it('is one JSON object a line elsewhere, and text on a terminal', () => {
    expect(JSON.parse(logged((log) => log.info({ shop: 3 }, 'hello')))).toMatchObject({
      level: 'info',
      shop: 3,
      msg: 'hello',
    })
    expect(logged((log) => log.warn({ shop: 3 }, 'hello'), true)).toMatch(
      /^\d\d:\d\d:\d\d warn {2}hello \{"shop":3\}\n$/,
    )
  })

  it('leaves out what personal data and secrets come in', () => {
    const secret = 'lin@example.com'
    const line = logged((log) =>
      log.info(
        { to: secret, headers: { authorization: secret }, message: { text: secret, address: secret, id: 1 } },
        'x',
      ),
    )
    expect(line).not.toContain(secret)
    expect(line).toContain('"id":1')
  })

  it('keeps an error’s code, words and place, but none of the row it is about', () => {
    const fault = Object.assign(
      new Error('duplicate key value violates unique constraint: (lin@example.com)'),
      {
        code: '23505',
        detail: 'Key (address)=(lin@example.com) already exists.',
      },
    )
    const wrapped = new Error('sending to +86 138 0013 8000 via postgres://dingdong:hunter2@db failed', {
      cause: fault,
    })
    const line = logged((log) => log.error({ err: wrapped }, 'x'))
    for (const secret of ['lin@example.com', '138 0013 8000', 'hunter2']) expect(line).not.toContain(secret)
    expect(describeError(wrapped)).toMatchObject({
      type: 'Error',
      cause: { code: '23505', message: 'SQLSTATE 23505' },
    })
    expect(line).toContain('logger.test.ts')
  })
})
