import { existsSync } from 'node:fs'
import { expect } from 'vitest'
import type { TaskStatus } from '../../src/protocol/task-status.ts'
import { until } from '../support/eventually.ts'
import { fleetTest, type FleetScene } from '../support/fleet/fleet.ts'

const say = (name: string, matter: string, text: string) =>
  `printf -- '---\\nv: 1\\n${matter}\\n---\\n${text}\\n' > .orch/tmp/${name} && mv .orch/tmp/${name} .orch/outbox/${name}`
const bash = (command: string) => `bash: ${JSON.stringify(command)}`
const finish = (name: string) => bash(`echo ${name} > ${name}.md && git add -A && git commit -qm 'Add ${name}' && orch done ready`)
const choose =
  'tool: { name: AskUserQuestion, input: { questions: [{ question: "Which login?", header: Login, multiSelect: false, options: [{ label: JWT, description: a }, { label: Cookie, description: b }] }] } }'

const steps = (indent: string, lines: readonly string[]) => lines.map((line) => `${indent}- ${line}\n`).join('')
function session(task: string, first: readonly string[], when?: string, then: readonly string[] = []): string {
  const turn = when === undefined ? '' : `    turns:\n      - when: ${JSON.stringify(when)}\n        steps:\n${steps('          ', then)}`
  return `  - match: { task: ${task} }\n    steps:\n${steps('      ', first)}${turn}`
}

const decided = 'now that they have decided'
const story = `sessions:
${session('asker', [bash(say('1.md', 'kind: question\\nto: [answerer]', 'Which login?')), 'end: I wait.'], 'Cookies it is', [finish('asker'), 'end: Finished.'])}
${session('leaver', ['ask: touch leaver.txt', 'end: never'], decided, ['ask: touch leaver.txt', finish('leaver'), 'end: Finished.'])}
${session('chooser', [choose, 'end: never'], decided, [choose, finish('chooser'), 'end: Finished.'])}
${session('answerer', [bash(say('1.md', 'kind: answer\\ninReplyTo: m1', 'Cookies it is.')), finish('answerer'), 'end: Finished.'])}`

/** One seat for all: who waits holds none. */
fleetTest.for(['newest', 'oldest'] as const)(
  'sessions that wait for each other and for their person cost no seat and no process, and go on with the answer, %s',
  async (claude, { fleet }) => {
    const scene = await fleet.begin({
      claude,
      tasks: `# Backlog\n\n${['asker', 'leaver', 'chooser', 'answerer'].map((name) => `- [ ] ${name}\n  - id: ${name}\n`).join('')}`,
      config:
        'validate: "true"\nmax: 1\ntools: [Bash, Read, Edit, Write, AskUserQuestion]\npark-after: 1s\npermissions:\n  ask: ["Bash(touch:*)"]\n',
      script: story,
    })
    await scene.startDaemon()
    await scene.startBacklog()
    await scene.untilStatus(['asker', 'answerer'], 'Merged')
    const [leaver, chooser] = await Promise.all(['leaver', 'chooser'].map((task) => parked(scene, task)))
    expect(leaver).toMatchObject({
      reason: 'asks to use Bash: touch leaver.txt',
      requests: [{ tool: 'Bash', summary: 'touch leaver.txt' }],
    })
    expect(chooser).toMatchObject({
      reason: 'asks: Which login?',
      requests: [{ questions: [{ text: 'Which login?', options: [{ label: 'JWT' }, { label: 'Cookie' }] }] }],
    })

    await scene.killDaemon()
    await scene.startDaemon()
    const [leave, choice] = [leaver, chooser].map((status) => status?.requests[0]?.id ?? '')
    expect(await scene.run(['approve', leave ?? ''])).toMatchObject({ code: 0 })
    expect(await scene.run(['answer', choice ?? '', 'cook'])).toMatchObject({ code: 0 })
    await scene.untilStatus(['leaver', 'chooser'], 'Merged')
    expect(await scene.git('ls-tree', '--name-only', 'main')).toContain('leaver.txt')
    expect(JSON.stringify(scene.record('chooser'))).toMatch(/Which login\?.{1,10}Cookie/)
    scene.expectNoRepeatedReplies()
  },
)

/** It needs its person and has no process any more. */
async function parked(scene: FleetScene, task: string): Promise<TaskStatus> {
  const look = (): TaskStatus | undefined => {
    const status = scene.status(task)
    const folder = status?.process?.folder
    return status?.status === 'Needs you' && folder !== undefined && existsSync(`${folder}/exit`) ? status : undefined
  }
  return until(look, { what: `${task} waits without a process`, deadlineMs: 60_000 }).catch((cause: unknown) => {
    throw new Error(`${task} is ${JSON.stringify(scene.status(task))}`, { cause })
  })
}
