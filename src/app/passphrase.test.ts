import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readPassphrase } from './passphrase.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'dd-passphrase-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function read(text: string): Promise<string> {
  const file = path.join(folder, 'passphrase')
  await writeFile(file, text)
  return readPassphrase(file)
}

it('is the first line, without spaces around it, and nothing else of the file', async () => {
  expect(await read('correct horse\n')).toBe('correct horse')
  expect(await read('  correct horse \r\nwritten down on Monday\n')).toBe('correct horse')
})

it.each(['', '\n', '   \nbelow', '\r\n'])('is refused where the line is empty: %j', async (text) => {
  await expect(read(text)).rejects.toMatchObject({ code: 'BACKUP_PASSPHRASE_EMPTY' })
})
