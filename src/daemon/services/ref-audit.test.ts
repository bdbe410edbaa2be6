import { expect, test } from 'vitest'
import type { Sha } from '../../foundation/brand.ts'
import type { Git, Repository, UnknownFilter } from '../../ports/git.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import { RefAudit } from './ref-audit.ts'
import type { Roster } from './roster.ts'

test('what stood there before the first look is no finding', async () => {
  const scene = new Scene()
  await scene.turn()
  expect(scene.findings).toEqual([])
})

test('a moved, a made and a deleted ref are told with the way back', async () => {
  const scene = new Scene()
  await scene.turn()
  scene.refs = { 'refs/heads/main': sha('b'), 'refs/tags/made': sha('c') }
  await scene.turn()
  expect(scene.findings).toEqual([
    `refs/heads/main moved from aaaaaaaaaa to bbbbbbbbbb during this turn, not by orch; if it was not you, git update-ref refs/heads/main ${sha('a')}`,
    `refs/heads/other moved from aaaaaaaaaa to nothing during this turn, not by orch; if it was not you, git update-ref refs/heads/other ${sha('a')}`,
    'refs/tags/made moved from nothing to cccccccccc during this turn, not by orch; if it was not you, git update-ref -d refs/tags/made',
  ])
  await scene.turn()
  expect(scene.findings).toHaveLength(3)
})

test("orch's own landing, the tasks' branches and what a fetch brings are no findings", async () => {
  const scene = new Scene()
  await scene.turn()
  scene.audit.expect(sha('d'))
  scene.refs = { ...scene.refs, 'refs/heads/main': sha('d'), 'refs/heads/feature/own': sha('e'), 'refs/remotes/origin/main': sha('f') }
  await scene.turn()
  expect(scene.findings).toEqual([])
})

test('a main checkout that was switched is told', async () => {
  const scene = new Scene()
  await scene.turn()
  scene.headBranch = 'other'
  await scene.turn()
  expect(scene.findings).toEqual([
    'the main checkout went from main to other during this turn, not by orch; if it was not you, git switch main there',
  ])
})

test('a git filter that came during a turn is told once, and again when it is another', async () => {
  const scene = new Scene()
  scene.filters = [{ id: '1', name: 'old', settings: [] }]
  await scene.turn()
  scene.filters = [...scene.filters, { id: '2', name: 'new\u001b[2J', settings: [] }]
  await scene.turn()
  await scene.turn()
  scene.filters = [{ id: '3', name: 'old', settings: [] }]
  await scene.turn()
  expect(scene.findings).toEqual([
    expect.stringMatching(/^the git filter new came into the repository's configuration during this turn; .*: orch doctor$/),
    expect.stringContaining('the git filter old came'),
  ])
})

class Scene {
  filters: readonly UnknownFilter[] = []
  refs: Record<string, Sha> = { 'refs/heads/main': sha('a'), 'refs/heads/other': sha('a') }
  headBranch = 'main'
  readonly findings: string[] = []
  readonly audit: RefAudit

  constructor() {
    const repository: Pick<Repository, 'snapshotRefs' | 'standing' | 'unknownFilters'> = {
      snapshotRefs: async () => this.refs,
      unknownFilters: async () => this.filters,
      standing: async () => ({ isUnborn: false, headBranch: this.headBranch }),
    }
    const git: Git = { open: async () => repository as Repository }
    const roster: Pick<Roster, 'note' | 'statuses'> = {
      note: (_input, { message }) => void this.findings.push(message?.text ?? ''),
      statuses: () => [{ repository: '/repo', branch: 'feature/own' }] as ReturnType<Roster['statuses']>,
    }
    this.audit = new RefAudit(git, roster as Roster, () => 0)
  }

  turn(): Promise<void> {
    return this.audit.check({ repository: '/repo' } as TaskInput)
  }
}

function sha(digit: string): Sha {
  return digit.repeat(40) as Sha
}
