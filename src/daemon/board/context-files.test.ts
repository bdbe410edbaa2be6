import { existsSync, readFileSync, statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { until } from '../../../test/support/eventually.ts'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import { contextFile, homeAt } from '../../config/home.ts'
import type { BoardMessage } from '../../domain/board/message.ts'
import type { Stage } from '../../domain/tasks/stage.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import { ContextFiles } from './context-files.ts'

test('what is decided for a task stands in its file before its session begins, and from then on, until it is over', async () => {
  const home = homeAt(temporaryFolder())
  const inForce: BoardMessage[] = []
  let say: (message: BoardMessage) => void = () => undefined
  let stage: Stage | undefined
  const files = new ContextFiles({
    home,
    board: { decisionsFor: async () => [...inForce], onMessage: (listener) => ((say = listener), () => undefined) },
    roster: { stage: () => stage },
    logError: (error) => {
      throw error
    },
  })
  const decide = (id: string, text: string): void => {
    inForce.push({ id, text, kind: 'decision', project: 'app' } as BoardMessage)
    for (const message of inForce.slice(-1)) say(message)
  }
  const path = contextFile(home, 'app.a')
  decide('m1', 'Prices are in cents.')
  await files.keep({ handle: 'app.a', project: 'app' } as TaskInput)
  expect(readFileSync(path, 'utf8')).toBe('Decisions in force; keep to them:\n- m1: Prices are in cents.\n')
  expect(statSync(path).mode & 0o077).toBe(0)
  decide('m2', 'Use \u001b[2Jtabs.\n\n# Not a heading')
  await until(() => readFileSync(path, 'utf8').includes('m2'), { what: 'the second decision in the file' })
  expect(readFileSync(path, 'utf8')).toContain('- m2: Use tabs. # Not a heading\n')
  for (let count = 3; count < 40; count += 1) decide(`m${count}`, 'x'.repeat(1000))
  await until(() => readFileSync(path, 'utf8').includes('m39'), { what: 'the last of many in the file' })
  expect(readFileSync(path, 'utf8').length).toBeLessThan(5000)
  expect(readFileSync(path, 'utf8')).toMatch(/… and \d+ older/)

  stage = { kind: 'merged', commit: '' }
  decide('m40', 'Too late.')
  await files.keep({ handle: 'app.b', project: 'app' } as TaskInput)
  expect(existsSync(contextFile(home, 'app.b'))).toBe(false)
  expect(readFileSync(path, 'utf8')).not.toContain('Too late')
})
