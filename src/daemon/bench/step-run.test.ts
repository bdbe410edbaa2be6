import { expect, it } from 'vitest'
import { join } from 'node:path'
import { makeFolder, removeFolder } from '../../../test/support/temporary.ts'
import type { TestReporting } from '../../ports/test-reporting.ts'
import { runStep } from './step-run.ts'

it('shows the output without the arguments that were added to make the runner report', async () => {
  const folder = makeFolder('step-run-')
  const line = `sh -c 'echo "> runner $*"; echo "one fails"; exit 1' sh`
  const reporting: TestReporting = {
    detect: () => undefined,
    command: ({ run }) => ({
      argv: ['/bin/sh', '-c', `${run} "$@"`, 'sh', '--test-reporter=data:text/javascript,long', '--only=one'],
      environment: {},
      isNarrowed: false,
    }),
    read: () => Promise.resolve(undefined),
  }
  try {
    const run = await runStep(reporting, {
      step: { name: 'test', run: line },
      tests: [],
      manifest: undefined,
      path: folder,
      logs: join(folder, 'logs'),
      name: '1',
      marker: 'step-run-test',
      environment: { PATH: process.env['PATH'] ?? '' },
      timeoutMs: 30_000,
      signal: new AbortController().signal,
    })
    expect(run).toMatchObject({ end: 'failed', tail: '> runner\none fails' })
  } finally {
    removeFolder(folder)
  }
})
