import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../domain/time.ts'
import { findDataFaults, mistakesOf } from './data-files.ts'
import { ROOT } from './files-in.ts'

let folder: string
let root: URL
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dingdong-data-'))
  root = pathToFileURL(`${folder}/`)
  for (const part of ['law', 'rails', 'rules'])
    await cp(new URL(part, ROOT), path.join(folder, part), { recursive: true })
  // Of the templates a few will do: the rest would be compiled for nothing.
  const templates = ['layout', 'order_paid', 'order_refunded', 'payment_healed'].map(
    (name) => `templates/${name}`,
  )
  for (const name of ['order-paid', ...templates])
    await cp(new URL(`flows/${name}.yaml`, ROOT), path.join(folder, `flows/${name}.yaml`))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function change(file: string, from: string, to: string): Promise<void> {
  const place = path.join(folder, file)
  const text = await readFile(place, 'utf8')
  expect(text.includes(from), file).toBe(true)
  await writeFile(place, text.replace(from, to))
}

const found = async () => (await findDataFaults(systemClock(), 'en', root)).map(({ message }) => message)

it('finds what is wrong with any of the program’s own files, by file, place and what was expected', async () => {
  expect(await found()).toEqual([])
  await change('flows/order-paid.yaml', 'purpose:', 'porpose:')
  await change('flows/templates/order_paid.yaml', 'purpose:', 'porpose:')
  await change('flows/templates/order_refunded.yaml', '{{ order.no }}', '{{ order.noo }}')
  await change('flows/templates/payment_healed.yaml', '<mj-button css-class', '<mj-button css-klass')
  await change('law/cn-sms.yaml', 'source:', 'sauce:')
  await change('rails/paypal.yaml', 'class: other', 'class: othr')
  await change('rules/large-order.yaml', 'does: hold', 'does: hol')
  expect(await found()).toEqual([
    expect.stringMatching(
      /^rails\/paypal\.yaml:9: codes\[0\]\.class: expected one of .*, got "othr"; did you mean other\?$/,
    ),
    expect.stringMatching(/^law\/cn-sms\.yaml:\d+ rules\.0\.source: missing; expected /),
    expect.stringMatching(/^rules\/large-order\.yaml: does: expected one of flag, hold; came hol: /),
    // That a template cannot be used is no mistake of the flow that names it.
    expect.stringMatching(
      /^flows\/order-paid\.yaml: purpose: missing.*\nflows\/order-paid\.yaml: porpose: unknown[^\n]*$/,
    ),
    expect.stringMatching(
      new RegExp(
        [
          '^flows/templates/order_paid\\.yaml: purpose: missing; expected essential, .*',
          'flows/templates/order_paid\\.yaml: porpose: unknown key .*',
          'flows/templates/order_refunded\\.yaml: zh-CN\\.email\\.mjml: There is no variable `order.noo`.*',
          'flows/templates/payment_healed\\.yaml: zh-CN\\.email\\.mjml: MJML .*css-klass.*$',
        ].join('\n'),
      ),
    ),
  ])
})

it('names a file that is not UTF-8, and what it probably is', async () => {
  const file = path.join(folder, 'law/cn-sms.yaml')
  const before = await readFile(file)
  // 短信 in GB18030.
  await writeFile(file, Buffer.from([0xb6, 0xcc, 0xd0, 0xc5]))
  const faults = await findDataFaults(systemClock(), 'en', root)
  await writeFile(file, before)
  expect(faults.flatMap((fault) => mistakesOf(fault, root))).toContainEqual({
    where: 'law/cn-sms.yaml',
    problem: 'expected a text in UTF-8, came something else (it is probably GB18030): save it as UTF-8',
  })
})
