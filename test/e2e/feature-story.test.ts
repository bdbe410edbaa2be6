import { expect } from 'vitest'
import { until } from '../support/eventually.ts'
import { bash, commit, note, untilReceived, withoutChance } from '../support/fleet/feature-story.ts'
import { fleetTest, type FleetScene } from '../support/fleet/fleet.ts'

/** The other one's work and its own in one. */
const yields = (other: string): string =>
  `git merge -q dept/${other}/pay; printf 'one\\ntwo by both\\nthree\\n' > CHANGES.txt && ${commit('Take in the other')}`

const script = `sessions:
  - match: { task: pay.backend }
    steps:
      ${bash("orch context all 'Plan: charge in src/api/pay.sh; the contract is src/api/contract.txt'")}
      - write: src/web/page.txt
        content: not mine
      ${bash("orch decide 'Amounts are cents' --because 'floats lose money' --affects frontend")}
      ${bash(`mkdir -p src/api && echo 'charge(cents)' > src/api/contract.txt && echo 'test "$1" -gt 0' > src/api/pay.sh && ${note('charge is there')}`)}
      ${bash('until grep -qs question .orch/inbox/*/*.md; do sleep 0.05; done')}
      ${bash(commit('Charge'))}
      - end: Finished.
    turns:
      - when: question from frontend
        steps:
          ${bash("orch answer {{message}} 'Cents, as whole numbers'")}
      - when: was reviewed and cannot land
        steps:
          ${bash(`echo 'test "$1" -lt 100000' > src/api/limit.sh && ${commit('Limit what can be charged')}`)}
          - end: Mended.
  - match: { task: pay.frontend }
    steps:
      ${bash("orch context all 'Plan: a page with the price'")}
      ${bash("orch ask backend 'Which unit has an amount?'")}
      - end: I wait for the unit.
    turns:
      - when: answer to
        steps:
          ${bash('until git cat-file -e dept/docs/pay:docs/pay.txt 2>/dev/null; do sleep 0.05; done')}
          ${bash(`mkdir -p src/web && echo 'price in cents' > src/web/page.txt && sed -i 's/^two$/two by frontend/' CHANGES.txt && ${note('the page is there')} && git add -A && git commit -qm 'Show the price'`)}
          ${bash(`until grep -qs '^kind: "conflict"' .orch/inbox/*/*.md; do sleep 0.05; done`)}
          - end: I hear of a conflict.
      - when: You yield
        steps:
          ${bash(yields('docs'))}
          - end: Settled.
  - match: { task: pay.security }
    steps:
      ${bash("orch context all 'Plan: a policy, and a look at the backend'")}
      ${bash(`mkdir -p security && echo 'no card is stored' > security/policy.txt && ${note('the policy is there')} && ${commit('Say the policy')}`)}
      - end: Finished.
  - match: { task: pay.docs }
    steps:
      ${bash("orch context all 'Plan: a page on payments'")}
      ${bash(`mkdir -p docs && echo 'Amounts are cents.' > docs/pay.txt && sed -i 's/^two$/two by docs/' CHANGES.txt && ${note('the page is there')} && ${commit('Write on payments')}`)}
      - end: Finished.
    turns:
      - when: You yield
        steps:
          ${bash(yields('frontend'))}
          - end: Settled.
  - match: { task: pay.integration }
    steps:
      ${bash(`sh check.sh && echo 'all of it fits' > INTEGRATION.txt && ${note('nothing had to be mended')} && ${commit('Look at the whole')}`)}
      - end: Finished.
  - match: { review: pay.backend, by: security, prompt: src/api/limit.sh }
    steps:
      - verdict: approve
      - end: Reviewed.
  - match: { review: pay.backend, by: security }
    steps:
      - verdict: { summary: "no limit", findings: [ { path: src/api/pay.sh, line: 1, what: "any amount passes", loss: "money" } ] }
      - end: Reviewed.
`

const config = `validate: sh check.sh
land: review
nudge-after: 1h
departments:
  backend: { owns: ["src/api/**"] }
  frontend: {}
  security: { owns: ["security/**"], reviews: [backend], veto: true }
  docs: {}
contracts:
  - { files: src/api/contract.txt, owner: backend, needed-by: [frontend] }
gates:
  - policy: ["security/**"]
`

const files = {
  'CHANGES.txt': 'one\ntwo\nthree\n',
  'check.sh': 'test "$(wc -l < CHANGES.txt)" -eq 3 && for f in src/api/*.sh; do test ! -e "$f" || sh "$f" 5 || exit 1; done\n',
}

const departments = ['backend', 'frontend', 'security', 'docs']

fleetTest('four departments build a feature together, with one question to a person', { timeout: 300_000 }, async ({ fleet }) => {
  const scene = await fleet.begin({ script, config, files })
  await scene.startDaemon()
  expect(await scene.run(['feature', 'Add payments', '--name', 'pay', '-d', departments.join(',')])).toMatchObject({ code: 0 })

  const [gate] = await until(() => inbox(scene), { what: 'the gate asks', deadlineMs: 120_000 })
  expect(gate).toMatchObject({ kind: 'gate' })
  expect(await scene.run(['approve', gate?.id ?? ''])).toMatchObject({ code: 0 })
  await scene.untilStatus(['pay'], 'Review', 180_000)
  expect(await scene.run(['merge', 'pay'], { deadlineMs: 120_000 })).toMatchObject({ code: 0 })
  await scene.untilStatus(['pay', ...departments.map((name) => `pay.${name}`)], 'Merged', 60_000)

  const landed = (await scene.git('ls-tree', '-r', '--name-only', 'main')).split('\n')
  for (const path of ['src/api/limit.sh', 'src/web/page.txt', 'security/policy.txt', 'docs/pay.txt', 'INTEGRATION.txt'])
    expect(landed).toContain(path)
  expect(await scene.git('show', 'main:src/web/page.txt')).toBe('price in cents')
  expect(await scene.git('show', 'main:CHANGES.txt')).toBe('one\ntwo by both\nthree')
  expect(JSON.stringify(scene.record('pay.backend'))).toContain('Not edited: src/web/page.txt is outside of what this task owns')

  // Every message reached each of its receivers, and no model was told one twice.
  for (const name of [...departments, 'integration']) {
    const heard = scene.heard(`pay.${name}`)
    expect(heard.filter((id, at) => heard.indexOf(id) !== at)).toEqual([])
  }
  scene.expectNoRepeatedReplies()

  await untilReceived(scene, 'pay')
  const report = await scene.run(['report', 'pay'])
  expect(report).toMatchObject({ code: 0 })
  expect(report.stdout.split('\n').map(withoutChance)).toEqual(story())
})

/** The report, with every commit as `C`, every message as `M` and every time as `T`. */
function story(): readonly string[] {
  const conflict = (keeps: string, other: string): unknown[] => [
    expect.stringMatching(`^\\*\\*M\\*\\* (conflict|note), orch to ${keeps}, T, about \`CHANGES.txt\`$`),
    '',
    expect.stringContaining(`> Your work and that of repo.pay.${other} would conflict \\(round 1 of 3\\).`),
    '>',
    `> repo.pay.${other} is about: ${other} of "Add payments". It last said: Plan: ${other === 'docs' ? 'a page on payments' : 'a page with the price'}`,
    '>',
    '> \\`\\`\\`',
    '> CHANGES.txt \\(contents\\)',
    '> &#64; line 2',
    `> \\<\\<\\< repo.pay.${keeps}`,
    `> two by ${keeps}`,
    `> \\>\\>\\> repo.pay.${other}`,
    `> two by ${other}`,
    '> \\`\\`\\`',
    '>',
    expect.stringMatching(keeps === 'docs' ? 'was told to build on what you have' : 'Do this now: .*git merge C'),
    '',
  ]
  return [
    '# Add payments',
    '',
    '- feature `repo.pay`: backend, frontend, security, docs, integration',
    '- Merged: landed as C',
    '- from T to T (UTC)',
    '',
    '## Success checklist',
    '',
    '- [ ] **no**: Responsibilities are clear and do not overlap',
    '  - CHANGES.txt was changed by frontend and docs',
    '- [x] Discovery came before implementation',
    ...departments.map((name) => `  - ${name}: M \\(context\\)`),
    '- [x] Scratchpads are current',
    ...[...departments, 'integration'].map((name) => `  - ${name}: T`),
    '- [x] The tracking table shows every department',
    '  - 5 parts, computed from their records',
    '- [x] Departments reviewed each other during the work',
    '  - security judged backend at C',
    '  - security judged backend at C',
    '- [x] Every question and need was answered',
    '  - 2 asked and answered',
    '- [x] No conflict was in the way at integration',
    '  - what was seen was settled before it landed',
    '- [x] All tests pass after integration',
    '  - the queue tested and landed C on main',
    '- [x] Documentation was looked at with the implementation',
    '  - docs wrote 2 files',
    '',
    '## What landed as what',
    '',
    '| department | branch | its commit | landed as |',
    '| --- | --- | --- | --- |',
    ...[...departments, 'integration'].map((name) => `| ${name} | \`dept/${name}/pay\` | \`C\` | \`C\` |`),
    '',
    'The feature is `C` on `main`.',
    '',
    '## Decisions',
    '',
    '**M** decision, backend to frontend, T',
    '',
    '> Amounts are cents',
    '',
    'Because: floats lose money',
    '',
    '## Contracts',
    '',
    '**M** contract, backend to frontend, T, about `C`, `src/api/contract.txt`',
    '',
    '> I changed the contract in \\`src/api/contract.txt\\`. It is commit C: \\`git merge C\\` gets it.',
    '>',
    '> \\`\\`\\`diff',
    '> diff --git a/src/api/contract.txt b/src/api/contract.txt',
    '> new file mode 100644',
    expect.stringContaining('> index '),
    '> \\--- /dev/null',
    '> \\+++ b/src/api/contract.txt',
    '> &#64;&#64; -0,0 +1 &#64;&#64;',
    '> \\+charge\\(cents\\)',
    '> \\`\\`\\`',
    '',
    '## Questions and answers',
    '',
    '**M** question, frontend to backend, T',
    '',
    '> Which unit has an amount?',
    '',
    '**M** answer, backend to frontend, T',
    '',
    '> Cents, as whole numbers',
    '',
    '## Needs',
    '',
    'None.',
    '',
    '## Verdicts',
    '',
    '| work of | commit | judged by | outcome | what was found |',
    '| --- | --- | --- | --- | --- |',
    '| backend | `C` | security | findings | no limit; must src/api/pay.sh:1 any amount passes |',
    '| backend | `C` | security | approve | Rehearsed. |',
    '',
    '## Conflicts and how they were settled',
    '',
    ...conflict('docs', 'frontend'),
    ...conflict('frontend', 'docs'),
    '**M** note, orch, T',
    '',
    '> The conflict of repo.pay.frontend with repo.pay.docs is settled after one round.',
    '',
    '## Gates and what the person decided',
    '',
    '**M** escalation \\(gate policy\\), security to human, T, about `C`, `security/policy.txt`',
    '',
    '> This work stops at the gate "policy": it changes security/policy.txt.',
    '>',
    '> \\- security/policy.txt',
    '',
    '- approve',
    '- deny',
    '',
    '**M** answer: approve, human to security, T',
    '',
    '## Cost',
    '',
    '| department | its sessions | reviews of it | together |',
    '| --- | --- | --- | --- |',
    ...[...departments, 'integration'].map((name) =>
      expect.stringMatching(`^\\| ${name} \\| \\$\\d+\\.\\d\\d \\| \\$\\d+\\.\\d\\d \\| \\$\\d+\\.\\d\\d \\|$`),
    ),
    expect.stringMatching(/^\| \*\*all\*\* \| {2}\| {2}\| \$\d+\.\d\d \|$/),
    '',
  ] as string[]
}

async function inbox(scene: FleetScene): Promise<{ id: string; kind: string }[] | undefined> {
  const shown = await scene.run(['inbox', '--json'])
  const { items } = JSON.parse(shown.stdout) as { items: { id: string; kind: string }[] }
  return items.length > 0 ? items : undefined
}
