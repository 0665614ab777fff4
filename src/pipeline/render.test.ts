import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { COMMANDS } from '../domain/flow/words.ts'
import { idInstant, parseId } from '../domain/ids.ts'
import { parseIso } from '../domain/time.ts'
import type { Allowed } from './gate.ts'
import { commandContent } from './render.ts'
import type { Subject } from './subjects.ts'
import type { VarsScene } from './template-vars.ts'

interface Body {
  readonly type: string
  readonly timestamp: string
  readonly data: {
    readonly command: string
    readonly order: {
      readonly no: string
      readonly status: string
      readonly total: string
      readonly currency: string
    }
    readonly payment?: string
    readonly reason: string
    readonly askedAt: string
  }
}

const guide = readFileSync(new URL('../../docs/guides/commands-to-your-shop.md', import.meta.url), 'utf8')
const bodies = [...guide.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) => JSON.parse(text!) as Body)
const templateOf = (type: string) => type.split('.').reverse().join('_')

test('the guide shows every command to the shop, once', () => {
  expect(bodies.map(({ type }) => templateOf(type)).sort()).toEqual([...COMMANDS].sort())
})

test.each(bodies.map((body) => [body.type, body] as const))(
  'the guide shows %s as it is sent',
  (_type, { type, timestamp, data }) => {
    const id = parseId('msg', data.command)!
    expect(idInstant(id)).toBe(parseIso(timestamp))
    const { no, status, total, currency } = data.order
    const view = {
      no,
      status,
      total: { minor: Number(total.replace('.', '')), currency },
      lastFailure: { paymentId: 'ch_3SampleCharge0001' },
    }
    const asked = parseIso(data.askedAt)!
    const message = { id, template: templateOf(type), flow: data.reason, created_at: asked, vars: null }
    const content = commandContent({} as VarsScene, { message } as Allowed, () => ({ view }) as Subject)
    expect(content).toEqual({ kind: 'webhook', type, body: data })
  },
)
