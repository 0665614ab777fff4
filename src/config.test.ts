import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ConfigError, configSchema, ENVIRONMENT, readConfig } from './config.ts'

const SAMPLE = new URL('../dingdong.example.yaml', import.meta.url)
const sample = readFileSync(SAMPLE, 'utf8')
const cwd = mkdtempSync(path.join(tmpdir(), 'dingdong-config-'))

const faults = (input: Partial<Parameters<typeof readConfig>[0]>) => {
  try {
    readConfig({ env: {}, cwd, ...input })
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('the sample file', () => {
  it('has exactly the settings there are, commented out or not', () => {
    const all = sample.replace(/^(\s*)# (\w+): (\S+)$/gm, '$1$2: $3')
    const named = new Set<string>()
    const walk = (value: object, above: string) => {
      for (const [key, below] of Object.entries(value)) {
        if (typeof below === 'object' && below !== null && !Array.isArray(below))
          walk(below, `${above}${key}.`)
        else named.add(above + key)
      }
    }
    walk(parse(all) as object, '')
    expect([...named].sort()).toEqual(
      [...ENVIRONMENT.values()].map((setting) => setting.path.join('.')).sort(),
    )
    expect(configSchema.safeParse(parse(all)).error?.issues).toBeUndefined()
  })

  it('shows the defaults', () => {
    expect(configSchema.parse(parse(sample))).toEqual(configSchema.parse({}))
  })
})

describe('reading the settings', () => {
  it('says of a length of time that is a bare number what one looks like', () => {
    const file = path.join(cwd, 'bare.yaml')
    writeFileSync(file, 'backup:\n  every: 24\nkeep:\n  events: 400\n')
    const problem = 'expected a time such as 24h or 7d, or off'
    expect(faults({ file })).toEqual([
      expect.objectContaining({ where: 'backup.every', problem, got: '24' }),
      expect.objectContaining({ where: 'keep.events', problem, got: '400' }),
    ])
  })

  it('lets a flag win over the environment, and that over the file', () => {
    const file = path.join(cwd, 'one.yaml')
    writeFileSync(file, 'port: 1001\nhost: 0.0.0.0\nrole: api\nlog:\n  level: warn\n  format: json\n')
    const config = readConfig({
      env: {
        DINGDONG_PORT: '1002',
        DINGDONG_HOST: '::1',
        DINGDONG_LOG_LEVEL: 'error',
        DINGDONG_TRUST_PROXY: '10.0.0.1, 10.0.0.2',
      },
      cwd,
      file,
      flags: { port: 1003, host: undefined },
    })
    expect(config).toMatchObject({ port: 1003, host: '::1', role: 'api', portGiven: true })
    expect(config.log).toEqual({ level: 'error', format: 'json' })
    expect(config.trustProxy).toEqual(['10.0.0.1', '10.0.0.2'])
  })

  it('tells every fault at once, in the place where it was made, with the nearest name', () => {
    const file = path.join(cwd, 'wrong.yaml')
    writeFileSync(file, 'prot: 80\nrole: worker bee\nbackup:\n  every: daily\n  kepp: 3\n')
    const problems = faults({ file, env: { DINGDONG_PORT: 'http', DINGDONG_LOG_LEVLE: 'info' } })
    expect(problems.map(({ where, near }) => [where, near]).sort()).toEqual([
      ['DINGDONG_LOG_LEVLE', 'DINGDONG_LOG_LEVEL'],
      ['DINGDONG_PORT', null],
      ['backup.every', null],
      ['backup.kepp', 'backup.keep'],
      ['prot', 'port'],
      ['role', null],
    ])
  })

  it('names what was set in the words it was set with, with what came, and the file that was read', () => {
    const file = path.join(cwd, 'typo.yaml')
    writeFileSync(file, 'poolSize: 1\n')
    const wrong = () => readConfig({ env: { DATABASE_URL: 'nope' }, cwd, file, flags: { port: '80x' } })
    expect(wrong).toThrow(expect.objectContaining({ file }) as Error)
    expect(faults({ env: { DATABASE_URL: 'nope' }, file, flags: { port: '80x' } })).toEqual([
      {
        where: 'DATABASE_URL',
        problem: 'expected postgres://user:password@host/database',
        near: null,
      },
      { where: '--port', problem: 'expected a whole number from 0 to 65535', near: null, got: '80x' },
      { where: 'poolSize', problem: 'expected a whole number from 2 to 200', near: null, got: '1' },
    ])
    expect(faults({ env: { DINGDONG_DATABASE_URL: 'nope' } })[0]?.where).toBe('DINGDONG_DATABASE_URL')
  })

  it('takes exact origins that may be private, and refuses what would allow more or a machine’s secrets', () => {
    const given = 'http://127.0.0.1:3000, https://ERP.lan:443,http://[::1]:80'
    const env = { DINGDONG_ALLOW_ORIGINS: given }
    expect(readConfig({ env, cwd }).allowOrigins).toEqual([
      'http://127.0.0.1:3000',
      'https://erp.lan',
      'http://[::1]',
    ])
    const wrong = [
      'http://a.lan/hook',
      'a.lan:80',
      'ftp://a.lan',
      'http://*.lan',
      'http://u:p@a.lan',
      '*',
      '',
    ]
    for (const each of [...wrong, 'http://169.254.169.254', 'http://[fe80::1]']) {
      const [problem, ...others] = faults({ flags: { allowOrigins: ['http://a.lan', each] } })
      expect([problem?.where, others], each).toEqual(['allowOrigins.1', []])
      expect(problem?.problem).toMatch(each.startsWith('http://169') ? /own secrets/ : /^expected /)
      expect(problem?.got ?? '').not.toContain('u:p')
    }
    expect(faults({ env: { DINGDONG_ALLOW_ORIGINS: 'http://a.lan/x' } })).toEqual([
      {
        where: 'DINGDONG_ALLOW_ORIGINS',
        problem: 'expected an exact origin such as http://127.0.0.1:3000, without a path, password or *',
        near: null,
        got: 'http://a.lan/x',
      },
    ])
    const file = path.join(cwd, 'text.yaml')
    writeFileSync(file, 'allowOrigins: http://a.lan\n')
    expect(faults({ file })[0]).toMatchObject({
      problem: 'expected a list such as [http://127.0.0.1:3000]',
    })
  })

  it('is not misled by what Kubernetes puts into the environment of a service called dingdong', () => {
    const env = {
      DINGDONG_PORT: 'tcp://10.0.0.7:7788',
      DINGDONG_PORT_7788_TCP_ADDR: '10.0.0.7',
      DINGDONG_SERVICE_HOST: '10.0.0.7',
    }
    expect(readConfig({ env, cwd }).port).toBe(7788)
  })

  it('refuses a master key inside the data directory or among the backups', () => {
    for (const masterKeyFile of ['data/master.key', 'data/backups/master.key']) {
      expect(faults({ flags: { masterKeyFile } }).map(({ where }) => where)).toEqual(['masterKeyFile'])
    }
    expect(faults({ flags: { masterKeyFile: 'database.key' } })).toEqual([])
  })

  it('says so when a file that was named is not there, and does without one that was not', () => {
    expect(faults({ file: 'nowhere.yaml' })).toHaveLength(1)
    expect(readConfig({ env: {}, cwd }).file).toBeNull()
  })
})
