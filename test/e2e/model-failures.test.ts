import { expect } from 'vitest'
import type { TaskStatus } from '../../src/protocol/task-status.ts'
import { until } from '../support/eventually.ts'
import { fleetTest, type FleetFixture, type FleetScene } from '../support/fleet/fleet.ts'

/** From the moment at which the agent's own record shows it. */
const WITHIN_MS = 2000
const oneTask = '# Backlog\n\n- [ ] Write the page\n  - id: page\n'
const finishLine = `echo "$SHELL_OF" > shell.txt && git add -A && git commit -qm 'Add the page' && orch done written`
const finish = `
      - write: page.md
        content: "A page."
      - bash: ${finishLine}
      - end: "Finished."
`

interface Seen {
  readonly at: number
  readonly status: TaskStatus
}

/** Every status a task had, by the moment it was published. */
async function follow(
  scene: FleetScene,
): Promise<{ seen: readonly Seen[]; wait(what: string, fits: (status: TaskStatus) => boolean, deadlineMs?: number): Promise<Seen> }> {
  const seen: Seen[] = []
  await scene.onStatus((status) => void seen.push({ at: Date.now(), status }))
  return {
    seen,
    wait: (what, fits, deadlineMs = 60_000) =>
      until(() => seen.find(({ status }) => fits(status)), { what, deadlineMs }).catch((cause: unknown) => {
        throw new Error(`${what}; seen:\n${seen.map(({ status }) => `${status.task} ${status.status}: ${status.reason}`).join('\n')}`, {
          cause,
        })
      }),
  }
}

async function begin(
  fleet: FleetFixture,
  steps: string,
  more: { claude?: 'newest' | 'oldest'; config?: string; environment?: Record<string, string> } = {},
) {
  const scene = await fleet.begin({ tasks: oneTask, script: `sessions:\n  - match: { task: page }\n    steps:${steps}`, ...more })
  await scene.startDaemon()
  const statuses = await follow(scene)
  await scene.startBacklog()
  return { scene, statuses }
}

/** When the model answered with the n-th failure. */
async function failedAt(scene: FleetScene, n = 1): Promise<number> {
  await until(() => scene.model.requests.filter((request) => request.outcome === 'failure').length >= n, {
    what: `${n} failed requests`,
    deadlineMs: 60_000,
  })
  return Date.parse(scene.model.requests.filter((request) => request.outcome === 'failure')[n - 1]?.at ?? '')
}

const retried = [
  { name: '429 with retry-after', fail: '{ status: 429, retry-after: 1 }', reason: 'rate limited (429)', claude: 'newest' },
  { name: '429 without retry-after', fail: '429', reason: 'rate limited (429)', claude: 'oldest' },
  { name: '529', fail: '529', reason: 'overloaded (529)', claude: 'newest' },
  { name: '500', fail: '500', reason: 'with a server error', claude: 'newest' },
  { name: 'a reset connection', fail: 'reset', reason: 'not at all (connection failed)', claude: 'newest' },
  { name: 'a refused connection', fail: '{ kind: refused, for: 1s }', reason: 'not at all (connection failed)', claude: 'oldest' },
] as const

for (const { name, fail, reason, claude } of retried) {
  fleetTest(`${name} is shown as a retry and passes by itself (${claude})`, async ({ fleet }) => {
    const { scene, statuses } = await begin(fleet, `\n      - fail: ${fail}${finish}`, { claude })
    const shown = await statuses.wait('the retry is shown', (status) => status.reason === `the model answered ${reason}; retry 1`)
    expect(shown.at - (await failedAt(scene))).toBeLessThan(WITHIN_MS)
    expect(shown.status).toMatchObject({ status: 'Working', source: 'protocol' })
    await scene.untilStatus(['page'], 'Merged')
    scene.expectNoRepeatedReplies()
  })
}

fleetTest('a stream that breaks off is asked for again and nothing of it runs twice', async ({ fleet }) => {
  const { scene } = await begin(
    fleet,
    `\n      - fail: cut\n        bash: echo twice >> page.md\n      - fail: cut-in-tool\n        bash: echo twice >> page.md\n      - bash: ${finishLine}\n      - end: "Finished."`,
  )
  await scene.untilStatus(['page'], 'Merged')
  expect(await scene.git('show', 'main:page.md')).toBe('twice\ntwice')
  scene.expectNoRepeatedReplies()
})

fleetTest('an overload that outlasts the retries of the agent holds the task, which then goes on by itself', async ({ fleet }) => {
  const { scene, statuses } = await begin(fleet, `\n      - fail: { status: 529, times: 4 }${finish}`)
  const shown = await statuses.wait('the task is held', (status) => status.status === 'Idle')
  expect(shown.at - (await failedAt(scene, 4))).toBeLessThan(WITHIN_MS)
  expect(shown.status.reason).toMatch(/^the model answered overloaded \(529\); goes on at \d\d:\d\d:\d\d UTC$/)
  expect(shown.status).toMatchObject({ source: 'protocol', next: 'orch resume repo.page to try now' })
  await scene.untilStatus(['page'], 'Merged')
})

fleetTest('a server error that outlasts the retries of the agent is tried again later', async ({ fleet }) => {
  const { scene, statuses } = await begin(fleet, `\n      - fail: { status: 500, times: 4 }${finish}`, { claude: 'oldest' })
  const shown = await statuses.wait('the task is held', (status) => status.status === 'Idle')
  expect(shown.at - (await failedAt(scene, 4))).toBeLessThan(WITHIN_MS)
  expect(shown.status.reason).toMatch(/^the model answered with a server error; goes on at/)
  await scene.untilStatus(['page'], 'Merged')
})

for (const claude of ['newest', 'oldest'] as const) {
  fleetTest(`a refused login fails fast, and goes on from a shell where it is mended (${claude})`, async ({ fleet }) => {
    const { scene, statuses } = await begin(fleet, `\n      - fail: { status: 401, times: 2 }${finish}`, { claude })
    const shown = await statuses.wait('the task failed', (status) => status.status === 'Failed')
    expect(shown.at - (await failedAt(scene))).toBeLessThan(WITHIN_MS)
    expect(shown.status).toMatchObject({
      reason: 'the model answered that the login is not valid (401)',
      source: 'protocol',
      next: 'log in (claude /login) or set the key, then orch resume repo.page',
    })
    // The script refuses twice; Claude Code may have met the second before it was stopped.
    for (let last = shown.status; last.status === 'Failed';) {
      const { since } = last
      await scene.run(['resume', 'page'], { environment: { SHELL_OF: 'mended' } })
      last = (
        await statuses.wait(
          'landed or refused again',
          (status) => status.status === 'Merged' || (status.status === 'Failed' && status.since > since),
        )
      ).status
    }
    expect(await scene.git('show', 'main:shell.txt')).toBe('mended')
  })
}

fleetTest('what one wrong key has failed goes on when the backlog is run again from a shell where it is mended', async ({ fleet }) => {
  const refused = (task: string): string =>
    `  - match: { task: ${task} }\n    steps:\n      - fail: { status: 401, times: 2 }${finish.replaceAll('page', task).replaceAll('shell.txt', `${task}.txt`)}`
  const tasks = '# Backlog\n\n- [ ] Write the page\n  - id: page\n- [ ] Write the cover\n  - id: cover\n'
  const scene = await fleet.begin({ tasks, script: `sessions:\n${refused('page')}\n${refused('cover')}\n` })
  await scene.startDaemon()
  await scene.startBacklog()
  const both = ['page', 'cover']
  await scene.untilStatus(both, 'Failed')
  const planned = await scene.startBacklog({ isDryRun: true })
  expect(planned).toMatchObject({ continued: expect.arrayContaining(['repo.page', 'repo.cover']), skipped: [] })
  expect(both.map((task) => scene.status(task)?.status)).toEqual(['Failed', 'Failed'])
  // The script refuses twice; Claude Code may have met the second before it was stopped.
  const at = (task: string): string => `${scene.status(task)?.status} ${scene.status(task)?.since}`
  for (let rounds = 0; rounds < 3 && both.some((task) => scene.status(task)?.status !== 'Merged'); rounds += 1) {
    const before = both.map(at)
    expect(await scene.run(['run', '--detach'], { environment: { SHELL_OF: 'mended' } })).toMatchObject({ code: 0 })
    await until(
      () =>
        both.every(
          (task, index) =>
            scene.status(task)?.status === 'Merged' || (scene.status(task)?.status === 'Failed' && at(task) !== before[index]),
        ),
      {
        what: 'both landed or were refused again',
        deadlineMs: 60_000,
      },
    )
  }
  for (const task of both) expect(await scene.git('show', `main:${task}.txt`)).toBe('mended')
})

const ended = [
  {
    name: 'a used-up credit balance',
    fail: 'billing',
    reason: 'the model answered that the credit balance is too low',
    next: "add credit to the key's account, or set another key, then orch resume repo.page",
  },
  {
    name: 'an unknown model',
    fail: '{ status: 404, times: 2 }',
    reason: 'the model answered that there is no such model',
    next: 'name a model that you may use (model: in orch.yaml), then orch resume repo.page',
  },
]

for (const { name, fail, reason, next } of ended) {
  fleetTest(`${name} fails the task with the next step, and resume goes on`, async ({ fleet }) => {
    const { scene, statuses } = await begin(fleet, `\n      - fail: ${fail}${finish}`)
    const shown = await statuses.wait('the task failed', (status) => status.status === 'Failed')
    expect(shown.at - (await failedAt(scene))).toBeLessThan(WITHIN_MS)
    expect(shown.status).toMatchObject({ reason, next, source: 'protocol' })
    await scene.run(['resume', 'page'])
    await scene.untilStatus(['page'], 'Merged')
  })
}

fleetTest('a conversation that is too long is taken over by a new one without a person', async ({ fleet }) => {
  const scene = await fleet.begin({
    tasks: oneTask,
    claude: 'oldest', // the newest shortens the conversation itself
    script: `sessions:
  - match: { prompt: 'An earlier session of this task worked here' }
    steps:${finish}
  - match: { task: page }
    steps:
      - fail: prompt-too-long
        end: "Never said."`,
  })
  await scene.startDaemon()
  await scene.startBacklog()
  await scene.untilStatus(['page'], 'Merged')
  expect(scene.status('page')?.attempt).toBe(2)
})

fleetTest('a session that falls silent is interrupted once and goes on', async ({ fleet }) => {
  const { scene } = await begin(fleet, `\n      - fail: stalled${finish}`, { config: 'validate: "true"\nstall-after: 3s\n' })
  const stalledAt = await failedAt(scene)
  const again = await scene.model.waitForRequest((request) => request.outcome === 'reply', 60_000)
  expect(Date.parse(again.at) - stalledAt).toBeLessThan(3000 + 2 * WITHIN_MS)
  await scene.untilStatus(['page'], 'Merged')
  expect(scene.record('page').filter(({ type }) => type === 'control_response')).toHaveLength(1)
  scene.expectNoRepeatedReplies()
})

for (const claude of ['newest', 'oldest'] as const) {
  fleetTest(`a used-up subscription parks the task until its reset, also over a restart (${claude})`, async ({ fleet }) => {
    const { scene, statuses } = await begin(
      fleet,
      `\n      - bash: echo working\n      - limit: { type: five_hour, resets-in: 6s }${finish}`,
      { claude, environment: subscription },
    )
    const shown = await statuses.wait('the task is parked', (status) => status.reason.startsWith('usage limit reached'))
    expect(shown.at - (await failedAt(scene))).toBeLessThan(WITHIN_MS)
    expect(shown.status).toMatchObject({ status: 'Idle', source: 'protocol' })
    expect(shown.status.reason).toMatch(/goes on at \d\d:\d\d:\d\d UTC$/)
    const requests = scene.model.requests.length
    await scene.killDaemon()
    await scene.startDaemon()
    expect(scene.model.requests).toHaveLength(requests)
    await scene.untilStatus(['page'], 'Merged')
    const next = scene.model.requests[requests]
    expect(Date.parse(next?.at ?? '') - (await failedAt(scene))).toBeGreaterThan(5000)
    scene.expectNoRepeatedReplies()
  })
}

/** Claude Code heeds the headers of a limit only when it is logged in to a subscription. */
const subscription = { CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-fake', ANTHROPIC_API_KEY: '' }

fleetTest('what the model tells one session holds for the whole fleet', async ({ fleet }) => {
  const others = ['b', 'c', 'd']
  const scene = await fleet.begin({
    tasks: `# Backlog\n\n${['a', ...others].map((name) => `- [ ] Write ${name}\n  - id: ${name}\n`).join('')}`,
    script: `
sessions:
  - match: { task: a }
    steps:
      - fail: { status: 429, retry-after: 5 }
        bash: echo a > a.md && git add -A && git commit -qm 'Add a' && orch done written
      - end: "Finished."
`,
  })
  await scene.startDaemon()
  const statuses = await follow(scene)
  await scene.startBacklog({ only: ['a'] })
  await statuses.wait('the retry is shown', (status) => status.reason.startsWith('the model answered rate limited (429); retry'))
  const opensAt = (await failedAt(scene)) + 5000
  await scene.startBacklog()

  for (const name of others) {
    const shown = await statuses.wait(`${name} is held`, (status) => status.task === name && status.status === 'Idle')
    expect(shown.status.reason).toMatch(/^the model answered rate limited \(429\); goes on at/)
  }
  await scene.untilStatus(['a', ...others], 'Merged')
  const replies = scene.model.requests.filter((request) => request.outcome === 'reply')
  expect(replies.filter((request) => Date.parse(request.at) < opensAt)).toEqual([])
  scene.expectNoRepeatedReplies()
})
