import { defineConfig } from 'vitest/config'

const long = process.env.DINGDONG_LONG === '1'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts', 'world/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Fault tests start real processes; a machine that is busy with another run must not fail them.
    testTimeout: long ? 600_000 : 30_000,
    hookTimeout: 60_000,
  },
})
