import { execFile, execFileSync } from 'node:child_process'
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gitRadar } from '../src/adapters/git/radar/radar.ts'
import { parseSha, type Sha } from '../src/foundation/brand.ts'
import type { OpenRadar, PairOverlap } from '../src/ports/radar.ts'
import { Random } from '../test/support/fleet/random.ts'
import { mergeFully } from '../test/support/radar/full-merges.ts'
import { makeFolder, removeFolder } from '../test/support/temporary.ts'
import type { Figure } from './figure.ts'

const folders = 400
const filesInFolder = 50
const worktrees = 50

/**
 * The radar over 50 dirty worktrees of a repository of 20,000 files: from nothing with the paths that tools and watchers told, with a look at
 * everything, and after one edit. What it finds is compared with full merges of every pair, and what it leaves with what was there.
 */
export async function measureRadar(runs: number): Promise<readonly Figure[]> {
  const folder = makeFolder('orch-bench-radar-')
  try {
    const fleet = await layFleet(folder)
    const before = standingOf(folder)
    const known: number[] = []
    const whole: number[] = []
    const one: number[] = []
    let found: readonly PairOverlap[] = []
    const everything = new Map(fleet.paths.map((path) => [path, 'unknown' as const]))
    for (let run = 0; run < runs; run++) {
      known.push(await timed(fleet, async (sweep) => (found = await sweep(fleet.dirty))))
      whole.push(await timed(fleet, (sweep) => sweep(everything)))
    }
    const left = standingOf(folder)
    const isIdentical = before.files === left.files
    const full = mergeFully(
      fleet.paths.map((path) => ({ name: path.slice(folder.length + 1), path })),
      fleet.target,
    )
    const wrong = difference(render(found, folder), full.conflicts)
    const radar = await openRadar(fleet)
    try {
      await sweepOf(radar, fleet)(fleet.dirty)
      for (let run = 0; run < runs * 4; run++) {
        const path = fleet.paths[(run * 7) % worktrees] ?? ''
        const file = hotFile(run % 8)
        writeFileSync(join(path, file), `${readIfThere(join(path, file))}one more line ${run}\n`)
        const startedAt = performance.now()
        await sweepOf(radar, fleet)(new Map([[path, [file]]]))
        one.push(performance.now() - startedAt)
      }
    } finally {
      await radar.close()
    }
    const pairs = `${full.merged} pairs, ${full.conflicts.length} conflict`
    return [
      {
        id: 'radar-cold',
        what: `radar over ${worktrees} dirty worktrees from nothing, paths told`,
        unit: 'ms',
        goal: 2000,
        samples: known,
        note: pairs,
      },
      {
        id: 'radar-sweep',
        what: `radar, every file of all ${worktrees} looked at`,
        unit: 'ms',
        samples: whole,
        note: 'git stats 20,000 files in each',
      },
      { id: 'radar-one', what: 'radar after an edit in one worktree', unit: 'ms', goal: 100, samples: one },
      { id: 'radar-wrong', what: 'radar: overlaps that differ from full merges', unit: 'count', goal: 0, samples: [wrong.length] },
      {
        id: 'radar-objects',
        what: "radar: objects written to the user's repository",
        unit: 'count',
        goal: 0,
        samples: [left.objects - before.objects],
      },
      { id: 'radar-touched', what: 'radar: worktrees or indexes touched', unit: 'count', goal: 0, samples: [isIdentical ? 0 : 1] },
    ]
  } finally {
    removeFolder(folder)
  }
}

interface Fleet {
  readonly root: string
  readonly target: Sha
  readonly paths: readonly string[]
  readonly dirty: ReadonlyMap<string, readonly string[]>
}

type Changes = ReadonlyMap<string, readonly string[] | 'unknown'>

type Sweep = (changes: Changes) => Promise<readonly PairOverlap[]>

async function timed(fleet: Fleet, work: (sweep: Sweep) => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  const radar = await openRadar(fleet)
  try {
    await work(sweepOf(radar, fleet))
    return performance.now() - startedAt
  } finally {
    await radar.close()
  }
}

function openRadar(fleet: Fleet): Promise<OpenRadar> {
  return gitRadar.open(fleet.root, (error) => {
    throw error
  })
}

function sweepOf(radar: OpenRadar, fleet: Fleet): Sweep {
  return async (changes) => {
    const snapshots = await radar.snapshotWorktrees(fleet.paths.map((path) => ({ path, changed: changes.get(path) ?? [] })))
    if (snapshots.length !== worktrees) throw new Error('the radar does not see all worktrees')
    const target = { name: 'main', commit: fleet.target }
    return radar.overlaps(snapshots.map(({ path, commit }) => ({ path, commit, target })))
  }
}

async function layFleet(folder: string): Promise<Fleet> {
  const root = join(folder, 'repo')
  mkdirSync(root)
  const git = (cwd: string, ...args: string[]): string =>
    execFileSync('git', args, { cwd, env, encoding: 'utf8', maxBuffer: 1 << 28 }).trim()
  git(root, 'init', '-q', '-b', 'main')
  // Nothing but the radar may touch the objects meanwhile.
  git(root, 'config', 'gc.auto', '0')
  for (let at = 0; at < folders * filesInFolder; at++) put(join(root, fileAt(at)), lines(30, fileAt(at)))
  git(root, 'add', '--all')
  git(root, 'commit', '-qm', 'Begin')
  const random = new Random(1)
  const paths: string[] = []
  for (let at = 0; at < worktrees; at += 5) {
    const batch = Array.from({ length: 5 }, (_, index) => join(folder, `w${String(at + index).padStart(2, '0')}`))
    for (const path of batch) await promisify(execFile)('git', ['worktree', 'add', '-q', '--detach', path], { cwd: root, env })
    paths.push(...batch)
    // Each few fork from a later commit of the target.
    put(join(root, hotFile(random.between(0, 40))), lines(30, `target ${at}`))
    git(root, 'commit', '-qam', `The target goes on ${at}`)
  }
  const dirty = new Map(paths.map((path) => [path, workIn(path, random, git)]))
  return { root, target: requireSha(git(root, 'rev-parse', 'HEAD')), paths, dirty }
}

/** What a session leaves: mostly a handful of files, now and then a commit, a new file, a rename, many files. */
function workIn(path: string, random: Random, git: (cwd: string, ...args: string[]) => string): string[] {
  const changed: string[] = []
  const write = (file: string, text: string): void => {
    put(join(path, file), text)
    changed.push(file)
  }
  const edits = random.between(0, 9) === 0 ? 120 : random.between(1, 5)
  for (let edit = 0; edit < edits; edit++) {
    const file = random.between(0, 3) === 0 ? hotFile(random.between(0, 60)) : fileAt(random.between(0, folders * filesInFolder - 1))
    const text = readIfThere(join(path, file)).split('\n')
    text[random.between(0, 29)] = `edited ${random.between(0, 999)}`
    write(file, text.join('\n'))
    if (edit === 1 && random.between(0, 2) === 0) git(path, 'commit', '-qam', 'Work')
  }
  write(`pkg0/src0/new-${random.between(0, 30)}.ts`, lines(10, path.slice(-3)))
  if (random.between(0, 4) === 0) {
    const [from, to] = [fileAt(random.between(0, 200)), `moved/file-${random.between(0, 20)}.ts`]
    mkdirSync(join(path, 'moved'), { recursive: true })
    renameSync(join(path, from), join(path, to))
    changed.push(from, to)
  }
  return changed
}

function fileAt(at: number): string {
  const inFolder = Math.floor(at / filesInFolder)
  return `pkg${Math.floor(inFolder / 20)}/src${inFolder % 20}/file${at % filesInFolder}.ts`
}

/** What many work on. */
function hotFile(at: number): string {
  return fileAt(at * 311)
}

/** Names, modes, sizes and times of everything, the content of indexes; of objects the number, as git marks those that it meets again. */
function standingOf(folder: string): { readonly files: string; readonly objects: number } {
  const digest = createHash('sha256')
  let objects = 0
  const walk = (path: string): void => {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const below = join(path, entry.name)
      if (entry.isDirectory()) walk(below)
      else if (below.includes('/.git/objects/')) objects++
      else {
        const { mode, size, mtimeMs, ctimeMs, ino } = lstatSync(below)
        digest.update(`${below} ${mode} ${size} ${mtimeMs} ${ctimeMs} ${ino}\n`)
        if (entry.name === 'index') digest.update(readFileSync(below))
      }
    }
  }
  walk(folder)
  return { files: digest.digest('hex'), objects }
}

function render(overlaps: readonly PairOverlap[], folder: string): string[] {
  return overlaps.map(({ one, other, files }) => {
    const second = other.kind === 'target' ? 'target' : other.path.slice(folder.length + 1)
    return `${one.slice(folder.length + 1)} + ${second}: ${files
      .map(({ path }) => path)
      .sort()
      .join(', ')}`
  })
}

function difference(one: readonly string[], other: readonly string[]): string[] {
  return [...one.filter((line) => !other.includes(line)), ...other.filter((line) => !one.includes(line))]
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function lines(count: number, word: string): string {
  return Array.from({ length: count }, (_, at) => `export const line${at} = '${word}'\n`).join('')
}

function requireSha(text: string): Sha {
  const sha = parseSha(text)
  if (sha === undefined) throw new Error(`${text} is no commit`)
  return sha
}

const person = { NAME: 'Bench', EMAIL: 'bench@example.invalid' }
const env = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: person.NAME,
  GIT_AUTHOR_EMAIL: person.EMAIL,
  GIT_COMMITTER_NAME: person.NAME,
  GIT_COMMITTER_EMAIL: person.EMAIL,
}
