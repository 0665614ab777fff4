import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CATALOGUE } from '../domain/errors.ts'
import type { CommandError, Context } from './command.ts'
import { ask } from './session.ts'

/** Answers each request as its path asks: `/422/RULE_INVALID`. */
const server = createServer((request, response) => {
  const [, status, code = ''] = request.url!.split('/')
  const language = request.headers['accept-language'] as 'zh' | 'en'
  const { [language]: message } = CATALOGUE[code as 'RULE_INVALID']
  const fields = [
    { path: 'params.limit', problem: 'expected a number' },
    { path: 'params.lmit', problem: 'no such parameter' },
  ]
  const error = { code, message, docs: '', ...(status === '409' ? {} : { fields }) }
  response.writeHead(Number(status), { 'content-type': 'application/json' })
  response.end(JSON.stringify({ error }))
})
let url: string
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

const refusalOf = (route: string, language: 'zh' | 'en' = 'en') =>
  ask({ language } as Context, { url, shop: null, key: 'k', of: '' }, 'POST', route, {}).then(
    () => null,
    ({ exit, message, code }: CommandError) => ({ exit, message, code }),
  )

it('puts what the API calls "fields" into lines, and ends as for any other misuse', async () => {
  const lines = '\n  params.limit: expected a number\n  params.lmit: no such parameter'
  for (const code of ['RULE_INVALID', 'FLOW_INVALID', 'TEMPLATE_INVALID', 'FIELD_INVALID'] as const)
    for (const language of ['zh', 'en'] as const) {
      const { exit, message } = (await refusalOf(`/422/${code}`, language))!
      expect([exit, message.includes('fields'), message.endsWith(lines)]).toEqual([2, false, true])
    }
  expect((await refusalOf('/422/RULE_INVALID'))!.message).toBe(`The rule was not changed:${lines}`)
  expect((await refusalOf('/422/RULE_INVALID', 'zh'))!.message).toBe(`规则未更改：${lines}`)
})

it('leaves other answers as they are', async () => {
  expect(await refusalOf('/409/VERSION_MOVED')).toEqual({
    exit: 1,
    message: CATALOGUE.VERSION_MOVED.en,
    code: 'VERSION_MOVED',
  })
})
