import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { testRandom } from '../../test/kit/fixed.ts'
import { presetsForTests } from '../../test/kit/presets.ts'
import { readConfig } from '../config.ts'
import { systemClock } from '../domain/time.ts'
import type { Context } from './command.ts'
import { failureOf } from './errors.ts'
import { COMMANDS } from './registry.ts'
import { createScreen } from './screen.ts'

/** Some other Dingdong answers at the usual address. */
const server = createServer((_request, response) => response.end('{"ok":true}'))
let folder: string
let url: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dingdong-none-'))
  // Else the user that PostgreSQL runs as could not make anything there, and these tests could not fail.
  await chmod(folder, 0o755)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.close()
  await rm(folder, { recursive: true })
})

function contextIn(dataDir: string): Context {
  const quiet = Object.assign(new PassThrough(), { write: () => true }) as unknown as NodeJS.WriteStream
  const env = { DINGDONG_DATA_DIR: dataDir, DINGDONG_URL: url }
  return {
    screen: createScreen({ out: quiet, err: quiet }, true),
    language: 'en',
    clock: systemClock(),
    random: testRandom,
    env,
    presets: presetsForTests,
    config: (flags) => readConfig({ env, cwd: folder, flags: { ...flags } }),
  }
}

const MAKERS = ['start', 'restore', 'migrate']
const OTHERS = COMMANDS.filter(({ name }) => !MAKERS.includes(name))

it.each(OTHERS.map((command) => [command.name, command] as const))(
  '%s makes no data where there is none',
  async (name, command) => {
    const dataDir = path.join(folder, name.replace(' ', '-'))
    await command.run(contextIn(dataDir), ['X', 'X'], {}).catch(() => {})
    expect(await readdir(folder)).toEqual([])
  },
)

it.each(['order', 'tail', 'backup', 'demo', 'shop create', 'key create', 'flow kill'])(
  '%s says where it looked, and what to do',
  async (name) => {
    for (const there of [false, true]) {
      const dataDir = path.join(folder, `none-${there}`)
      if (there) await mkdir(dataDir)
      const command = COMMANDS.find((each) => each.name === name)!
      const error = await command.run(contextIn(dataDir), ['demo-shop'], {}).then(
        () => null,
        (thrown) => thrown,
      )
      expect(failureOf(error, 'en')).toEqual({
        exit: 2,
        code: 'NO_DATA',
        text: `No Dingdong lives in ${dataDir}; nothing was made. Start it there with "npm start", or point DINGDONG_DATA_DIR (or --data-dir) at its folder.`,
      })
      expect(failureOf(error, 'zh').text).toContain(`${dataDir} 里没有叮咚的数据`)
      if (there) expect(await readdir(dataDir)).toEqual([])
      await rm(dataDir, { recursive: true, force: true })
    }
  },
)

it.each([
  ['not-there.backup', 'there is no such file', '没有这个文件'],
  ['.', 'it is a folder', '这是一个目录'],
])('restore of %s says why it cannot be read, and makes nothing', async (name, en, zh) => {
  const dataDir = path.join(folder, 'restored')
  const file = path.join(folder, name)
  const command = COMMANDS.find((each) => each.name === 'restore')!
  for (const [language, why] of [
    ['en', en],
    ['zh', zh],
  ] as const) {
    const error = await command.run({ ...contextIn(dataDir), language }, [file], {}).catch((thrown) => thrown)
    expect(failureOf(error, language)).toMatchObject({ exit: 2, text: expect.stringContaining(why) })
  }
  expect(await readdir(folder)).toEqual([])
})
