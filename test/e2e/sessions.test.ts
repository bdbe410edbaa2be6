import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { TaskStatus } from '../../src/protocol/task-status.ts'
import { until } from '../support/eventually.ts'
import { fleetTest, type FleetScene } from '../support/fleet/fleet.ts'
import { findLeftovers } from '../support/leftovers.ts'

const commit = (name: string, text = name) => `echo ${text} > ${name}.md && git add -A && git commit -qm 'Add ${name}'`
const done = 'orch done ready'

function backlog(...names: readonly string[]): string {
  return `# Backlog\n\n${names.map((name) => `- [ ] Write ${name}\n  - id: ${name}\n`).join('')}`
}

function script(sessions: Readonly<Record<string, readonly string[]>>, turns: Readonly<Record<string, string>> = {}): string {
  const entries = Object.entries(sessions).map(
    ([task, steps]) => `  - match: { task: ${task} }\n    steps:\n${steps.map((step) => `      - ${step}\n`).join('')}${turns[task] ?? ''}`,
  )
  return `sessions:\n${entries.join('')}`
}

function turn(when: string, ...steps: readonly string[]): string {
  return `      - when: ${JSON.stringify(when)}\n        steps:\n${steps.map((step) => `          - ${step}\n`).join('')}`
}

const bash = (command: string) => `bash: ${JSON.stringify(command)}`

async function wait(
  scene: FleetScene,
  task: string,
  what: string,
  fits: (status: TaskStatus) => boolean,
  deadlineMs = 60_000,
): Promise<TaskStatus> {
  try {
    return await until(() => [scene.status(task)].find((status) => status !== undefined && fits(status)), { what, deadlineMs })
  } catch (cause) {
    throw new Error(`${task}: ${what}; it is ${scene.status(task)?.status}: ${scene.status(task)?.reason}`, { cause })
  }
}

const needsYou = (reason: string) => (status: TaskStatus) => status.status === 'Needs you' && status.reason.includes(reason)

async function ok(scene: FleetScene, ...args: readonly string[]): Promise<void> {
  const ended = await scene.run(args)
  expect(ended, `orch ${args.join(' ')}`).toMatchObject({ code: 0 })
}

fleetTest('what only a person may allow waits for them, also over a restart', async ({ fleet }) => {
  const scene = await fleet.begin({
    tasks: backlog('yes', 'no'),
    config: 'validate: "true"\npermissions:\n  ask: ["Bash(touch:*)"]\n',
    script: script({
      yes: ['ask: touch allowed.md', bash(`git add -A && git commit -qm Allowed && ${done}`), 'end: Finished.'],
      no: [
        'ask: touch denied.md',
        bash(`${commit('no')} && ls > files.txt && git add -A && git commit -qm Files && ${done}`),
        'end: Finished.',
      ],
    }),
  })
  await scene.startDaemon()
  await scene.startBacklog()
  const asks = await Promise.all(['yes', 'no'].map((task) => wait(scene, task, 'asks', needsYou('asks to use Bash: touch'))))
  expect(asks[0]).toMatchObject({ source: 'protocol', requests: [{ tool: 'Bash', summary: 'touch allowed.md' }] })
  expect(asks[0]?.next).toContain(`orch approve ${asks[0]?.requests[0]?.id.slice(0, 8)}   or`)

  await scene.killDaemon()
  await scene.startDaemon()
  await until(
    async () => (await scene.call<{ tasks: TaskStatus[] }>('GET', '/v1/tasks')).tasks.every(({ requests }) => requests.length === 1),
    { what: 'both ask again', deadlineMs: 60_000 },
  )
  await ok(scene, 'approve', asks[0]?.requests[0]?.id ?? '')
  await ok(scene, 'deny', asks[1]?.requests[0]?.id ?? '', 'not in this house')

  await scene.untilStatus(['yes', 'no'], 'Merged')
  expect(await scene.git('show', 'main:files.txt')).not.toContain('denied.md')
  expect(JSON.stringify(scene.record('no'))).toContain('not in this house')
  scene.expectNoRepeatedReplies()
})

fleetTest('ends of turns: blocked, silent, half done, without a word, with a sub-agent at work', async ({ fleet }) => {
  const nudge = 'You have stopped'
  const scene = await fleet.begin({
    tasks: backlog('blocked', 'silent', 'half', 'wordless', 'subagent'),
    config: 'validate: "true"\nmax: 5\nnudge-after: 2s\n',
    script:
      script(
        {
          blocked: [bash("orch blocked 'Which colour?'"), 'end: I wait.'],
          silent: ['end: I am tired.'],
          half: [bash(`${commit('half')} && ${done} && echo more > more.md`), 'end: Finished.'],
          wordless: [bash(commit('wordless')), 'end: Finished.'],
          subagent: [
            `tool: { name: Task, input: { description: Look, prompt: "Take your time.", subagent_type: general-purpose, run_in_background: true } }`,
            'end: It works in the background.',
            bash(`${commit('subagent')} && ${done}`),
            'end: Finished.',
          ],
        },
        {
          blocked: `    turns:\n${turn('It is blue', bash(`${commit('blocked', 'blue')} && ${done}`), 'end: Finished.')}`,
          silent: `    turns:\n${turn(nudge, 'end: Still tired.')}${turn('Wake up', bash(`${commit('silent')} && ${done}`), 'end: Finished.')}`,
          half: `    turns:\n${turn('there is uncommitted work: more.md', bash(`git add -A && git commit -qm More && ${done}`), 'end: Finished.')}`,
        },
      ) + '  - match: { prompt: "Take your time." }\n    steps:\n      - delay: 4s\n        end: Looked.\n',
  })
  await scene.startDaemon()
  await scene.startBacklog()

  // At once: the silent one is idle for as long as it takes to be reminded, and a command of ours may take longer.
  const [question] = await Promise.all([
    wait(scene, 'blocked', 'is blocked', needsYou('Which colour?')),
    wait(scene, 'silent', 'is idle', (status) => status.status === 'Idle' && status.reason === 'the turn ended without `orch done`'),
  ])
  expect(question).toMatchObject({ source: 'protocol', next: 'orch send repo.blocked "…"' })
  await ok(scene, 'send', 'blocked', 'It is blue.')

  await wait(scene, 'silent', 'needs you', needsYou('also after a reminder'))
  await ok(scene, 'send', 'silent', 'Wake up.')

  await scene.untilStatus(['blocked', 'silent', 'half', 'wordless', 'subagent'], 'Merged')
  expect(await scene.git('show', 'main:more.md')).toBe('more')
  expect(scene.status('wordless')?.checkpoint?.isInferred).toBe(true)
  expect(scene.status('half')?.checkpoint?.isInferred).toBe(false)
  const nudged = (task: string) => scene.record(task).filter((line) => line.type === 'user' && JSON.stringify(line).includes(nudge)).length
  expect(nudged('silent')).toBe(1)
  // Its turn had ended with nothing to show, but it was not over.
  expect(nudged('subagent')).toBe(0)
  scene.expectNoRepeatedReplies()
})

fleetTest('pause, resume and stop: in a queue, in mid-tool; a word to a working session arrives once', async ({ fleet }) => {
  const slow = (mark: string) =>
    bash(`echo $$ > ${mark}.pid; while ! test -e go; do read -t 1 < <(:) || sleep 0.2; done; rm go; rm -f ${mark}.pid`)
  const scene = await fleet.begin({
    tasks: backlog('first', 'second'),
    config: 'validate: "true"\nmax: 1\n',
    script: script(
      { first: [slow('first'), 'end: Interrupted before.'] },
      {
        first: `    turns:\n${turn('Your process ended', bash('touch resumed'), slow('again'), bash(`rm resumed; ${commit('first')} && ${done}`), 'end: Finished.')}`,
      },
    ),
  })
  const worktree = `${scene.repository}-wt-first`
  await scene.startDaemon()
  await scene.startBacklog()
  await until(() => existsSync(join(worktree, 'first.pid')), { what: 'the tool runs', deadlineMs: 60_000 })

  // In the queue.
  await wait(scene, 'second', 'queues', (status) => status.status === 'Queued')
  await ok(scene, 'pause', 'second')
  await wait(scene, 'second', 'is paused', (status) => status.reason === 'paused by you')
  await ok(scene, 'stop', 'second')
  await wait(scene, 'second', 'is stopped', (status) => status.reason === 'stopped by you')
  await ok(scene, 'send', 'second', 'Remember the milk.')

  // In mid-tool: the tool is gone, the worktree stays.
  const pid = Number(readFileSync(join(worktree, 'first.pid'), 'utf8'))
  await ok(scene, 'stop', 'first')
  expect(findLeftovers(scene.orch.home).map((left) => left.pid)).not.toContain(pid)
  expect(scene.status('first')).toMatchObject({ status: 'Idle', reason: 'stopped by you', next: 'orch resume repo.first' })
  // Its seat went to the other, whose words were kept for it.
  await scene.untilStatus(['second'], 'Merged')
  expect(JSON.stringify(scene.record('second'))).toContain('Remember the milk.')

  await ok(scene, 'resume', 'first')
  await until(() => existsSync(join(worktree, 'again.pid')), { what: 'the tool runs again', deadlineMs: 60_000 })
  const id = '7b0d6a52-2f0c-4c1e-9d55-0a1f4a6a1b11'
  for (const _ of [1, 2]) await scene.call('POST', '/v1/send', { cwd: scene.repository, name: 'first', text: 'Mind the gap.', id })
  await until(() => readFileSync(join(scene.orch.orchHome, 'sessions/repo.first/1.2/sent'), 'utf8').includes(id), {
    what: 'the word is written',
  })
  writeFileSync(join(worktree, 'go'), '')
  await scene.untilStatus(['first'], 'Merged')
  expect(scene.record('first').filter((line) => line.type === 'user' && JSON.stringify(line).includes('Mind the gap.'))).toHaveLength(1)
  scene.expectNoRepeatedReplies()
})

fleetTest('validation: back to the same conversation, bounded tries, a stop in the middle, a failed set-up', async ({ fleet }) => {
  const scene = await fleet.begin({
    tasks: backlog('mended', 'hopeless', 'halted', 'setup'),
    config: `retries: 1\nsetup: 'basename "$PWD" >> "$HOME/setups-$ORCH_TASK"; case "$ORCH_TASK" in *.setup) test -e "$HOME/ready";; esac'\nvalidate: 'case "$ORCH_TASK" in *.mended) echo "the roof leaks"; test -e roof.md;; *.hopeless) false;; *.halted) touch "$HOME/validating"; until test -e "$HOME/go"; do sleep 0.1; done;; esac'\n`,
    script: script(
      {
        mended: [bash(`${commit('mended')} && ${done}`), 'end: Finished.'],
        hopeless: [
          bash(`${commit('hopeless')} && ${done}`),
          'end: Finished.',
          bash(`${commit('again')} && ${done}`),
          'end: Finished again.',
        ],
        halted: [bash(`${commit('halted')} && ${done}`), 'end: Finished.'],
        setup: [bash(`${commit('setup')} && ${done}`), 'end: Finished.'],
      },
      { mended: `    turns:\n${turn('the roof leaks', bash(`${commit('roof')} && ${done}`), 'end: Mended.')}` },
    ),
  })
  const { home } = scene.orch
  await scene.startDaemon()
  await scene.startBacklog()

  const failed = await wait(scene, 'setup', 'its set-up failed', (status) => status.status === 'Failed')
  expect(failed.reason).toContain('the setup command failed')
  expect(failed.next).toBe('mend it, then orch resume repo.setup')
  writeFileSync(join(home, 'ready'), '')
  await ok(scene, 'resume', 'setup')

  await until(() => existsSync(join(home, 'validating')), { what: 'the validation runs', deadlineMs: 60_000 })
  await ok(scene, 'stop', 'halted')
  await wait(scene, 'halted', 'is stopped', (status) => status.reason === 'stopped by you', 5000)
  writeFileSync(join(home, 'go'), '')
  await ok(scene, 'resume', 'halted')

  const hopeless = await wait(scene, 'hopeless', 'gave up', (status) => status.status === 'Failed')
  expect(hopeless.reason).toContain('the validation failed')
  await ok(scene, 'stop', 'hopeless')
  expect(hopeless.next).toBe('orch logs repo.hopeless   or   orch send repo.hopeless "…"')
  await scene.untilStatus(['mended', 'halted', 'setup'], 'Merged')
  expect(scene.status('mended')?.attempt).toBe(1)
  // Once in the worktree however often the task got a seat, and again after it had failed.
  expect(readFileSync(join(home, 'setups-repo.mended'), 'utf8')).toBe('repo-wt-mended\n')
  expect(readFileSync(join(home, 'setups-repo.setup'), 'utf8')).toBe('repo-wt-setup\nrepo-wt-setup\n')
  // Once where merged trees are tested, as no lock file has changed.
  expect(readFileSync(join(home, 'setups-'), 'utf8')).toBe('1\n')
  scene.expectNoRepeatedReplies()
})

fleetTest('a budget that is used up ends the turn and names the amount; a word grants as much again', async ({ fleet }) => {
  const scene = await fleet.begin({
    tasks: '# Backlog\n\n- [ ] Spend\n  - id: spend\n  - model: claude-sonnet-4-5\n  - budget: 1\n',
    script: script({
      spend: [
        `${bash('echo spending')}\n        usage: { input: 400000, output: 1000 }`,
        bash(`${commit('spend')} && ${done}`),
        'end: Finished.',
      ],
    }),
  })
  await scene.startDaemon()
  await scene.startBacklog()
  const over = await wait(scene, 'spend', 'is over budget', needsYou('the budget of $1.00 is used up'))
  expect(over.costUsd).toBeGreaterThan(1)
  await ok(scene, 'send', 'spend', 'One more dollar.')
  await scene.untilStatus(['spend'], 'Merged')
})

fleetTest('two tasks that change the same lines: the later one merges and lands', async ({ fleet }) => {
  const scene = await fleet.begin({
    tasks: backlog('left', 'right'),
    files: { 'same.md': 'begin\n' },
    script: script(
      {
        left: [
          bash(`until test -e ../repo-wt-right/.orch/base; do sleep 0.1; done; ${commit('same', 'left')} && ${done}`),
          'end: Finished.',
        ],
        right: [
          bash(`until git log main --format=%s | grep -q 'feature/left'; do sleep 0.1; done; ${commit('same', 'right')} && ${done}`),
          'end: Finished.',
        ],
      },
      {
        right: `    turns:\n${turn('It conflicts with repo.left, which has landed on main in: same.md', bash(`git merge main; printf 'left\\nright\\n' > same.md; git add -A && git commit -qm 'Merge main' && ${done}`), 'end: Merged.')}`,
      },
    ),
  })
  await scene.startDaemon()
  await scene.startBacklog()
  await scene.untilStatus(['left', 'right'], 'Merged')
  expect(await scene.git('show', 'main:same.md')).toBe('left\nright')
  scene.expectNoRepeatedReplies()
})

fleetTest('a dirty checkout keeps the tested work waiting; others build on it, and it lands by itself', async ({ fleet }) => {
  const scene = await fleet.begin({
    tasks: '# Backlog\n\n- [ ] Write base\n  - id: base\n- [ ] Write top\n  - id: top\n  - needs: base\n',
    script: script({
      base: [bash(`echo base > README.md && git commit -qam Base && ${done}`), 'end: Finished.'],
      top: [bash(`cat README.md > top.md && git add -A && git commit -qm Top && ${done}`), 'end: Finished.'],
    }),
  })
  const readme = join(scene.repository, 'README.md')
  const before = readFileSync(readme, 'utf8')
  await scene.startDaemon()
  writeFileSync(readme, 'I was writing here.\n')
  await scene.startBacklog()
  const held = await wait(scene, 'base', 'waits for the checkout', needsYou('has uncommitted changes (README.md)'))
  expect(held).toMatchObject({ source: 'git', next: 'commit or stash there, then orch merge repo.base' })
  expect(await scene.git('show', 'refs/orch/landing/main:README.md')).toBe('base')
  await wait(scene, 'top', 'is tested on top of it', needsYou('has uncommitted changes'))
  expect(readFileSync(readme, 'utf8')).toBe('I was writing here.\n')

  writeFileSync(readme, before)
  await scene.untilStatus(['base', 'top'], 'Merged')
  expect(await scene.git('show', 'main:top.md')).toBe('base')
  expect(readFileSync(readme, 'utf8')).toBe('base\n')
  expect(await scene.git('status', '--porcelain')).toBe('')
})

fleetTest('any program can do a whole task', async ({ fleet }) => {
  const scene = await fleet.begin({
    tasks: backlog('plain'),
    config:
      'validate: test -e plain.md\nagent:\n  command: [sh, -c, \'cp "$ORCH_PROMPT_FILE" plain.md && git add -A && git commit -qm Plain && orch done ready\']\n',
  })
  await scene.startDaemon()
  await scene.startBacklog()
  await scene.untilStatus(['plain'], 'Merged')
  expect(await scene.git('show', 'main:plain.md')).toContain('[orch task plain] Write plain')
  expect(scene.model.requests).toEqual([])
})
