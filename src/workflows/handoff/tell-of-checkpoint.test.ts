import { expect, test } from 'vitest'
import { testEngine } from '../../../test/support/engine.ts'
import type { BoardMessage, NewMessage } from '../../domain/board/message.ts'
import type { Contract } from '../../domain/features/department.ts'
import { TaskLife } from '../life/task-life.ts'
import type { Services } from '../services.ts'
import type { TaskInput } from '../task-input.ts'
import { tellOfCheckpoint } from './tell-of-checkpoint.ts'

const [BASE, FIRST, SECOND] = ['b', 'c', 'd'].map((letter) => letter.repeat(40)) as [string, string, string]
const CONTRACT: Contract = { files: ['src/contracts/**'], owner: 'api' }

interface World {
  readonly changed?: readonly string[]
  readonly contracts?: readonly Contract[]
  readonly said?: readonly BoardMessage[]
  readonly isPart?: boolean
  readonly diff?: string
}

/** What the part `p.f.api` tells of its checkpoints; what the board was given, by key, and what git was asked. */
async function told(commits: readonly string[], { changed = [], contracts = [CONTRACT], said = [], isPart = true, diff = '+a\n' }: World) {
  const posted = new Map<string, NewMessage>()
  const asked: string[] = []
  const services = {
    now: () => 1,
    stableId: (text: string) => text,
    worktrees: { base: async () => ({ commit: BASE }) },
    repository: async () => ({
      changes: async (from: string, to: string) => {
        asked.push(`${from[0]}..${to[0]}`)
        return { files: changed.map((path) => ({ path })), isCut: false }
      },
      diff: async () => ({ text: diff, files: [], isCut: false }),
    }),
    board: {
      post: async (_project: string, message: NewMessage, key: string) => {
        posted.set(key, message)
        return key
      },
      messagesOf: async () => said,
    },
  } as unknown as Services
  const departments = ['api', 'ui', 'docs'].map((name) => ({ name, owns: [], reviews: [], hasVeto: false }))
  const part = { feature: 'p.f', run: 'p.f#1', department: departments[0], departments, contracts }
  const input = {
    handle: 'p.f.api',
    project: 'p',
    repository: '/repo',
    task: { id: 'api', title: 'api', body: '', needs: [], owns: [] },
    settings: {},
    ...(isPart && { part }),
  }
  const engine = testEngine()
  engine.workflow('part', async (run) => {
    const life = new TaskLife(run, input as unknown as TaskInput, services)
    await life.fixBase()
    for (const commit of commits) await tellOfCheckpoint(life, commit)
  })
  await engine.launch()
  await (await engine.start('part', null, { id: 'run' })).result()
  return { posted, messages: [...posted.values()], asked }
}

const need = (from: string, to: readonly string[], paths: readonly string[]): BoardMessage => {
  const facts = { project: 'p', feature: 'p.f', writtenAt: 1, takenAt: 1, hops: 0, source: '' }
  return { id: `n-${from}`, kind: 'need', from, to, text: 'please', about: { paths }, ...facts }
}

test('what its owner changed of a contract is announced with the diff to those that need it, each checkpoint once and from the one before', async () => {
  const { messages, posted, asked } = await told([FIRST, FIRST, SECOND], {
    changed: ['src/contracts/pay.ts', 'src/a.ts'],
    contracts: [{ ...CONTRACT, neededBy: ['ui'] }],
    diff: '+const fence = "```"\n',
  })
  expect(asked).toEqual(['b..c', 'c..d'])
  expect([...posted.keys()]).toEqual([`run contract ${FIRST}`, `run contract ${SECOND}`])
  expect(messages[0]).toMatchObject({
    kind: 'contract',
    from: 'p.f.api',
    to: ['p.f.ui'],
    feature: 'p.f',
    about: {
      commit: FIRST,
      paths: ['src/contracts/pay.ts'],
    },
  })
  expect(messages[0]?.text).toContain('````diff\n+const fence = "```"\n````')
})

test('where nobody declared a need all others get a notice without the diff', async () => {
  const { messages } = await told([FIRST], { changed: ['src/contracts/pay.ts'] })
  expect(messages).toMatchObject([{ to: ['p.f.ui', 'p.f.docs'] }])
  expect(messages[0]?.text).toBe(
    `I changed the contract in \`src/contracts/pay.ts\`. It is commit ${FIRST}: \`git merge ${FIRST}\` gets it.`,
  )
})

test('who waits for paths that the checkpoint changed is answered by orch; a long diff is cut', async () => {
  const said = [need('p.f.ui', ['p.f.api'], ['src/contracts']), need('p.f.docs', ['p.f.ui'], ['src/contracts'])]
  const { messages, posted } = await told([FIRST], { changed: ['src/contracts/pay.ts'], said, diff: '+line\n'.repeat(5000) })
  expect([...posted.keys()]).toEqual([`run contract ${FIRST}`, 'run offer n-p.f.ui'])
  expect(messages[0]?.to).toEqual(['p.f.ui', 'p.f.docs'])
  expect(messages[0]?.text.length).toBeLessThan(7000)
  expect(messages[1]).toMatchObject({ kind: 'offer', from: 'orch', to: ['p.f.ui'], inReplyTo: 'n-p.f.ui', about: { commit: FIRST } })
})

test('what concerns no contract and no need is not spoken of, and a task that is no part does not even look', async () => {
  expect((await told([FIRST], { changed: ['src/a.ts'] })).messages).toEqual([])
  expect((await told([FIRST], { isPart: false })).asked).toEqual([])
})
