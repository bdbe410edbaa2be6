import { mkdirSync } from 'node:fs'
import { resolve } from 'node:path'
import type { AnswerKey } from './answer-key.ts'
import type { GeneratedSet } from './sets/generate.ts'
import { plainEnvironment, runProgram } from './run-program.ts'

export async function git(folder: string, args: readonly string[], input?: string): Promise<string> {
  const ended = await runProgram('git', args, { cwd: folder, ...(input === undefined ? {} : { input }) })
  if (ended.code !== 0) throw new Error(`git ${args.join(' ')} in ${folder}: ${ended.stderr}`)
  return ended.stdout.trim()
}

/** A repository with the target checked out; branches begin at one of its newest three commits. */
export async function writeRepository(folder: string, set: GeneratedSet): Promise<void> {
  mkdirSync(folder, { recursive: true })
  await git(folder, ['init', '-q', '-b', set.key.target])
  await git(folder, ['fast-import', '--quiet'], streamOf(set))
  await git(folder, ['checkout', '-qf', set.key.target])
}

function streamOf({ base, branches, key }: GeneratedSet): string {
  const parts: string[] = []
  let mark = 0
  const commit = (ref: string, subject: string, changes: Readonly<Record<string, string | undefined>>, from?: number): number => {
    mark += 1
    const person = `Author <author@example.invalid> ${1_700_000_000 + mark * 60} +0000`
    parts.push(`commit ${ref}\nmark :${mark}\ncommitter ${person}\n${sized(subject)}${from === undefined ? '' : `from :${from}\n`}`)
    for (const [path, text] of Object.entries(changes))
      parts.push(text === undefined ? `D ${path}\n` : `M 100644 inline ${path}\n${sized(text)}`)
    return mark
  }
  const target = `refs/heads/${key.target}`
  const first = commit(target, 'Begin', base)
  const second = commit(target, 'Note what changed', { 'CHANGELOG.md': '# Changes\n' }, first)
  const starts = [first, second, commit(target, 'Say who may help', { 'CONTRIBUTING.md': '# Help\n\nAll may.\n' }, second)]
  branches.forEach(({ name, subject, changes }, index) => commit(`refs/heads/${name}`, subject, changes, starts[index % starts.length]))
  return parts.join('')
}

function sized(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`
}

/** Pairs of branches that git cannot merge, in sorted order. Writes nothing into the repository. */
export async function findConflicts(folder: string, scratch: string, key: AnswerKey): Promise<string[][]> {
  mkdirSync(scratch, { recursive: true })
  const pairs = key.branches.flatMap((a, index) => key.branches.slice(index + 1).map((b) => [a, b]))
  const objects = await git(folder, ['rev-parse', '--git-path', 'objects'])
  const ended = await runProgram('git', ['merge-tree', '--stdin', '-z', '--name-only', '--no-messages'], {
    cwd: folder,
    input: pairs.map((pair) => `${pair.join(' ')}\n`).join(''),
    environment: { ...plainEnvironment(), GIT_OBJECT_DIRECTORY: scratch, GIT_ALTERNATE_OBJECT_DIRECTORIES: resolve(folder, objects) },
  })
  // Of each pair: 1 or 0 (clean or not), its tree, the files in conflict, and an empty end.
  const answers = ended.stdout.match(/[01]\0[0-9a-f]{40}\0(?:[^\0]+\0)*\0/g) ?? []
  if (ended.code !== 0 || answers.length !== pairs.length)
    throw new Error(`merge-tree told ${answers.length} of ${pairs.length}: ${ended.stderr}`)
  return pairs.filter((_, index) => answers[index]?.startsWith('0'))
}
