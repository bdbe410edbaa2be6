import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { personsContext } from '../../../test/support/cli/persons-context.ts'
import { temporaryTree } from '../../../test/support/temporary.ts'
import { ownCommand, ownMark } from './own-command.ts'
import { instructionsOf, repositoryCommands } from './plugin-files.ts'
import { respond } from './respond.ts'
import { slashCommands } from './slash-commands.ts'

/** What a slash command comes to where no daemon is needed: in a repository of which orch knows nothing, or in none. */
async function typed(line: string, { isRepository = true, files = {} }: { isRepository?: boolean; files?: Record<string, string> } = {}) {
  const [, name = '', rest = ''] = /^(\S+) ?([^]*)$/.exec(line) ?? []
  const command = slashCommands.get(name)
  if (command === undefined) throw new Error(`no command is called ${name}`)
  return respondIn(files, command, rest, isRepository)
}

async function respondIn(files: Record<string, string>, command: Parameters<typeof respond>[1], rest: string, isRepository = true) {
  const folder = temporaryTree({ 'here/a.txt': '', ...files })
  const context = personsContext({ cwd: join(folder, 'here'), home: join(folder, 'orch') })
  if (isRepository) mkdirSync(join(context.cwd, '.git'))
  return respond(context, command, rest)
}

test.each([
  ['status', 'here: no sessions'],
  ['monitor --all', 'No sessions here.'],
  ['inbox', 'Nothing waits for you.'],
  ['answer', 'Nothing waits for you.'],
  ['review', 'nothing to review'],
  ['answer m12', "missing required argument 'words'"],
  ["answer m12 don't", 'nothing waits for you under "m12"'],
  ['deny m12 "twice', 'The quote that begins with " never ends.'],
  ["spawn login 'never closed --budget 3", "The quote that begins with ' never ends."],
  ['status x; touch pwned', 'too many arguments'],
  ['status --json; touch', "unknown option '--json;'"],
  ['monitor --watch', '--watch goes on until Ctrl-C, which needs a terminal.\nNext: orch monitor --watch   in a terminal'],
  ['plan', 'Next: `orch init` writes one'],
  ['spawn a b --nonsense', "unknown option '--nonsense'"],
  ['merge --nonsense api', "unknown option '--nonsense'"],
])('/orch:%s is answered, and the model is not asked', async (line, expected) => {
  expect(await typed(line)).toMatchObject({ kind: 'answer', text: expect.stringContaining(expected) })
})

test.each(['spawn', 'spawn fix the login and the signup', 'run', 'merge', 'quick x', 'create-feature', 'brain-load'])(
  '/orch:%s outside of a repository is answered',
  async (line) => {
    const answered = await typed(line, { isRepository: false })
    expect(answered).toMatchObject({ kind: 'answer', text: expect.stringContaining('is in no git repository') })
    expect(answered.text).toContain('Next: start Claude Code in your repository')
  },
)

test('prose is for the model, which gets what is known besides', async () => {
  const response = await typed("spawn one for the user's guide and one for the API, please")
  expect(response).toMatchObject({ kind: 'facts', leads: true })
  expect(response.text).toMatch(/^Facts from orch .*no instructions/)
  expect(response.text).toContain('`orch list`:\nno tasks yet')
  expect(await typed('brain-load')).toMatchObject({ kind: 'facts', leads: false })
})

test('facts stay below what Claude Code puts into a prompt, and say what they leave out', async () => {
  const backlog = Array.from({ length: 400 }, (_, at) => `- [ ] Task ${at} of a long backlog\n  - id: t${at}\n`).join('')
  const files = { 'here/tasks.md': backlog }
  const { text } = await respondIn(files, () => ({ kind: 'facts', looks: [['plan'], ['plan', '--max=3'], ['plan']], leads: true }), '')
  expect(text.length).toBeLessThan(9000)
  expect(text).toMatch(/\[\d+ of \d+ lines left out; all: orch plan --max=3\]/)
  expect((await typed('plan', { files })).text).toContain('t399')
})

test('a command of ours is known by its namespace, or by what its file says', () => {
  const mine = temporaryTree({ '.claude/commands/merge.md': 'Merge my notes.', 'deep/er/x': '' })
  const ours = temporaryTree({ ...repositoryCommands(), 'deep/er/x': '' })
  expect(ownCommand({ command_name: 'orch:merge', cwd: mine })).toEqual({ name: 'merge', isStub: false })
  expect(ownCommand({ command_name: 'merge', cwd: mine })).toBeUndefined()
  expect(ownCommand({ command_name: 'merge', cwd: join(ours, 'deep', 'er') })).toEqual({ name: 'merge', isStub: true })
  expect(ownCommand({ command_name: '../merge', cwd: ours })).toBeUndefined()
})

test('what orch init --claude writes carries a name, and no instructions that could grow old', () => {
  const files = Object.entries(repositoryCommands())
  expect(files.map(([path]) => path)).toEqual(['.claude/commands/create-feature.md', '.claude/commands/merge.md'])
  for (const [path, text] of files) {
    const name = /([\w-]+)\.md$/.exec(path)?.[1] ?? ''
    expect(text.split('\n')).toContain(ownMark(name))
    expect(text).toContain('disable-model-invocation: true')
    expect(text).not.toContain('1. ')
    expect(instructionsOf(name)).toMatch(/^The person wants [^$]*\n1\. /)
  }
})
