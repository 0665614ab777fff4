import { open } from 'node:fs/promises'
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
    await using handle = await open(file)
    // A folder can be opened, but not read.
    await handle.read(Buffer.alloc(1))
  } catch (error) {
    throw unreadable(error, file, language)
  }
}
