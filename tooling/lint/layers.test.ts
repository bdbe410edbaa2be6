import { beforeAll, expect, test } from 'vitest'
import { lint, lintPlanted, root, type Complaint } from './planted.ts'

const value = 'export const value = 1\n'
const targets = {
  'src/foundation/text.ts': value,
  'src/platform/files.ts': value,
  'src/domain/sessions/exit.ts': 'export type Exit = 1\nexport const value = 1\n',
  'src/domain/tasks/task.ts': value,
  'src/ports/git.ts': value,
  'src/ports/git.contract.ts': value,
  'src/protocol/message.ts': value,
  'src/config/options.ts': value,
  'src/workflows/merge.ts': value,
  'src/adapters/git/git.ts': value,
  'src/adapters/claude-code/agent.ts': value,
  'src/rehearsal/server.ts': value,
  'src/daemon/daemon.ts': value,
  'src/tui/screen.ts': value,
  'src/cli/table.ts': value,
  'src/compose.ts': value,
  'test/support/temporary.ts': value,
}

const imports = (...paths: string[]) => paths.map((path, at) => `export { value as v${at} } from '${path}'\n`).join('')

const everything = [
  'foundation',
  'platform',
  'domain',
  'ports',
  'protocol',
  'config',
  'workflows',
  'adapters/git',
  'rehearsal',
  'daemon',
  'tui',
  'cli',
  'compose.ts',
]
const table = [
  { folder: 'foundation', sees: ['foundation'] },
  { folder: 'platform', sees: ['foundation', 'platform'] },
  { folder: 'domain', sees: ['foundation', 'domain'] },
  { folder: 'ports', sees: ['foundation', 'domain', 'ports'] },
  { folder: 'protocol', sees: ['foundation', 'domain', 'protocol'] },
  { folder: 'config', sees: ['foundation', 'domain', 'platform', 'config'] },
  { folder: 'workflows', sees: ['foundation', 'domain', 'ports', 'workflows'] },
  { folder: 'adapters/command', sees: ['foundation', 'platform', 'domain', 'ports'] },
  { folder: 'rehearsal', sees: ['foundation', 'platform', 'domain', 'protocol', 'rehearsal'] },
  { folder: 'daemon', sees: ['foundation', 'platform', 'domain', 'ports', 'protocol', 'config', 'workflows', 'daemon'] },
  { folder: 'tui', sees: ['foundation', 'domain', 'ports', 'protocol', 'tui'] },
  { folder: 'cli', sees: ['foundation', 'platform', 'domain', 'ports', 'protocol', 'config', 'workflows', 'rehearsal', 'tui', 'cli'] },
]
const importerOf = (folder: string, name: string) => `src/${folder}/sees-${name.replaceAll(/[/.]/g, '-')}.ts`

/** In each folder of the table a file for each target, which imports just that one. */
function importEverything(): Record<string, string> {
  const files: Record<string, string> = {}
  for (const { folder } of table) {
    for (const name of everything) {
      const target = Object.keys(targets).find((path) => path.startsWith(`src/${name}`)) ?? name
      files[importerOf(folder, name)] = imports((folder.includes('/') ? '../../' : '../') + target.slice('src/'.length))
    }
  }
  return files
}

let complaints: readonly Complaint[]
beforeAll(() => {
  complaints = lintPlanted({
    ...targets,
    ...importEverything(),
    'src/domain/ways/static.ts': "import { value } from '../../ports/git.ts'\nexport const a = value\n",
    'src/domain/ways/type.ts': "import type { value } from '../../ports/git.ts'\nexport type B = typeof value\n",
    'src/domain/ways/star.ts': "export * from '../../ports/git.ts'\n",
    'src/domain/ways/dynamic.ts': "export const d = () => import('../../ports/git.ts')\n",
    'src/domain/ways/inline-type.ts': "export type E = typeof import('../../ports/git.ts')\n",
    'src/adapters/claude-code/neighbour.ts': imports('../git/git.ts'),
    'src/compose.ts': imports('./adapters/git/git.ts', './workflows/merge.ts'),
    'src/main.ts': imports('./compose.ts', './cli/table.ts'),
    'src/daemon/main.ts': imports('../adapters/git/git.ts', '../workflows/merge.ts'),
    'src/daemon/engine-room.ts': imports('../compose.ts'),
    'src/platform/sees-session-type.ts': "import type { Exit } from '../domain/sessions/exit.ts'\nexport type A = Exit\n",
    'src/platform/sees-task-type.ts': "import type { value } from '../domain/tasks/task.ts'\nexport type C = typeof value\n",
    'src/adapters/git/git.test.ts': imports('../../../test/support/temporary.ts', '../../ports/git.contract.ts', './git.ts'),
    'src/domain/tasks/task.test.ts': imports('../../../test/support/temporary.ts', '../../platform/files.ts', './task.ts'),
    'src/adapters/git/other.test.ts': imports('../../workflows/merge.ts'),
    'src/adapters/git/shipped.ts': imports('../../../test/support/temporary.ts', '../../ports/git.contract.ts'),
    'src/novelty/a.ts': imports('../domain/tasks/task.ts'),
  })
})

function messages(path: string): string[] {
  return complaints.filter(({ file, rule }) => file.startsWith(path) && rule === 'orch(layers)').map(({ message }) => message)
}

test.each(table)('$folder sees $sees and nothing else', ({ folder, sees }) => {
  const refused = everything.filter((name) => messages(importerOf(folder, name)).length > 0)
  expect(refused).toEqual(everything.filter((name) => !sees.includes(name)))
})

test.each(['static', 'type', 'star', 'dynamic', 'inline-type'])(
  'an import by %s is seen, and the message says what to do instead',
  (way) => {
    expect(messages(`src/domain/ways/${way}.ts`)).toEqual([
      expect.stringContaining('domain may not import ports: domain is pure and knows no doors: take the fact as an argument'),
    ])
  },
)

test('adapters do not see each other; the message names both', () => {
  expect(messages('src/adapters/claude-code/')).toEqual([
    expect.stringContaining('adapters/claude-code may not import adapters/git: an adapter knows its own port only'),
  ])
})

test('only compose.ts joins adapters and workflows; entry points take them from there', () => {
  expect(messages('src/compose.ts')).toEqual([])
  expect(messages('src/main.ts')).toEqual([])
  expect(messages('src/daemon/main.ts')).toEqual([expect.stringContaining('src/daemon/main.ts may not import adapters/git')])
  expect(messages('src/daemon/engine-room.ts')).toEqual([
    expect.stringContaining('daemon may not import src/compose.ts: only an entry point'),
  ])
})

test('platform sees the domain only through types of sessions', () => {
  expect(messages('src/platform/sees-session-type.ts')).toEqual([])
  expect(messages('src/platform/sees-task-type.ts')).toHaveLength(1)
  expect(messages('src/platform/sees-domain.ts')).toHaveLength(1)
})

test('tests see test/support, contracts and platform, but no other layer; shipped code sees no test code', () => {
  expect(messages('src/adapters/git/git.test.ts')).toEqual([])
  expect(messages('src/domain/tasks/task.test.ts')).toEqual([])
  expect(messages('src/adapters/git/other.test.ts')).toEqual([expect.stringContaining('adapters/git may not import workflows')])
  expect(messages('src/adapters/git/shipped.ts')).toEqual([
    expect.stringContaining('test/support/temporary.ts lies outside src/'),
    expect.stringContaining('src/ports/git.contract.ts is test code'),
  ])
})

test('a folder that nobody placed in the layers is refused', () => {
  expect(messages('src/novelty/')).toEqual([expect.stringContaining('belongs to no layer')])
})

// All of the tree: with others at work beside it that took 20 s.
test('this repository keeps every rule', { timeout: 180_000 }, () => {
  expect(lint(root).filter((complaint) => complaint.severity === 'error')).toEqual([])
})
