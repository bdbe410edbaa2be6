import { expect, test } from 'vitest'
import { editHook } from './edit-hook.ts'

const asked = {
  hook_event_name: 'PreToolUse',
  cwd: '/wt',
  tool_name: 'Write',
  tool_use_id: 't1',
  tool_input: { file_path: 'src/../a.ts', content: 'x' },
}

test('what is to be edited is a path from where the agent stands', () => {
  expect(editHook.read(asked)).toEqual({ path: '/wt/a.ts', toolUseId: 't1' })
  expect(editHook.read({ ...asked, tool_input: { notebook_path: '/wt/a.ipynb' } })).toMatchObject({ path: '/wt/a.ipynb' })
  for (const other of [
    { ...asked, hook_event_name: 'Stop' },
    { ...asked, tool_input: {} },
    { ...asked, tool_input: { file_path: 7 } },
    undefined,
    'x',
    [],
  ])
    expect(editHook.read(other)).toBeUndefined()
})

test('to allow says nothing that would overrule the permissions', () => {
  expect(editHook.answer({ kind: 'allow' })).toEqual({})
  expect(JSON.stringify(editHook.answer({ kind: 'allow', remark: 'theirs' }))).not.toContain('permissionDecision')
  expect(editHook.answer({ kind: 'ask', reason: 'why' })).toMatchObject({
    hookSpecificOutput: { permissionDecision: 'ask', permissionDecisionReason: 'why' },
  })
})
