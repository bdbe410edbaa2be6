import { expect } from 'vitest'
import { bash, commit, note, untilReceived, withoutChance } from '../support/fleet/feature-story.ts'
import { fleetTest } from '../support/fleet/fleet.ts'

/** Takes part by files alone: no orch on its path is needed, and no protocol on its output. */
const clerk = `set -e
say() { printf '%s\\n' --- 'v: 1' "kind: $1" "$2" --- "$3" > .orch/tmp/$$ && mv .orch/tmp/$$ .orch/outbox/$1.md; }
mv .orch/inbox/new/*.md .orch/inbox/cur/ 2>/dev/null || true
answer=$(grep -ls '^kind: "answer"' .orch/inbox/*/*.md | head -1)
if [ -z "$answer" ]; then
  say context 'to: [all]' 'Plan: one page on how a mail is sent'
  say question 'to: [backend]' 'Who may send?'
  exit
fi
mkdir -p docs
tail -1 "$answer" > docs/mail.txt
echo 'the page is there' >> AGENT_NOTES.md
git add -A
git diff --cached --quiet || git commit -qm 'Write on mails'
say done "" ready
`

fleetTest('a shell script that knows only files is a department like the others', { timeout: 240_000 }, async ({ fleet }) => {
  const mail = `sessions:
  - match: { task: mail.backend }
    steps:
      ${bash("orch context all 'Plan: send in src/send.sh'")}
      ${bash(`mkdir -p src && echo true > src/send.sh && ${note('send is there')}`)}
      ${bash('until grep -qs \'^kind: "question"\' .orch/inbox/*/*.md; do sleep 0.05; done')}
      ${bash(commit('Send'))}
      - end: Finished.
    turns:
      - when: question from docs
        steps:
          ${bash("orch answer {{message}} 'Only who has an address'")}
  - match: { task: mail.integration }
    steps:
      ${bash(`echo 'all of it fits' > INTEGRATION.txt && ${commit('Look at the whole')}`)}
      - end: Finished.
`
  const settings = `validate: "true"\nland: review\nnudge-after: 1h\ndepartments:\n  backend: { owns: ["src/**"] }\n  docs: { owns: ["docs/**"], agent: { command: [sh, clerk.sh] } }\n`
  const scene = await fleet.begin({ script: mail, config: settings, files: { 'clerk.sh': clerk } })
  await scene.startDaemon()
  expect(await scene.run(['feature', 'Send mails', '--name', 'mail', '-d', 'backend,docs'])).toMatchObject({ code: 0 })
  await scene.untilStatus(['mail'], 'Review', 180_000)
  expect(await scene.run(['merge', 'mail'], { deadlineMs: 120_000 })).toMatchObject({ code: 0 })
  await scene.untilStatus(['mail', 'mail.backend', 'mail.docs', 'mail.integration'], 'Merged')
  expect(await scene.git('show', 'main:docs/mail.txt')).toBe('Only who has an address')
  await untilReceived(scene, 'mail')
  const { stdout } = await scene.run(['report', 'mail'])
  const lines = stdout.split('\n').map(withoutChance)
  for (const line of [
    '**M** question, docs to backend, T',
    '> Who may send?',
    '**M** answer, backend to docs, T',
    '> Only who has an address',
  ])
    expect(lines).toContain(line)
  for (const check of [
    'Responsibilities are clear and do not overlap',
    'Discovery came before implementation',
    'All tests pass after integration',
  ])
    expect(lines).toContain(`- [x] ${check}`)
})
