import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { StubProgram } from '../../../test/support/notices/stub-program.ts'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import { openTmuxWindow } from './tmux-window.ts'

test('no name and no folder is a format that tmux would expand, or a command that it would run', async () => {
  const tmux = new StubProgram('tmux')
  const folder = join(temporaryFolder(), 'a#(touch pwned)')
  mkdirSync(folder)
  const window = { name: '#(touch pwned) #{host}:v1.2', folder, variables: ['ORCH_HOME=/h#(x)'], argv: ['orch', 'attach', '--', '#(x)'] }
  const called = await openTmuxWindow(tmux.environment, window, { safe: '', next: '' })
  expect(called).toBe('-(touch pwned) -{host}-v1-2')
  const [call] = tmux.calls()
  expect(call?.args).toEqual(['new-window', '-n', called, '-e', 'ORCH_HOME=/h#(x)', '--', 'orch', 'attach', '--', '#(x)'])
  expect(call?.environment).toContain(`PWD=${folder}\n`)
})
