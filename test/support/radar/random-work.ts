import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Random } from '../fleet/random.ts'

/** Small, so that two who work at random often meet. */
export function smallTree(): Record<string, string> {
  const files: Record<string, string> = { '.gitignore': 'ignored/\n*.log\n', 'read me.md': lines(12) }
  for (const folder of ['src', 'src/deep', 'lib', 'docs/näher'])
    for (const name of ['a.ts', 'b.ts', 'c.ts']) files[`${folder}/${name}`] = lines(12, folder + name)
  files['odd/"quoted"\n-name.txt'] = lines(12)
  files['odd/-dash'] = lines(12)
  files['odd/bin'] = '\0\u0001binary\0'
  return files
}

/** Some of what sessions do to a worktree, chosen by `random`; what it chooses never depends on anything else. */
export function workAtRandom(worktree: string, random: Random, steps: number): void {
  for (let step = 0; step < steps; step++) changes[random.between(0, changes.length - 1)]?.(worktree, random)
}

type Change = (worktree: string, random: Random) => void

const edit: Change = (worktree, random) => {
  const path = someFile(worktree, random)
  if (path === undefined) return
  const text = readFileSync(path, 'utf8').split('\n')
  text[random.between(0, Math.max(0, text.length - 1))] = `changed ${random.between(0, 3)}`
  writeFileSync(path, text.join('\n'))
}

const changes: readonly Change[] = [
  edit,
  edit,
  edit,
  (worktree, random) => {
    const path = join(
      worktree,
      pick(random, ['src', 'src/deep', 'lib', 'new', 'docs/näher', 'odd']),
      pick(random, ['x.ts', 'y.ts', '"z"\n.ts', 'ü.md']),
    )
    put(path, lines(random.between(1, 4), `new ${random.between(0, 2)}`))
  },
  (worktree, random) => {
    const path = someFile(worktree, random)
    if (path !== undefined) rmSync(path)
  },
  (worktree, random) => {
    const path = someFile(worktree, random)
    if (path !== undefined) move(path, join(worktree, pick(random, ['src', 'moved', 'lib']), `moved-${random.between(0, 3)}.ts`))
  },
  (worktree, random) =>
    move(join(worktree, pick(random, ['src', 'src/deep', 'lib', 'docs/näher'])), join(worktree, `folder-${random.between(0, 2)}`)),
  (worktree, random) => {
    const folder = join(worktree, pick(random, ['src/deep', 'lib', 'fresh']))
    rmSync(folder, { recursive: true, force: true })
    put(folder, lines(3))
  },
  (worktree, random) => {
    const path = someFile(worktree, random)
    if (path === undefined) return
    rmSync(path)
    put(join(path, 'inside.ts'), lines(3))
  },
  (worktree, random) => {
    const path = someFile(worktree, random)
    if (path !== undefined) chmodSync(path, 0o755)
  },
  (worktree, random) => {
    const path = join(worktree, pick(random, ['link', 'src/link']))
    if (existsSync(dirname(path)) && !existsSync(path)) trying(() => symlinkSync(pick(random, ['src', 'nowhere']), path))
  },
  (worktree) => put(join(worktree, 'ignored/kept-out.txt'), lines(5)),
  (worktree) => put(join(worktree, 'kept-out.log'), lines(5)),
  (worktree) => git(worktree, 'add', '--all'),
  (worktree, random) => {
    git(worktree, 'add', '--all')
    git(worktree, 'commit', '--quiet', '--allow-empty', '--message', `Work ${random.between(0, 9)}`)
  },
]

function someFile(worktree: string, random: Random): string | undefined {
  const files = walk(worktree).filter((path) => !/\/(\.git|ignored)\b|\.log$/.test(path.slice(worktree.length)))
  return files[random.between(0, Math.max(0, files.length - 1))]
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? walk(join(folder, entry.name)) : entry.isFile() ? [join(folder, entry.name)] : []))
}

function move(from: string, to: string): void {
  if (!existsSync(from) || existsSync(to)) return
  trying(() => {
    mkdirSync(dirname(to), { recursive: true })
    renameSync(from, to)
  })
}

function put(path: string, text: string): void {
  trying(() => {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  })
}

/** A file may stand where a folder is wanted, by an earlier change. */
function trying(work: () => void): void {
  try {
    work()
  } catch {
    // Then this one changes nothing.
  }
}

function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[random.between(0, choices.length - 1)] as T
}

function lines(count: number, word = 'line'): string {
  return Array.from({ length: count }, (_, at) => `${word} ${at}\n`).join('')
}

function git(cwd: string, ...args: string[]): void {
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd, stdio: 'pipe' })
}
