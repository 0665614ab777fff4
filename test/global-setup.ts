import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { connect } from '../src/db/connect.ts'
import { migrate } from '../src/db/migrate.ts'
import { startTemporaryServer } from './temporary-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The server all tests share, at its database `postgres`. */
    pgUrl: string
    /** Where the processes of a run leave for each other what takes long to make. */
    sharedFolder: string
  }
}

/** Cloned by `testDatabase()`; holds the migrated schema and nothing else. */
const TEMPLATE = 'dingdong_template'

/**
 * One real PostgreSQL for the whole run, in the machine's temporary folder. `DINGDONG_TEST_PG_URL` names another
 * server to test against, e.g. PostgreSQL 15; its user must be allowed to create databases.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.DINGDONG_TEST_PG_URL
  const server = given ? { url: given, stop: async () => {} } : await startTemporaryServer()
  try {
    await makeTemplate(server.url)
  } catch (error) {
    await server.stop()
    throw error
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'dingdong-shared-'))
  project.provide('pgUrl', server.url)
  project.provide('sharedFolder', folder)
  return async () => {
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function makeTemplate(url: string): Promise<void> {
  const admin = connect({ url, max: 1 })
  await admin.query(`drop database if exists ${TEMPLATE}`)
  await admin.query(
    `create database ${TEMPLATE} template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'`,
  )
  await admin.close()
  const templateUrl = new URL(url)
  templateUrl.pathname = `/${TEMPLATE}`
  const db = connect({ url: templateUrl.href, max: 1 })
  await migrate({ db, now: 0 })
  await db.close()
}
