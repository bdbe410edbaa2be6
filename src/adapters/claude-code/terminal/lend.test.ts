import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ClaudeScene, claudePrograms } from '../../../../test/support/claude/claude-scene.ts'
import { until } from '../../../../test/support/eventually.ts'
import { runInTerminal } from '../../../platform/detached/terminal-wrapper.ts'
import { identityOf } from '../../../platform/process-identity.ts'
import type { SessionSpec } from '../../../ports/agent.ts'
import { ClaudeAgent } from '../claude-agent.ts'

let scene: ClaudeScene
beforeEach(() => {
  scene = new ClaudeScene()
})
afterEach(() => scene.close())

const agent = new ClaudeAgent({ program: claudePrograms.newest })

test('a lent session has the rules, the guard and the tools of the session, and is followed', async () => {
  const spec = await lentSpec({ hooks: { editGuard: 'http://127.0.0.1:1/v1/hooks/secret' }, tools: ['Read', 'Bash'], budgetUsd: 3 })
  const { argv } = await agent.lend(spec, await client())
  expect(argv).toEqual(
    expect.arrayContaining(['--tools=Read,Bash', '--permission-mode=acceptEdits', `--session-id=${spec.conversationId}`]),
  )
  expect(argv.join(' ')).not.toMatch(/secret|--max-budget|stream-json/)
  const settings = JSON.parse(readFileSync(join(spec.folder, 'settings.json'), 'utf8')) as {
    hooks: Record<string, unknown[]>
    permissions: { deny: string[] }
  }
  expect(settings.permissions.deny).toContain('Bash(git push:*)')
  expect(JSON.stringify(settings.hooks['PreToolUse'])).toContain('/v1/hooks/secret')
  expect(Object.keys(settings.hooks)).toEqual(expect.arrayContaining(['SessionStart', 'Stop', 'SessionEnd']))
})

test('a terminal that comes late, when orch has gone on with the conversation, starts nothing', async () => {
  const spec = await lentSpec()
  const command = await agent.lend(spec, await client())
  const session = await agent.open(scene.resumedSpec(spec))
  expect(await runInTerminal(command)).toEqual({ kind: 'closed' })
  await session.stop()
})

test('orch cannot go on while it is open there', async () => {
  const spec = await lentSpec()
  const command = await agent.lend(spec, await client())
  const lent = await agent.attach(spec)
  // Another program in its place: only who has the folder matters.
  const run = runInTerminal({ ...command, argv: ['/bin/sleep', '600'] })
  await until(() => readAgent(spec.folder), { what: 'it is open' })
  await expect(agent.open(scene.resumedSpec(spec))).rejects.toMatchObject({ code: 'conversation-in-use' })
  await lent?.stop()
  expect(await run).toMatchObject({ kind: 'ended' })
  expect(lent?.events.at(-1)).toMatchObject({ type: 'exited' })
  lent?.detach()
  const session = await agent.open(scene.resumedSpec({ ...spec, folder: `${spec.folder}.later` }))
  await session.stop()
})

async function lentSpec(changes: Partial<SessionSpec> = {}): Promise<SessionSpec> {
  return scene.newSpec('default:\n  - end: "Over."\n', changes)
}

async function client(): Promise<{ pid: number; startTime: string; bootId: string }> {
  const found = await identityOf(process.pid)
  if (found === undefined) throw new Error('we cannot be seen')
  return found
}

function readAgent(folder: string): string | undefined {
  try {
    return readFileSync(join(folder, 'agent'), 'utf8')
  } catch {
    return undefined
  }
}
