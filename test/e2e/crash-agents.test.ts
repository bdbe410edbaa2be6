import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { CrashScene } from '../support/fleet/crash-scene.ts'
import { mayExist } from '../../src/platform/process-identity.ts'
import { until } from '../support/eventually.ts'
import { fleetTest, type FleetScene } from '../support/fleet/fleet.ts'
import { sessionPids } from '../support/claude/session-pids.ts'

const tasks = '# Backlog\n\n- [ ] Write a page\n  - id: page\n- [ ] Write a note\n  - id: note\n'

/** Each session runs a long command in the middle of its work; a conversation that was cut off there is told so and does the rest. */
const script = `sessions:
${['page', 'note']
  .map(
    (task) => `  - match: { task: ${task} }
    steps:
      - write: ${task}.md
        content: begun
      - bash: echo long >> runs.log && echo $$ > long.pid && exec tail -f /dev/null
    turns:
      - when: "ended unexpectedly"
        steps:
          - bash: rm -f long.pid runs.log && echo finished >> ${task}.md && git add -A && git commit -qm 'Write the ${task}'
          - bash: orch done --message finished
          - end: "Done."
`,
  )
  .join('')}`

for (const claude of ['newest', 'oldest'] as const) {
  fleetTest(`agents killed in mid-tool are resumed once each and finish, ${claude} Claude Code`, async ({ fleet }) => {
    const crash = await begin(await fleet.begin({ tasks, script, claude }))
    const resumed = watchResumed(crash.scene)
    await untilInTool(crash)
    for (const task of crash.tasks()) killAgent(crash, task)
    await finish(crash)
    for (const task of crash.tasks()) {
      const body = resumed.get(task) ?? ''
      expect(body).toContain('ended unexpectedly')
      expect(body).toContain('echo long >> runs.log')
      // The newest keeps a cut call that it had written down; the oldest drops it always. Both write late, so a kill can cost finished steps too:
      // nothing is expected of their memory but the order, and our words name the command.
      expect(['Write', 'Bash'].slice(0, callsOf(body).length)).toEqual(callsOf(body))
      if (claude === 'oldest') expect(callsOf(body)).not.toContain('Bash')
    }
  })
}

fleetTest('daemon and agents killed together: the next daemon resumes each session once', async ({ fleet }) => {
  const crash = await begin(await fleet.begin({ tasks, script }))
  await untilInTool(crash)
  const { daemonPid = 0 } = crash.scene
  process.kill(daemonPid, 'SIGKILL')
  for (const task of crash.tasks()) killAgent(crash, task)
  await crash.scene.killDaemon()
  await crash.scene.startDaemon()
  await finish(crash)
})

fleetTest('a wrapper that dies with its agent and the daemon leaves nothing that runs on', async ({ fleet }) => {
  const crash = await begin(await fleet.begin({ tasks, script }))
  await untilInTool(crash)
  process.kill(crash.scene.daemonPid ?? 0, 'SIGKILL')
  for (const task of crash.tasks()) {
    const { wrapper, agent } = sessionPids(join(crash.scene.orch.orchHome, 'sessions', `repo.${task}`, '1.1'))
    process.kill(wrapper, 'SIGKILL')
    process.kill(agent, 'SIGKILL')
  }
  await crash.scene.killDaemon()
  await crash.scene.startDaemon()
  await finish(crash)
})

/** The first request after the cut: both versions are told what was running; what else they remember differs. */
function watchResumed(scene: FleetScene): Map<string, string> {
  const bodies = new Map<string, string>()
  scene.model.onRequest(({ task, turn, step }, body) => {
    if (task !== undefined && turn === 1 && step === 0) bodies.set(task, body)
  })
  return bodies
}

async function begin(scene: FleetScene): Promise<CrashScene> {
  const crash = new CrashScene(scene)
  await scene.startDaemon()
  await crash.startBacklog(() => scene.startDaemon())
  return crash
}

/** The model's call has become a process, and its pid is known. */
async function untilInTool(crash: CrashScene): Promise<void> {
  await until(() => crash.tasks().every((task) => toolPid(crash, task) > 0), {
    what: 'every session is in its long command',
    deadlineMs: 60_000,
  }).catch((cause: unknown) => {
    throw new Error(crash.describe(), { cause })
  })
}

function toolPid(crash: CrashScene, task: string): number {
  return Number.parseInt(readFileSync(join(crash.scene.orch.folder, `repo-wt-${task}`, 'long.pid'), 'utf8'), 10)
}

function killAgent(crash: CrashScene, task: string): void {
  process.kill(sessionPids(join(crash.scene.orch.orchHome, 'sessions', `repo.${task}`, '1.1')).agent, 'SIGKILL')
}

async function finish(crash: CrashScene): Promise<void> {
  const tools = crash.tasks().map((task) => toolPid(crash, task))
  await crash.untilLanded()
  await crash.expectLandedOnce()
  crash.expectOneProcessAtATime(2)
  for (const task of crash.tasks()) {
    expect(crash.processes(task).map(({ name }) => name)).toEqual(['1.1', '1.2'])
    expect(await crash.scene.git('show', `main:${task}.md`)).toBe('begunfinished')
  }
  // A killed process is there until its new parent has asked for its end.
  await until(() => !tools.some(mayExist), { what: 'no tool runs on' })
  crash.scene.expectNoRepeatedReplies()
  await crash.cleanUp()
}

/** Names of the tools whose calls are in the conversation. */
function callsOf(body: string): string[] {
  const { messages } = JSON.parse(body) as { messages: { content: string | { type: string; name?: string }[] }[] }
  return messages
    .flatMap(({ content }) => (typeof content === 'string' ? [] : content))
    .flatMap((block) => (block.type === 'tool_use' ? [block.name ?? ''] : []))
}
