import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { orchTest } from '../support/orch.ts'

const root = join(import.meta.dirname, '../..')
const scripts = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }).scripts

// `npm ci` and the build ran before this test; the rest of the line is run here as npm would.
orchTest('npm ci && npm run demo', { timeout: 90_000 }, async ({ orch }) => {
  const [build, demo = ''] = scripts['demo']?.split(' && ') ?? []
  expect(build).toBe('npm run --silent build')
  const [program, launcher, ...args] = demo.split(' ')
  expect([program, launcher]).toEqual(['node', 'bin/orch'])

  const { code, stdout, stderr } = await orch.run(args, { environment: { TMPDIR: orch.folder }, deadlineMs: 80_000 })
  expect({ code, stderr }).toMatchObject({ code: 0 })
  expect(stdout).toContain('6 of 6 landed')
  expect(stderr).toContain('passed: node --test in the merged repository')
  expect(stderr).toContain('passed: node acceptance.js in the merged repository')
  const [, seconds] = /The rehearsal took ([\d.]+) s/.exec(stderr) ?? []
  expect(Number(seconds)).toBeLessThan(60)
})

// That .ci/run goes through with both is shown by tooling/guards/ci-run.test.ts, and by every run of it.
test('npm ci && npm test', () => {
  const lines = readFileSync(join(root, '.ci/run'), 'utf8').split('\n')
  expect(lines.some((line) => line.startsWith('npm ci'))).toBe(true)
  expect(lines.some((line) => / npm test\b/.test(line))).toBe(true)
  expect(scripts['test']).toBe('npm run --silent build && vitest run')
})
