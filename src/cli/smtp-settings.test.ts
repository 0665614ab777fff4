import { expect, it } from 'vitest'
import { smtp } from '../channels/smtp.ts'
import { settingProblem } from './texts/setting-problems.ts'

const problemsOf = (settings: object) =>
  smtp.settings
    .safeParse({ from: 'shop@example.com', ...settings })
    .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)

it.each([
  [
    { host: 'smtp.example.com:587', port: 587 },
    /^host: expected a host such as smtp\.example\.com; the port is/,
  ],
  [{ host: 'smtps://smtp.example.com', port: 465 }, /^host: expected a host such as/],
  [{ host: 'smtp.example.com', port: 465 }, /^security: port 465 speaks TLS from the first byte: write tls/],
  [{ host: 'smtp.example.com', port: 465, security: 'none' }, /^security: port 465 speaks TLS/],
  [{ host: 'smtp.example.com', port: 993, security: 'tls' }, /^port: mail is fetched at this port/],
  [{ host: 'smtp.example.com', port: 587, security: 'tls' }, /^security: port 587 .* write starttls/],
  [{ host: 'smtp.example.com', port: 25, security: 'tls' }, /^security: port 587 \(and 25\)/],
  [
    { host: 'smtp.example.com', port: 25, security: 'none', pass: 'p' },
    /^security: a password may not cross/,
  ],
])('a mail server that cannot be meant is refused, in both languages: %j', (settings, problem) => {
  const [told] = problemsOf(settings)!
  expect(told).toMatch(problem)
  const message = told!.replace(/^\w+: /, '')
  expect(settingProblem(message, 'zh')).toMatch(/\p{Script=Han}/u)
})

it.each(['::1', '[2001:db8::1]', '192.0.2.1', 'mail', 'smtp.exmail.qq.com'])('%s is a host', (host) => {
  for (const [port, security] of [
    [465, 'tls'],
    [587, 'starttls'],
    [25, 'none'],
    [2525, 'tls'],
  ])
    expect(problemsOf({ host, port, security })).toBeUndefined()
})
