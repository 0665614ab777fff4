import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { columnsOf, createScreen, table } from './screen.ts'

function terminal(isTTY: boolean, json = false) {
  const written: string[] = []
  const out = Object.assign(new PassThrough(), {
    isTTY,
    columns: 80,
    getColorDepth: () => 8,
    hasColors: () => true,
  })
  out.on('data', (chunk) => written.push(String(chunk)))
  const streams = { out, err: out } as unknown as Parameters<typeof createScreen>[0]
  return { screen: createScreen(streams, json), text: () => written.join('') }
}

const NASTY = 'A-\u001b[32m1\u0007\u009b2J\u202e\r2'
const HARMLESS = 'A-\\u001b[32m1\\u0007\\u009b2J\\u202e\\u000d2'

describe('the screen', () => {
  it.each([true, false])('prints no control character of a value, on a terminal: %s', (isTTY) => {
    const { screen, text } = terminal(isTTY)
    screen.line(`order ${NASTY}`)
    screen.note(NASTY)
    screen.line(screen.paint('bold', NASTY))
    for (const row of table([[NASTY, 'x']])) screen.line(row)
    expect(text().split(HARMLESS)).toHaveLength(5)
    for (const each of ['\u0007', '\u009b', '\u202e', '\r']) expect(text()).not.toContain(each)
    expect(text().replaceAll(HARMLESS, '')).not.toContain('[32m')
  })

  it('keeps its own colours, one inside the other, and counts no column for them', () => {
    const { screen, text } = terminal(true)
    const painted = screen.paint('dim', `a ${screen.paint('yellow', '订单')} b`)
    expect(columnsOf(painted)).toBe('a xxxx b'.length)
    screen.line(painted)
    expect(text()).toBe('\u001b[2ma \u001b[33m订单\u001b[39m b\u001b[22m\n')
  })

  it('leaves colours out where the output is no terminal', () => {
    const { screen, text } = terminal(false)
    screen.line(screen.paint('green', 'sent'))
    expect(text()).toBe('sent\n')
  })

  it('hands a file on as it is, but not to a terminal', () => {
    const piped = terminal(false)
    piped.screen.file('name: \u2067اسم\u2069')
    expect(piped.text()).toBe('name: \u2067اسم\u2069\n')
    const seen = terminal(true)
    seen.screen.file(NASTY)
    expect(seen.text()).toBe(`${HARMLESS}\n`)
  })

  it('leaves JSON to escape itself', () => {
    const { screen, text } = terminal(false, true)
    screen.line(NASTY)
    screen.result({ no: NASTY })
    expect(JSON.parse(text())).toEqual({ no: NASTY })
    for (const each of ['\u001b', '\u009b', '\u202e']) expect(text()).not.toContain(each)
  })
})
