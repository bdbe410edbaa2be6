import { execFileSync } from 'node:child_process'
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { until } from '../../../../test/support/eventually.ts'
import { temporaryFolder } from '../../../../test/support/temporary.ts'
import { appendCommand } from './manual-arguments.ts'
import { ManualSession } from './manual-session.ts'

test('what the hooks append is followed from the first line on, by whoever comes late too', async () => {
  const scene = new Scene()
  scene.hook({ hook_event_name: 'SessionStart', model: 'claude-x' })
  const session = scene.follow()
  await until(() => session.events.length === 1, { what: 'the start is read' })
  scene.hook({ hook_event_name: 'UserPromptSubmit' })
  scene.hook({ hook_event_name: 'PostToolUse', tool_name: 'Bash', tool_use_id: 't1', tool_input: { command: 'npm test' } })
  scene.hook({ hook_event_name: 'Stop', last_assistant_message: 'Done.' })
  await until(() => session.events.at(-1)?.type === 'turn-ended', { what: 'the turn is over' })
  const late = scene.follow()
  await until(() => late.events.length === session.events.length, { what: 'the late one has read all' })
  expect(late.events).toEqual(session.events)
  expect(session.events.map((event) => event.type)).toEqual(['started', 'turn-started', 'tool-started', 'tool-ended', 'turn-ended'])
})

test('a line that is not whole yet waits for its end', async () => {
  const scene = new Scene()
  const session = scene.follow()
  const line = JSON.stringify({ at: 1, hook: { hook_event_name: 'UserPromptSubmit' } })
  appendFileSync(scene.file, `${JSON.stringify({ at: 1, hook: { hook_event_name: 'SessionStart' } })}\n${line.slice(0, 20)}`)
  await until(() => session.events.length > 0, { what: 'the whole line is read' })
  expect(session.events.map((event) => event.type)).toEqual(['started'])
  appendFileSync(scene.file, `${line.slice(20)}\n`)
  await until(() => session.events.length > 1, { what: 'the rest is read' })
  expect(session.events.map((event) => event.type)).toEqual(['started', 'turn-started'])
})

test('nobody speaks to it from here, and stopping leaves it alone', async () => {
  const session = new Scene().follow()
  await expect(session.send()).rejects.toMatchObject({ code: 'session-in-terminal' })
  await session.stop()
})

class Scene {
  readonly file = join(temporaryFolder(), 'hooks.jsonl')

  constructor() {
    writeFileSync(this.file, '')
  }

  follow(): ManualSession {
    const session = new ManualSession(this.file)
    onTestFinished(() => session.detach())
    return session
  }

  /** As Claude Code runs it: the event on stdin of a shell. */
  hook(event: Record<string, unknown>): void {
    execFileSync('/bin/sh', ['-c', appendCommand(this.file)], { input: JSON.stringify(event, undefined, 2) })
  }
}
