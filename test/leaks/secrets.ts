import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { decompress } from '../../src/db/backup/compression.ts'
import { unwrap } from '../../src/db/backup/envelope.ts'

/** Stands in every secret, so that one search finds them all; lower case, since addresses are compared in it. */
const SIGN = 'zq7leak'
/** Numbers cannot carry the sign: these are looked for as they are. */
export const PHONE = '13800138479'
export const PHONE_AS_TYPED = '138 0013 8479'

/** What is planted, by kind. */
export const SHORT = {
  name: `${SIGN}-name 李雷`,
  mail: `${SIGN}-mail@example.org`,
  key: `${SIGN}-key-AAAA-BBBB`,
  password: `${SIGN}-password`,
  title: `${SIGN}-title`,
  reply: `${SIGN}-reply: 我的卡密错了`,
  extra: `${SIGN}-extra`,
} as const

/** Says through which door a secret came. */
export const markOf = (door: string): string => `${SIGN}-via-${door}`

/** Over 2 KB, incompressible, with the sign at its ends and in its middle: PostgreSQL cuts such values into pieces. */
export function long(kind: keyof typeof SHORT, length = 3_000): string {
  const noise = randomBytes(length).toString('base64url')
  const sign = SHORT[kind]
  return `${sign} ${noise.slice(0, length / 2)} ${sign} ${noise.slice(length / 2, length)} ${sign}`
}

/** Every way in which bytes of a secret may lie somewhere. */
function disguises(text: string): ReadonlyMap<string, Buffer> {
  const bytes = Buffer.from(text)
  const found = new Map<string, Buffer>([
    ['utf8', bytes],
    ['utf16le', Buffer.from(text, 'utf16le')],
    ['utf16be', Buffer.from(text, 'utf16le').swap16()],
    ['hex', Buffer.from(bytes.toString('hex'))],
    ['HEX', Buffer.from(bytes.toString('hex').toUpperCase())],
  ])
  // In base64 a text looks different at each of three offsets; what does not depend on its neighbours is kept.
  for (let offset = 0; offset < 3; offset++) {
    const coded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const skip = Math.ceil((offset * 4) / 3)
    const sure = coded.slice(skip, Math.floor(((offset + bytes.length) * 8) / 6))
    found.set(`base64+${offset}`, Buffer.from(sure))
  }
  return found
}

const WANTED = [SIGN, PHONE, PHONE_AS_TYPED].flatMap((text) =>
  [...disguises(text)].map(([how, bytes]) => ({ text, how, bytes })),
)

/** Places where a secret shows, `name (utf8): …what follows it`. */
export function hunt(name: string, bytes: Buffer): readonly string[] {
  return WANTED.flatMap(({ text, how, bytes: wanted }) => {
    const found: string[] = []
    for (let at = bytes.indexOf(wanted); at >= 0 && found.length < 400; at = bytes.indexOf(wanted, at + 1)) {
      const context = how === 'utf8' ? bytes.toString('latin1', at, at + 30) : text
      found.push(`${name} (${how}): ${context}`)
    }
    return found
  })
}

/** Everything under a folder. Files may come and go while it is read. */
export async function huntFolder(
  folder: string,
): Promise<{ readonly found: readonly string[]; readonly bytes: number }> {
  const found: string[] = []
  let total = 0
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = path.join(entry.parentPath, entry.name)
    const bytes = await readFile(file).catch(() => null)
    if (bytes === null) continue
    total += bytes.length
    found.push(...hunt(path.relative(folder, file), bytes))
  }
  return { found, bytes: total }
}

/** A backup file as it lies there, and what is packed in it. */
export async function huntBackup(file: string): Promise<readonly string[]> {
  const parts: Buffer[] = []
  for await (const part of decompress(unwrap(createReadStream(file), file, null))) parts.push(part)
  return [...hunt('backup', await readFile(file)), ...hunt('backup, unpacked', Buffer.concat(parts))]
}
