import { expect } from 'vitest'
import type { BoardMessage } from '../../src/domain/board/message.ts'
import { until } from '../support/eventually.ts'
import { fleetTest, type FleetScene } from '../support/fleet/fleet.ts'

const bash = (command: string) => `bash: ${JSON.stringify(command)}`
const edits = (by: string, more: string) =>
  `sed -i 's/^two$/two by ${by}/' shared.txt && ${more} git add -A && git commit -qm 'Work of ${by}' && orch done ready`
const need = `printf -- '---\\nv: 1\\nkind: need\\nto: [backend]\\npaths: [api.md]\\n---\\nThe fields of a price\\n' > .orch/tmp/1.md && mv .orch/tmp/1.md .orch/outbox/1.md`
/** What its message asks of it: the other's work and its own in one. */
const merge = `git add -A; git commit -qm Mine; git merge -q dept/backend/pay; printf 'one\\ntwo by both\\nthree\\n' > shared.txt && git add -A && git commit -qm 'Take in the backend' && orch done ready`

const script = `sessions:
  - match: { task: pay.backend }
    steps:
      - ${bash(edits('backend', 'echo cents > api.md &&'))}
      - end: Finished.
  - match: { task: pay.frontend }
    steps:
      - ${bash(need)}
      - end: I wait.
    turns:
      - when: has committed what you need
        steps:
          - ${bash(edits('frontend', 'true &&'))}
          - end: Finished.
      - when: You yield
        steps:
          - ${bash(merge)}
          - end: Finished.
`

const config = `validate: "true"
phases: { foundation: off, discovery: off, reviews: off, integration: off }
contracts:
  - { files: api.md, owner: backend, needed-by: [frontend] }
`

fleetTest(
  'two departments need each other, hear of a contract, conflict in a file, settle who yields, and land together',
  async ({ fleet }) => {
    const scene = await fleet.begin({ script, config, files: { 'shared.txt': 'one\ntwo\nthree\n' } })
    await scene.startDaemon()
    const begun = await scene.run(['feature', 'Add payments', '--name', 'pay', '-d', 'backend,frontend'])
    expect(begun).toMatchObject({ code: 0 })
    await scene.untilStatus(['pay'], 'Review', 90_000)
    expect(await scene.run(['merge', 'pay'])).toMatchObject({ code: 0 })
    expect(await scene.git('show', 'main:shared.txt')).toBe('one\ntwo by both\nthree')
    expect(await scene.git('show', 'main:api.md')).toBe('cents')

    const said = await board(scene)
    const backend = await scene.git('rev-parse', 'dept/backend/pay')
    const kinds = (kind: BoardMessage['kind']) => said.filter((message) => message.kind === kind)
    expect(kinds('contract')).toMatchObject([
      { from: 'repo.pay.backend', to: ['repo.pay.frontend'], about: { commit: backend, paths: ['api.md'] } },
    ])
    expect(kinds('contract')[0]?.text).toContain('+cents')
    expect(kinds('offer')).toMatchObject([{ from: 'orch', to: ['repo.pay.frontend'], inReplyTo: kinds('need')[0]?.id }])
    const yields = kinds('conflict').filter(({ to }) => to.includes('repo.pay.frontend'))
    expect(yields[0]?.text).toContain(`git merge ${backend}`)
    expect(yields[0]?.text).toMatch(/<<< repo\.pay\.frontend\ntwo by frontend\n>>> repo\.pay\.backend\ntwo by backend/)
    expect(
      said.filter(({ text }) => text.startsWith('The conflict of repo.pay.frontend with repo.pay.backend is settled')),
    ).not.toHaveLength(0)
    await until(() => ['pay.backend', 'pay.frontend'].every((part) => scene.status(part)?.status === 'Merged'), {
      what: 'both have landed',
    })
  },
)

async function board(scene: FleetScene): Promise<readonly BoardMessage[]> {
  const shown = await scene.run(['board', '--feature', 'pay', '--json'])
  expect(shown).toMatchObject({ code: 0 })
  return (JSON.parse(shown.stdout) as { messages: BoardMessage[] }).messages
}
