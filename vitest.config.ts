import { defineConfig } from 'vitest/config'

const setupFiles = ['test/support/setup/scrub-environment.ts', 'test/support/setup/property-seed.ts']

// Unit tests stand beside the code; contract suites run every adapter of a port; e2e drives the built orch.
// One group after the other: sessions and their deadlines do not compete with property tests for two cores.
export default defineConfig({
  test: {
    // .ci/run counts the tests from this file.
    reporters: process.env.TEST_RESULTS_JSON ? ['default', ['json', { outputFile: process.env.TEST_RESULTS_JSON }]] : ['default'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'tooling/**/*.test.ts', 'test/support/**/*.test.ts', 'bench/**/*.test.ts'],
          exclude: ['src/adapters/**'],
          setupFiles,
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'contract',
          include: ['src/adapters/**/*.test.ts'],
          setupFiles,
          env: { UNTIL_DEADLINE_MS: '30000' },
          testTimeout: 120_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          setupFiles,
          env: { UNTIL_DEADLINE_MS: '60000' },
          testTimeout: 300_000,
          hookTimeout: 60_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
