import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { endSessions } from '../../test/support/end-sessions.ts'
import { until } from '../../test/support/eventually.ts'
import { temporaryFolder } from '../../test/support/temporary.ts'
import { ensureDetached } from './detached-process.ts'

/** As on a machine that has used up its watches. */
vi.mock('node:fs', async (original) => ({
  ...(await original<typeof import('node:fs')>()),
  watch: () => {
    throw Object.assign(new Error('too many watches'), { code: 'ENOSPC' })
  },
}))

test('a session starts, is heard and ends where no folder can be watched', async () => {
  const home = temporaryFolder()
  onTestFinished(() => endSessions([join(home, 'unwatched')]))
  const environment = { PATH: process.env.PATH ?? '' }
  const session = await ensureDetached({
    folder: join(home, 'unwatched'),
    argv: ['sh', '-c', 'echo ready; read line; exit 3'],
    cwd: home,
    environment,
    marker: `unwatched-${process.pid}`,
  })
  const lines: string[] = []
  const exits: unknown[] = []
  session.readLines((fresh) => lines.push(...fresh))
  session.onExit((exit) => exits.push(exit))
  await until(() => lines.includes('ready'), { what: 'its line' })
  await session.write('go')
  await until(() => exits.length === 1, { what: 'its end' })
  expect(exits).toEqual([{ kind: 'code', code: 3 }])
  session.detach()
})
