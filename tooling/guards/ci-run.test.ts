import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryTree } from '../../test/support/temporary.ts'

const root = join(import.meta.dirname, '../..')

/** Runs the real .ci/run with an npm whose tests leave these results. */
function runCi(results: readonly FileResult[] | undefined, exit: number): { code: number | null; lines: string[] } {
  const write =
    results &&
    `require('node:fs').writeFileSync(process.env.TEST_RESULTS_JSON, ${JSON.stringify(JSON.stringify({ testResults: results }))})\n`
  const folder = temporaryTree({
    '.ci/run': readFileSync(join(root, '.ci/run'), 'utf8'),
    'bin/npm': '#!/bin/sh\necho "npm $*" >> calls\n[ "$1" = test ] && exec node runner.cjs\nexit 0\n',
    'runner.cjs': `${write ?? ''}console.log('the test runner ran')\nprocess.exit(${exit})\n`,
  })
  for (const program of ['.ci/run', 'bin/npm']) chmodSync(join(folder, program), 0o755)
  const environment = { ...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH}` }
  const { status, stdout } = spawnSync(join(folder, '.ci/run'), { encoding: 'utf8', cwd: '/', env: environment })
  expect(readFileSync(join(folder, 'calls'), 'utf8').split('\n')).toEqual(['npm ci --no-audit --no-fund', 'npm --version', 'npm test', ''])
  expect(stdout).toContain('the test runner ran')
  return { code: status, lines: stdout.trimEnd().split('\n').slice(-2) }
}

interface FileResult {
  readonly name: string
  readonly status: string
  readonly assertionResults: readonly { readonly status: string }[]
}

const passed = { status: 'passed' }
const failed = { status: 'failed' }

test('the last line counts the tests', () => {
  const { code, lines } = runCi([{ name: 'a', status: 'passed', assertionResults: [passed, passed, { status: 'skipped' }] }], 0)
  expect({ code, lines }).toEqual({ code: 0, lines: ['1 skipped', '2 passed, 0 failed'] })
})

test('a failed test fails the run, and the counts still come last', () => {
  const { code, lines } = runCi([{ name: 'a', status: 'failed', assertionResults: [passed, failed] }], 1)
  expect(code).toBe(1)
  expect(lines[1]).toBe('1 passed, 1 failed')
})

test('a file that could not be loaded counts as failed', () => {
  const { code, lines } = runCi(
    [
      { name: 'a', status: 'failed', assertionResults: [] },
      { name: 'b', status: 'passed', assertionResults: [passed] },
    ],
    1,
  )
  expect({ code, lines }).toEqual({ code: 1, lines: ['failed as a whole: a', '1 passed, 1 failed'] })
})

test.each([{ results: [] }, { results: undefined }])('a run without a test fails though npm test succeeded', ({ results }) => {
  expect(runCi(results, 0)).toEqual({ code: 1, lines: ['no test ran', '0 passed, 0 failed'] })
})

test('an error outside the tests fails the run', () => {
  const { code } = runCi([{ name: 'a', status: 'passed', assertionResults: [passed] }], 1)
  expect(code).toBe(1)
})
