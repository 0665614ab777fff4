import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { connect } from '../src/db/connect.ts'
import { MIGRATIONS_DIR, migrate } from '../src/db/migrate.ts'
import { dumpSchema } from '../src/db/schema-dump.ts'
import { withTemporaryServer } from '../test/temporary-server.ts'

/**
 * Writes `migrations/schema.sql`, the schema all migrations together give, so that a review sees what a migration
 * really changes. With `--check` only compares, and ends with 1 on a difference.
 */
const file = path.join(MIGRATIONS_DIR, 'schema.sql')

async function currentDump(): Promise<string> {
  return withTemporaryServer(async (url) => {
    const db = connect({ url, max: 1 })
    try {
      await migrate({ db, now: 0 })
      return await dumpSchema(db)
    } finally {
      await db.close()
    }
  })
}

const dump = await currentDump()
if (process.argv.includes('--check')) {
  if ((await readFile(file, 'utf8').catch(() => '')) !== dump) {
    console.error('migrations/schema.sql is not what the migrations give. Run: node scripts/schema-dump.ts')
    process.exit(1)
  }
} else {
  await writeFile(file, dump)
}
