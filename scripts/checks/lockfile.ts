import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { Check, Finding } from './finding.ts'
import { ROOT } from './run-tool.ts'

interface Packages {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly allowScripts?: Readonly<Record<string, boolean>>
}

interface Locked {
  readonly resolved?: string
  readonly integrity?: string
  readonly link?: boolean
  readonly hasInstallScript?: boolean
}

/** Exact versions only, every package with its hash, none bound to an address, every install script decided upon. */
export const lockfile: Check = {
  name: 'lockfile',
  says: 'exact versions, hashes, no addresses, install scripts',
  async run() {
    const manifest: Packages = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8'))
    const lock = JSON.parse(await readFile(path.join(ROOT, 'package-lock.json'), 'utf8')) as {
      packages: Readonly<Record<string, Locked>>
    }
    const findings: Finding[] = []
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      if (/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) continue
      findings.push({ where: 'package.json', problem: `${name} must be one exact version, not ${version}` })
    }
    for (const [place, { resolved, integrity, link, hasInstallScript }] of Object.entries(lock.packages)) {
      if (place === '') continue
      const problem = (text: string) =>
        findings.push({ where: 'package-lock.json', problem: `${place} ${text}` })
      if (resolved !== undefined) problem('names an address; keep omit-lockfile-registry-resolved in .npmrc')
      if (integrity === undefined && link !== true) problem('has no hash')
      const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)
      if (hasInstallScript && manifest.allowScripts?.[name] === undefined)
        problem('has an install script that allowScripts in package.json says nothing about')
    }
    return findings
  },
}
