import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { ClaudeScene, claudePrograms } from '../../../../test/support/claude/claude-scene.ts'
import { evolve, initialFacts } from '../../../domain/sessions/session-machine.ts'
import { ClaudeAgent } from '../claude-agent.ts'
import { appendCommand, hooksFile } from './manual-arguments.ts'
import { HookParser } from './parse-hook.ts'

let scene: ClaudeScene
beforeEach(() => {
  scene = new ClaudeScene()
})
afterEach(() => scene.close())

describe.each(Object.entries(claudePrograms))("a person's own session, %s", (_name, program) => {
  it('is followed through the hooks of the printed command', async () => {
    const script = 'default:\n  - bash: echo hi\n  - end: "Over."\n'
    const spec = await scene.newSpec(script)
    const { argv } = await new ClaudeAgent({ program }).manualCommand({ ...spec, folder: join(scene.folder, "it's a folder") })
    // The same command, only with a prompt and without a terminal.
    const run = spawn(argv[0] ?? '', ['-p', 'hello', ...argv.slice(1)], {
      cwd: spec.worktree,
      env: { ...spec.environment },
      stdio: 'ignore',
    })
    expect(await once(run, 'exit')).toEqual([0, null])
    const parser = new HookParser()
    const lines = readFileSync(hooksFile(join(scene.folder, "it's a folder")), 'utf8')
      .trimEnd()
      .split('\n')
    const events = lines.flatMap((line) => parser.parse(line))
    expect(events.map((event) => event.type).filter((type) => type !== 'alive')).toEqual(
      expect.arrayContaining(['started', 'turn-started', 'tool-started', 'tool-ended', 'turn-ended', 'exited']),
    )
    expect(events).toContainEqual(expect.objectContaining({ type: 'tool-started', summary: 'echo hi' }))
    expect(events.reduce(evolve, initialFacts()).lastOutcome?.outcome).toEqual({ kind: 'completed', text: 'Over.' })
  })
})

test('fifty hooks at once write fifty whole lines, however long', async () => {
  const file = join(scene.folder, 'hooks.jsonl')
  const written = Array.from({ length: 50 }, async (_, index) => {
    const hook = spawn('sh', ['-c', appendCommand(file)], { stdio: ['pipe', 'inherit', 'inherit'] })
    hook.stdin.end(`${JSON.stringify({ hook_event_name: 'Stop', index, filler: 'x'.repeat(200_000) }, null, 1)}\n`)
    await once(hook, 'exit')
  })
  await Promise.all(written)
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  const found = lines.map((line): { at: number; hook: { index: number } } => JSON.parse(line))
  expect(new Set(found.map(({ hook }) => hook.index)).size).toBe(50)
  expect(readdirSync(scene.folder)).toEqual(['hooks.jsonl'])
})

test('a folder that is gone neither fails nor talks', () => {
  const command = appendCommand(join(scene.folder, "no'where", 'hooks.jsonl'))
  expect(execFileSync('sh', ['-c', command], { input: '{}', encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] })).toBe('')
  expect(existsSync(join(scene.folder, "no'where"))).toBe(false)
})

test('a question on the terminal is open until something happens', () => {
  const parser = new HookParser()
  const say = (hook: object) => parser.parse(JSON.stringify({ at: 5000, hook }))
  const [asked] = say({ hook_event_name: 'PermissionRequest', tool_name: 'Bash', tool_input: { command: 'rm x' } })
  expect(asked).toMatchObject({ type: 'permission-asked', request: { id: 'terminal-1', summary: 'rm x' } })
  expect(say({ hook_event_name: 'Notification' })).toEqual([{ type: 'alive', at: 5000 }])
  expect(say({ hook_event_name: 'Stop' })).toMatchObject([{ type: 'permission-answered', requestId: 'terminal-1' }, { type: 'turn-ended' }])
  expect(say({ hook_event_name: 'SessionEnd', reason: 'clear' })).toEqual([{ type: 'alive', at: 5000 }])
  expect(parser.parse('torn {')).toEqual([])
})

test('a terminal that is opened again after its end is followed again', () => {
  const parser = new HookParser()
  const say = (hook: object) => parser.parse(JSON.stringify({ at: 5000, hook }))
  const first = [
    { hook_event_name: 'SessionStart' },
    { hook_event_name: 'UserPromptSubmit' },
    { hook_event_name: 'SessionEnd', reason: 'other' },
  ].flatMap(say)
  expect(first.reduce(evolve, initialFacts()).phase.kind).toBe('exited')
  const late = [...first, ...say({ hook_event_name: 'PostToolUse', tool_name: 'Bash', tool_use_id: 't' })]
  expect(late.reduce(evolve, initialFacts()).phase.kind).toBe('exited')
  const opened = [...late, ...say({ hook_event_name: 'SessionStart', source: 'resume' })]
  expect(opened.reduce(evolve, initialFacts()).phase.kind).toBe('idle')
  const working = [...opened, ...say({ hook_event_name: 'UserPromptSubmit' })]
  expect(working.reduce(evolve, initialFacts()).phase.kind).toBe('working')
  const ended = [...working, ...say({ hook_event_name: 'SessionEnd', reason: 'other' })]
  expect(ended.reduce(evolve, initialFacts()).phase.kind).toBe('exited')
  // Another one, opened beside it before the end, goes on.
  expect([...ended, ...say({ hook_event_name: 'UserPromptSubmit' })].reduce(evolve, initialFacts()).phase.kind).toBe('working')
})
