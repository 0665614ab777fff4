import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ConfigError, readConfig } from '../config.ts'
import type { Context } from './command.ts'
import { failureOf } from './errors.ts'
import { readSettings } from './settings-file.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dingdong-text-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const place = path.join(folder, name)
  await writeFile(place, content)
  return place
}

async function refusalOf(place: string, language: 'zh' | 'en' = 'en') {
  try {
    await readSettings({ language } as Context, place)
  } catch (error) {
    return failureOf(error, language)
  }
  throw new Error('it was not refused')
}

it('refuses a file that is not in UTF-8, names what it probably is and how to save it', async () => {
  const gbk = await file('gbk.yaml', Buffer.from('brand: { support: \xb5\xea }', 'latin1'))
  const { exit, code, text } = await refusalOf(gbk)
  expect([exit, code]).toEqual([2, 'NOT_UTF8'])
  expect(text).toContain(`The file ${gbk} is not a text in UTF-8, it is probably GBK / GB18030`)
  expect(text).toContain(`iconv -f GB18030 -t UTF-8 ${gbk}`)
  expect((await refusalOf(gbk, 'zh')).text).toMatch(
    /不是 UTF-8 编码的文本，很可能是 GBK \/ GB18030.*另存为 UTF-8/,
  )
  const utf16 = await file('utf16.yaml', Buffer.from('\uFEFFcapPerDay: 3', 'utf16le'))
  expect((await refusalOf(utf16)).text).toMatch(/probably UTF-16\b.*iconv -f UTF-16 /)
})

it('refuses a second document, and says in words what is no YAML, quoting nothing', async () => {
  const two = await file('two.yaml', 'capPerDay: 3\n---\ncapPerDay: 5\n')
  expect((await refusalOf(two)).text).toMatch(/line 2: a second document begins here/)
  const tabs = await file('tabs.yaml', 'password: hunter2\nbrand:\n\tsupport: hunter2\n')
  const { text } = await refusalOf(tabs)
  expect(text).toMatch(/line 3: tabs cannot indent/)
  expect(text).not.toContain('hunter2')
})

it('says the same of the program’s own settings', async () => {
  const gbk = await file('config-gbk.yaml', Buffer.from('host: \xb5\xea', 'latin1'))
  const two = await file('config-two.yaml', 'port: 7000\n---\nport: 7001\n')
  const problemsOf = (place: string) => {
    try {
      readConfig({ env: {}, cwd: folder, file: place })
      return null
    } catch (error) {
      return error instanceof ConfigError ? error.problems[0]!.problem : error
    }
  }
  expect(problemsOf(gbk)).toMatch(/UTF-8, came something else \(it is probably GB18030\)/)
  expect(problemsOf(two)).toMatch(/a second one after ---/)
})
