import { expect, onTestFinished, test } from 'vitest'
import { homeAt } from '../../config/home.ts'
import type { Sha } from '../../foundation/brand.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import { testGit } from '../../../test/support/adapters/git.ts'
import { makeRepository, type TestRepository } from '../../../test/support/repository.ts'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import type { Roster } from '../services/roster.ts'
import { PermittedEdits } from './permitted-edits.ts'
import { Trespasses } from './trespasses.ts'

test('what a commit changes outside of its bounds, whoever wrote it: edits, new files, deletions, both names of a rename', async () => {
  const scene = new Scene()
  scene.git('rm', '-q', 'src/api/old.ts')
  scene.git('mv', 'src/api/users.ts', 'src/web/users.ts')
  const commit = scene.repository.commit('Reach out', {
    'src/web/a.ts': 'mine',
    'src/api/new.ts': 'x',
    'shared.ts': 'ours',
    'TASK.md': 'x',
  })
  expect(await scene.found(commit)).toEqual(['shared.ts', 'src/api/new.ts', 'src/api/old.ts', 'src/api/users.ts'])
})

test('what was taken back is no trespass', async () => {
  const scene = new Scene()
  scene.repository.commit('Reach out', { 'src/api/users.ts': 'mine' })
  expect(await scene.found(scene.repository.commit('Take back', { 'src/api/users.ts': 'users' }))).toEqual([])
})

test('what came from the target or from another part is theirs; what was changed of it since is not', async () => {
  const scene = new Scene()
  scene.git('checkout', '-q', 'main')
  scene.repository.commit('Main goes on', { 'shared.ts': 'from main' })
  scene.git('checkout', '-q', '-b', 'dept/backend/f', scene.base)
  scene.repository.commit('Backend goes on', { 'src/api/users.ts': 'from backend', 'src/api/more.ts': 'more' })
  scene.git('checkout', '-q', 'dept/frontend/f')
  scene.git('merge', '-q', 'main', '-m', 'Take main')
  scene.git('merge', '-q', 'dept/backend/f', '-m', 'Take backend')
  expect(await scene.found(scene.repository.sha('HEAD'))).toEqual([])
  expect(await scene.found(scene.repository.commit('Meddle', { 'src/api/more.ts': 'mine' }))).toEqual(['src/api/more.ts'])
})

test('what a person has allowed is not looked at again; what they denied is', async () => {
  const scene = new Scene('ask')
  await scene.permitted.ask(scene.input, 't1', 'src/api/users.ts')
  await scene.permitted.ask(scene.input, 't2', 'src/api/old.ts')
  scene.permitted.hear(scene.input, { type: 'tool-ended', at: 1, toolUseId: 't1', isError: false })
  scene.permitted.hear(scene.input, { type: 'tool-ended', at: 1, toolUseId: 't2', isError: true })
  scene.permitted.hear(scene.input, { type: 'tool-ended', at: 1, toolUseId: 't3', isError: false })
  const commit = scene.repository.commit('Reach out', { 'src/api/users.ts': 'x', 'src/api/old.ts': 'x' })
  expect(await scene.found(commit)).toEqual(['src/api/old.ts'])
  expect(await scene.nextDaemon().permitted.of(scene.input)).toEqual(['src/api/users.ts'])
})

class Scene {
  readonly repository: TestRepository
  readonly base: Sha
  readonly input: TaskInput
  readonly home = homeAt(temporaryFolder())
  readonly permitted = this.nextDaemon().permitted

  constructor(ownership = 'deny') {
    this.repository = makeRepository({
      files: { 'src/api/users.ts': 'users', 'src/api/old.ts': 'old', 'src/web/a.ts': 'a', 'shared.ts': 's' },
    })
    onTestFinished(() => this.repository.remove())
    this.base = this.repository.sha('HEAD')
    this.git('checkout', '-q', '-b', 'dept/frontend/f')
    const departments = [
      { name: 'frontend', owns: ['src/web/**'] },
      { name: 'backend', owns: ['src/api/**'] },
    ]
    const part = { run: 'f', ownership, phase: 'departments', department: departments[0], departments, contracts: [] }
    const names = { handle: 'shop.f.frontend', createdAt: 1, kind: 'part', target: 'main', repository: this.repository.root }
    this.input = { ...names, task: { owns: [] }, part, settings: {} } as unknown as TaskInput
  }

  git(...args: readonly string[]): string {
    return this.repository.git(...args)
  }

  nextDaemon(): { permitted: PermittedEdits } {
    return { permitted: new PermittedEdits(this.home, (error) => expect.fail(String(error))) }
  }

  async found(commit: Sha): Promise<readonly string[]> {
    const other = { ...this.input, handle: 'shop.f.backend', branch: 'dept/backend/f' }
    const gone = { ...this.input, handle: 'shop.f.docs', branch: 'dept/docs/f' }
    const roster = { records: () => [this.input, other, gone].map((input) => ({ input, runId: 'r' })) } as unknown as Roster
    const look = new Trespasses({ git: testGit(), roster, permitted: this.permitted })
    return (await look.trespasses(this.input, this.base, commit)).map(({ path }) => path)
  }
}
