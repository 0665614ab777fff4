import { defineConfig } from 'vitest/config'

const long = process.env.DINGDONG_LONG === '1'
const DOMAIN = 'src/domain/**/*.test.ts'

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    // Node runs the files itself, as it runs the program: nothing is bundled or rewritten on the way.
    experimental: { viteModuleRunner: false, nodeLoader: false },
    // Fault tests start real processes; a machine that is busy with another run must not fail them.
    testTimeout: long ? 600_000 : 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'program',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts', 'world/**/*.test.ts'],
          exclude: [DOMAIN, '**/node_modules/**'],
          globalSetup: ['test/global-setup.ts'],
        },
      },
      {
        extends: true,
        // Pure rules keep nothing from one call to the next, so their files share a process; they need no database.
        test: { name: 'domain', include: [DOMAIN], isolate: false },
      },
    ],
  },
})
