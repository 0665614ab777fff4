import { readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { inject } from 'vitest'
import { compilePresets } from '../../src/app/presets.ts'
import { systemClock } from '../../src/domain/time.ts'
import type { Presets } from '../../src/pipeline/presets.ts'

let presets: Promise<Presets> | undefined

/** The program's own presets, published once a run: who needs them first leaves them for the other files' processes. */
export function presetsForTests(): Promise<Presets> {
  presets ??= readOrCompile()
  return presets
}

async function readOrCompile(): Promise<Presets> {
  const place = path.join(inject('sharedFolder'), 'presets')
  const kept = await readFile(place).catch(() => null)
  if (kept) return deserialize(kept) as Presets
  const made = await compilePresets(systemClock())
  // Two may come at once: each writes a file of its own, and either is whole.
  await writeFile(`${place}.${process.pid}`, serialize(made))
  await rename(`${place}.${process.pid}`, place)
  return made
}
