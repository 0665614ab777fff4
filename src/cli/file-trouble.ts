import { access, constants, readFile, stat } from 'node:fs/promises'
import { CommandError, type Context, EXIT } from './command.ts'
import { ERRORS, FILE_TROUBLES } from './texts/errors.ts'
import { type Language, say } from './texts/text.ts'

/** A file named on the command line cannot be read, and why, in the reader's language. */
export function unreadable(error: unknown, file: string, language: Language): CommandError {
  const { code = '', message } = error as NodeJS.ErrnoException
  const known = FILE_TROUBLES[code]
  const detail = known ? say(known, language) : message
  return new CommandError(EXIT.usage, say(ERRORS.fileUnreadable, language, { file, detail }))
}

/** Throws unless the file is there and may be read: before anything is made that would be left behind. */
export async function demandFile({ language }: Context, file: string): Promise<void> {
  try {
    // A folder can be opened, but not read.
    if ((await stat(file)).isDirectory()) await readFile(file)
    await access(file, constants.R_OK)
  } catch (error) {
    throw unreadable(error, file, language)
  }
}
