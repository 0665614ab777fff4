import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Check, Finding } from './finding.ts'
import { ROOT } from './run-tool.ts'

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly allowScripts?: Readonly<Record<string, boolean>>
}

interface Locked {
  readonly resolved?: string
  readonly integrity?: string
  readonly link?: boolean
  readonly hasInstallScript?: boolean
  readonly optional?: boolean
  readonly os?: readonly string[]
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

type Lock = Readonly<Record<string, Locked>>

/** Exact versions only, every package with its hash, none bound to an address, every install script decided upon. */
export const lockfile: Check = {
  name: 'lockfile',
  says: 'exact versions, hashes, no addresses, install scripts',
  async run() {
    const manifest: Manifest = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8'))
    const { packages }: { packages: Lock } = JSON.parse(
      await readFile(path.join(ROOT, 'package-lock.json'), 'utf8'),
    )
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
      .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
      .map(([name, version]) => `${name} must be one exact version, not ${version}`)
    const locked = Object.keys(packages)
      .filter((place) => place !== '')
      .flatMap((place) => problemsOf(place, packages, manifest))
    return [...findings('package.json', loose), ...findings('package-lock.json', locked)]
  },
}

function findings(where: string, problems: readonly string[]): readonly Finding[] {
  return problems.map((problem) => ({ where, problem }))
}

function problemsOf(place: string, packages: Lock, { allowScripts = {} }: Manifest): readonly string[] {
  const locked = packages[place]!
  const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)
  const problems: string[] = []
  if (locked.resolved !== undefined)
    problems.push('names an address; keep omit-lockfile-registry-resolved in .npmrc')
  // Prebuilt programs of systems that the lock was not made on must be listed, but cannot be had everywhere.
  const foreign = locked.optional === true && locked.os !== undefined
  if (locked.integrity === undefined && locked.link !== true && !foreign) problems.push('has no hash')
  if (locked.hasInstallScript === true && allowScripts[name] === undefined)
    problems.push('has an install script that allowScripts in package.json says nothing about')
  for (const wanted of Object.keys(locked.optionalDependencies ?? {})) {
    // `npm ci` refuses a lock without them, even where another system's package would never be installed.
    if (!packages[`node_modules/${wanted}`] && !packages[`${place}/node_modules/${wanted}`])
      problems.push(`may bring ${wanted}, which is not listed: \`npm ci\` would refuse`)
  }
  return problems.map((problem) => `${place} ${problem}`)
}
