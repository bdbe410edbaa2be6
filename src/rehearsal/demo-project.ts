import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { stringify } from 'yaml'
import { baseFiles } from './demo/base.ts'
import { pieces, type Piece } from './demo/pieces.ts'

export interface DemoProject {
  /** Absolute path of the git repository, on branch main, clean. */
  readonly repository: string
  readonly tasksFile: string
  /** The rehearsal script, beside the repository. */
  readonly scriptFile: string
  readonly taskIds: readonly string[]
  /** Both must exit 0 in the merged repository; the second fails when any piece is missing. */
  readonly proofs: readonly (readonly string[])[]
}

/** Makes the demo's repository, backlog and script inside `folder`, which must exist. */
export async function makeDemoProject(folder: string): Promise<DemoProject> {
  const repository = join(folder, 'text-stats')
  const tasksFile = join(repository, 'tasks.md')
  const scriptFile = join(folder, 'rehearsal.yaml')
  await mkdir(repository)
  for (const file of [...baseFiles, { path: 'tasks.md', content: demoTasks() }]) await writeInto(repository, file)
  await writeFile(scriptFile, demoScript())
  await commitAll(repository)
  const proofs = [
    ['node', '--test'],
    ['node', 'acceptance.js'],
  ]
  return { repository, tasksFile, scriptFile, taskIds: pieces.map((piece) => piece.id), proofs }
}

/** The backlog of six tasks, two of which need others. */
export function demoTasks(): string {
  return `# Text statistics\n\n${pieces.map(taskEntry).join('\n')}`
}

/** The script with which six sessions write the library, as YAML that a person can read. */
export function demoScript(): string {
  const sessions = pieces.map((piece) => ({ match: { task: piece.id }, steps: sessionSteps(piece) }))
  const head = '# The rehearsed sessions of the demo: real code, real tests, real commits; only the model is scripted.\n'
  return head + stringify({ 'model-delay': '150ms', sessions }, { lineWidth: 0, blockQuote: 'literal' })
}

function taskEntry(piece: Piece): string {
  const needs = piece.needs.length > 0 ? [`  - needs: ${piece.needs.join(', ')}`] : []
  return [
    `- [ ] ${piece.title}`,
    '',
    `  ${piece.body}`,
    '',
    `  - id: ${piece.id}`,
    ...needs,
    `  - owns: ${piece.owns.join(', ')}`,
    '',
  ].join('\n')
}

function sessionSteps(piece: Piece): object[] {
  const obstacle = piece.id === 'frequency' ? [{ fail: { status: 529, times: 1 } }] : []
  return [
    { text: 'I read my task first.', bash: 'cat TASK.md', usage: { input: 4200, output: 60 } },
    ...obstacle,
    {
      text: piece.plan,
      tools: piece.files.map((file) => ({ write: file.path, content: file.content })),
      usage: { input: 900, output: 700, 'cache-read': 4200 },
    },
    { text: 'Now the tests.', bash: 'node --test', usage: { input: 300, output: 40, 'cache-read': 5100 } },
    {
      bash: `git add -A && git commit -qm ${quote(piece.title)} && git log --oneline -1`,
      usage: { input: 400, output: 50, 'cache-read': 5400 },
    },
    { bash: `orch done ${quote(piece.summary)}`, usage: { input: 200, output: 40, 'cache-read': 5800 } },
    { end: `Done: ${piece.summary}.`, usage: { input: 150, output: 30, 'cache-read': 6000 } },
  ]
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

async function writeInto(repository: string, file: { path: string; content: string }): Promise<void> {
  await mkdir(dirname(join(repository, file.path)), { recursive: true })
  await writeFile(join(repository, file.path), file.content)
}

// A fresh machine has no git identity, and a signing key would ask for its passphrase: both are settled in the repository.
async function commitAll(repository: string): Promise<void> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !name.startsWith('GIT_DIR') && !name.startsWith('GIT_WORK_TREE') && !name.startsWith('GIT_INDEX'),
    ),
  )
  const git = (...args: string[]) => promisify(execFile)('git', args, { cwd: repository, env })
  await git('init', '--quiet', '--initial-branch=main')
  await git('config', 'user.name', 'Demo Person')
  await git('config', 'user.email', 'demo@example.com')
  await git('config', 'commit.gpgsign', 'false')
  await git('add', '--all')
  await git('commit', '--quiet', '--message', 'Start text-stats')
}
