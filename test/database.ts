import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { type ConnectOptions, connect, type Db } from '../src/db/connect.ts'

export interface TestDatabase {
  readonly db: Db
  readonly url: string
  /** Closes the pool and drops the database. */
  close(): Promise<void>
}

export interface TestDatabaseOptions extends Omit<ConnectOptions, 'url'> {
  /** Without the product's schema. */
  readonly blank?: boolean
}

/** A database of one's own on the run's server, with the migrated schema. About 50 ms; one for a file is plenty. */
export async function testDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { blank, ...connectOptions } = options
  const serverUrl = inject('pgUrl')
  const name = `test_${randomBytes(6).toString('hex')}`
  const template = blank ? 'template0' : 'dingdong_template'
  const admin = connect({ url: serverUrl, max: 1 })
  try {
    await admin.query(`create database ${name} template ${template}`)
  } finally {
    await admin.close()
  }
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const db = connect({ max: 4, ...connectOptions, url: url.href })
  return {
    db,
    url: url.href,
    async close() {
      await db.close()
      const dropper = connect({ url: serverUrl, max: 1 })
      await dropper.query(`drop database if exists ${name} with (force)`)
      await dropper.close()
    },
  }
}
