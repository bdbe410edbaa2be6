import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { homeAt } from '../../config/home.ts'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import { keepPlan, listProcesses } from './process-folders.ts'

test('lists planned processes, oldest first; a folder that a crash left empty is none', async () => {
  const home = homeAt(temporaryFolder())
  for (const name of ['1.10', '1.9', '2.1']) await keepPlan(home, 'app.task', name, { begin: 'new', conversationId: 'c' })
  mkdirSync(join(home.sessions, 'app.task', '2.2'))
  mkdirSync(join(home.sessions, 'app.task', 'commands'))
  expect(await listProcesses(home, 'app.task')).toEqual([
    { attempt: 1, number: 9 },
    { attempt: 1, number: 10 },
    { attempt: 2, number: 1 },
  ])
})
