#!/usr/bin/env node
// Runs under any Node from 16 on, so: plain old JavaScript here. The program itself is TypeScript, which Node runs
// directly from 22.18 and 23.6 on; under an older one this file hands over to the Node that `npm ci` put into
// node_modules, or says what to do.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { constants } from 'node:os'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const main = path.join(root, 'src', 'cli', 'main.ts')

function runsTypeScript(version) {
  const parts = version.split('.').map(Number)
  if (parts[0] === 22) return parts[1] >= 18
  if (parts[0] === 23) return parts[1] >= 6
  return parts[0] > 23
}

if (runsTypeScript(process.versions.node)) {
  // Keeps the compiled code beside the packages it is made from: half the start time, and 20 MB less memory, since
  // the compiler of TypeScript is then never loaded. Where that folder cannot be written, nothing is kept.
  if (typeof module.enableCompileCache === 'function') {
    module.enableCompileCache(path.join(root, 'node_modules', '.cache', 'dingdong'))
  }
  await import(pathToFileURL(main).href)
} else {
  handOver(bundledNode())
}

/** The Node 24 that the devDependency `node` brings, or null. */
function bundledNode() {
  const exe = process.platform === 'win32' ? 'node.exe' : 'node'
  const places = ['node', `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`]
  for (const place of places) {
    const file = path.join(root, 'node_modules', place, 'bin', exe)
    if (existsSync(file)) return file
  }
  return null
}

function handOver(node) {
  if (node === null) {
    const chinese = /^zh/i.test(process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || '')
    console.error(
      chinese
        ? `叮咚需要 Node 22.18 或更新版本（推荐 24），当前是 ${process.version}。\n请在此目录运行 npm ci（会自带 Node 24），或从 https://nodejs.org 安装 Node 24，然后重试。`
        : `Dingdong needs Node 22.18 or newer (best: 24); this is ${process.version}.\nRun "npm ci" in ${root}, which brings Node 24 with it, or install Node 24 from https://nodejs.org, then try again.`,
    )
    process.exit(1)
  }
  const limits = process.execArgv.filter((flag) => /^--(max|v8)-/.test(flag))
  const args = limits.concat(fileURLToPath(import.meta.url), process.argv.slice(2))
  // The fourth channel tells the program when this process is gone, however it went.
  const child = spawn(node, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
  // Ctrl-C reaches both of us; the program takes signals within a second for one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(`${node}: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    process.exit(code === null ? 128 + (constants.signals[signal] || 0) : code)
  })
}
