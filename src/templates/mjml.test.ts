import { afterEach, describe, expect, it } from 'vitest'
import { processorTime } from '../../test/kit/processor.ts'
import { type Clock, systemClock } from '../domain/time.ts'
import { createMjmlCompiler, type MjmlCompiler } from './mjml.ts'

const open: MjmlCompiler[] = []
afterEach(() => Promise.all(open.splice(0).map((compiler) => compiler.close())))

function compiler(clock: Clock = systemClock()): MjmlCompiler {
  const made = createMjmlCompiler(clock)
  open.push(made)
  return made
}

const document = (inside: string) =>
  `<mjml><mj-body><mj-section><mj-column>${inside}</mj-column></mj-section></mj-body></mjml>`

describe('MJML', () => {
  it('gives Liquid back as it was, wherever it stood', async () => {
    const { html, problems } = await compiler().compile(
      document(
        '<mj-text color="{{ a | b: "x" }}">{% if c < 3 %}{{ d }}{% endif %} Lq0z Lq0x0z Lq1x1z</mj-text>',
      ),
    )
    expect(problems).toEqual([])
    expect(html).toContain('color:{{ a | b: "x" }}')
    expect(html).toContain('{% if c < 3 %}{{ d }}{% endif %} Lq0z Lq0x0z Lq1x1z')
  })

  it('says in which line of the document something is wrong, however many lines Liquid before it has', async () => {
    const text = document('\n<mj-text>{% if\n a\n%}</mj-text>\n\n{{ b\n }}<mj-foo>{{ c\n }}</mj-foo>')
    const line = text.slice(0, text.indexOf('<mj-foo>')).split('\n').length
    const { problems } = await compiler().compile(text)
    expect(problems).toMatchObject([{ line, tag: 'mj-foo' }])
  })

  it.each([
    ['spaces', ' '.repeat(200_000)],
    ['a word like its marks', `L${'q'.repeat(200_000)}{{ a }}`],
    ['braces', '{{'.repeat(100_000)],
  ])('takes no time of this process with %s', async (_, long) => {
    const started = processorTime()
    await compiler().compile(document(`<mj-raw>a${long}b</mj-raw>`))
    expect(processorTime() - started).toBeLessThan(1_000)
  })

  it('reads no files', async () => {
    // The process's working directory is the checkout: MJML itself would allow this one.
    const { html } = await compiler().compile(document('<mj-include path="./package.json" type="html" />'))
    expect(html).toContain('</html>')
    expect(html).not.toContain('liquidjs')
  })

  it('answers many at once, each with its own', async () => {
    const { compile } = compiler()
    const all = await Promise.all(
      [1, 2, 3, 4, 5].map((at) => compile(document(`<mj-text>number ${at}</mj-text>`))),
    )
    for (const [at, { html }] of all.entries()) expect(html).toContain(`number ${at + 1}`)
  })

  it('says that it was closed to whoever waits, and starts again for the next', async () => {
    const made = compiler()
    const waiting = made.compile(document('<mj-text>x</mj-text>'))
    await made.close()
    expect(await waiting).toEqual({
      html: '',
      problems: [{ line: null, tag: null, message: 'the compiler was closed' }],
    })
    expect((await made.compile(document('<mj-text>again</mj-text>'))).html).toContain('again')
  })

  it('gives up on a document that takes too long', async () => {
    let giveUp = () => {}
    const clock: Clock = {
      now: () => 0,
      after(_, wake) {
        giveUp = wake
        return () => {}
      },
    }
    const waiting = compiler(clock).compile(document('<mj-text>x</mj-text>'))
    giveUp()
    expect((await waiting).problems).toMatchObject([
      { line: null, message: expect.stringContaining('longer than 20 seconds') },
    ])
  })
})
