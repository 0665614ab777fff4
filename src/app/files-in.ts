import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { fileText } from '../domain/file-text.ts'

/** Where the program's own files of data are: `flows/`, `law/`, `rails/`, `rules/`. */
export const ROOT = new URL('../../', import.meta.url)

/** Texts of the YAML files of a folder, by name. Throws `NotUtf8`. */
export async function filesIn(folder: URL): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort()
  const texts = await Promise.all(
    names.map(async (name) => {
      const place = new URL(name, folder)
      return fileText(fileURLToPath(place), await readFile(place))
    }),
  )
  return Object.fromEntries(names.map((name, at) => [name, texts[at]!]))
}
