import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { until } from '../support/eventually.ts'
import { sessionPids } from '../support/claude/session-pids.ts'
import { fleetTest, type FleetScene } from '../support/fleet/fleet.ts'

const config = `validate: "true"
phases: { discovery: off, integration: off }
departments:
  backend: { owns: [src/api/**] }
  security: { owns: [docs/threats.md], reviews: [backend] }
`
const MUST = { path: 'src/api/pay.ts', line: 1, severity: 'must', what: 'nobody checks the amount', loss: 'money' }
const found = { outcome: 'findings', summary: 'unchecked', findings: [MUST, { ...MUST, severity: 'note', what: 'a name is odd' }] }
const approved = { outcome: 'approve', summary: 'checked now', findings: [] }
const answer = (input: object): string => JSON.stringify({ tool: { name: 'StructuredOutput', input } })

const script = `sessions:
  - match: { task: pay.backend }
    steps:
      - write: src/api/pay.ts
        content: pay
      - bash: git add -A && git commit -qm Pay && orch done ready
      - end: "Done."
    turns:
      - when: "cannot land like this"
        steps:
          - bash: echo check >src/api/check.ts && git add -A && git commit -qm Check && orch done checked
          - end: "Done."
  - match: { task: pay.security }
    steps:
      - bash: mkdir -p docs && echo threats >docs/threats.md && git add -A && git commit -qm Threats && orch done ready
      - end: "Done."
  - match: { review: pay.backend, by: security, prompt: src/api/check.ts }
    steps:
      - write: src/api/evil.ts
        content: evil
      - ${answer(approved)}
      - end: "Done."
  - match: { review: pay.backend, by: security }
    steps:
      - read: src/api/pay.ts
      - { delay: 5s, read: src/api/pay.ts }
      - ${answer(found)}
      - end: "Done."
`

fleetTest('a department reviews the other, before it lands: findings are mended, and a kill costs only time', async ({ fleet }) => {
  const scene = await fleet.begin({ config, script })
  const prompts: string[] = []
  scene.model.onRequest(({ task, reviewer }, body) => task === 'pay.backend' && reviewer === undefined && prompts.push(body))
  await scene.startDaemon()
  const begun = await scene.run(['feature', 'Add payments', '-d', 'backend,security', '--name', 'pay', '--land', 'auto'])
  expect(begun.code, begun.stderr).toBe(0)

  await scene.model.waitForRequest(({ reviewer, step }) => reviewer === 'security' && step === 1, 60_000)
  await until(() => scene.status('pay.backend')?.reason === 'security reviews it', { what: 'the status says who reviews' })
  await scene.killDaemon()
  const first = join(reviewsOf(scene), traces(scene)[0] ?? '')
  process.kill(sessionPids(first).agent, 'SIGKILL')
  await scene.startDaemon()

  await scene.untilStatus(['pay'], 'Merged', 120_000)
  expect(prompts.some((body) => body.includes('nobody checks the amount') && body.includes('a name is odd'))).toBe(true)
  // Two commits, one conversation each; and nothing but records is left.
  const reviewers = scene.model.requests.filter(({ reviewer }) => reviewer === 'security')
  expect(new Set(reviewers.map(({ session }) => session)).size).toBe(2)
  expect(traces(scene)).toHaveLength(3)
  const [verdict, ...others] = scene.status('pay.backend')?.verdicts ?? []
  const landed = await scene.git('rev-parse', 'dept/backend/pay')
  expect([verdict, others]).toMatchObject([{ by: 'security', commit: landed, outcome: 'approve', must: 0 }, []])
  expect((await scene.git('ls-tree', '-r', '--name-only', 'main', 'src', 'docs')).split('\n')).toEqual([
    'docs/threats.md',
    'src/api/check.ts',
    'src/api/pay.ts',
  ])
  expect(
    verdictsOf(scene)
      .map(({ outcome }) => outcome)
      .toSorted(),
  ).toEqual(['approve', 'findings'])
  expect(scene.status('pay.backend')?.reviewsUsd).toBeGreaterThan(0)
})

function reviewsOf(scene: FleetScene): string {
  return join(scene.orch.orchHome, 'sessions', 'repo.pay.backend', 'reviews')
}

function traces(scene: FleetScene): string[] {
  return readdirSync(reviewsOf(scene)).filter((name) => /-\d+$/.test(name))
}

function verdictsOf(scene: FleetScene): { outcome: string }[] {
  const folder = join(scene.orch.orchHome, 'projects', 'repo', 'board', 'verdicts')
  return readdirSync(folder).map(
    (name) => (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { verdict: { outcome: string } }).verdict,
  )
}

/** Works, and reviews, by files alone. */
const plainProgram = `
if [ -n "$ORCH_REVIEW_COMMIT" ]; then
  printf '{"outcome":"findings","summary":"no","findings":[{"path":"src/api/pay.ts","severity":"must","what":"unchecked","loss":"money"}]}' >"$ORCH_OUTPUT_FILE"
  exit
fi
case $ORCH_BRANCH in *backend*) file=src/api/pay.ts ;; *) file=docs/threats.md ;; esac
mkdir -p "$(dirname "$file")" && echo "$ORCH_CONVERSATION" >>"$file"
grep -h "must, src" "$ORCH_PROMPT_FILE" >>"$file"
git add -A && git commit -qm "Work on $file" && orch done ready
`

fleetTest('what departments do not settle comes to the person, who passes over it; by programs that know only files', async ({ fleet }) => {
  const scene = await fleet.begin({
    config: `${config}review-rounds: 1\nagent: { command: [sh, -c, ${JSON.stringify(plainProgram)}] }\n`,
  })
  await scene.startDaemon()
  expect((await scene.run(['feature', 'Add payments', '-d', 'backend,security', '--name', 'pay', '--land', 'auto'])).code).toBe(0)
  await scene.untilStatus(['pay.backend'], 'Needs you')
  const inbox = await scene.run(['inbox'])
  expect(inbox.stdout).toContain('unchecked')
  const [id = ''] = /\bm\d+\b/.exec(scene.status('pay.backend')?.next ?? '') ?? []
  const merge = await scene.run(['merge', 'pay.backend'])
  expect(merge.code).not.toBe(0)
  const approved = await scene.run(['approve', id])
  expect(approved.code, approved.stderr).toBe(0)
  await scene.untilStatus(['pay'], 'Merged')
  expect(scene.status('pay.backend')?.verdicts).toMatchObject([{ by: 'security', outcome: 'passed-over', must: 1 }])
  expect(await scene.git('show', 'main:src/api/pay.ts')).toContain('> security, must, src/api/pay.ts: unchecked')
})
