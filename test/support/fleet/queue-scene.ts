import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { MergeResponse } from '../../../src/protocol/responses.ts'
import { until } from '../eventually.ts'
import { runToEnd } from '../orch.ts'
import { writeTree } from '../temporary.ts'
import type { FleetScene } from './fleet.ts'

/** What a branch changes, by path; `null` takes a file away. */
export type BranchChanges = Readonly<Record<string, Readonly<Record<string, string>>>>

/**
 * Every test is a shell script under `tests/`. Which trees were tested, and how it ended, is written down by the validation itself, outside
 * of orch; with a gate it waits there until the test opens it.
 */
const check = `#!/bin/sh
tree=$(git rev-parse 'HEAD^{tree}')
echo "$tree" >> "$QUEUE_WITNESS.begun"
if [ -n "$QUEUE_GATE" ]; then until [ -e "$QUEUE_GATE" ]; do sleep 0.05; done; fi
number=0 failed=0
for one in tests/*.sh; do
  number=$((number + 1))
  if sh "$one"; then echo "ok $number - $one"; else echo "not ok $number - $one"; failed=1; fi
done
echo "1..$number"
[ -z "$(git status --porcelain)" ] || exit 3
[ "$failed" = 0 ] && echo "$tree" >> "$QUEUE_WITNESS"
exit "$failed"
`

const files = {
  'README.md': '# A queue\n',
  'orch.yaml': 'target: main\nvalidate:\n  - test: sh check.sh\n    report: tap\n',
  'check.sh': check,
  'shared.txt': 'one\ntwo\nthree\n',
  'tests/readme.sh': 'test -s README.md\n',
  'tests/apart.sh': '! { test -e left.txt && test -e right.txt; }\n',
}

/** Eight branches of which five can land, whatever happens on the way. */
export const EIGHT: BranchChanges = {
  'agent/1': { 'parts/1.txt': '1\n', 'tests/1.sh': 'test -s parts/1.txt\n' },
  'agent/2': { 'left.txt': 'left\n' },
  'agent/3': { 'tests/3.sh': 'test -s nowhere.txt\n' },
  'agent/4': { 'shared.txt': 'one\ntwo, said four\nthree\n' },
  'agent/5': { 'parts/5.txt': '5\n' },
  'agent/6': { 'right.txt': 'right\n' },
  'agent/7': { 'shared.txt': 'one\ntwo, said seven\nthree\n' },
  'agent/8': { 'parts/8.txt': '8\n', 'tests/8.sh': 'test -s parts/8.txt\n' },
}
export const EIGHT_LANDABLE = ['agent/1', 'agent/2', 'agent/4', 'agent/5', 'agent/8']

export interface JournalRecord {
  readonly type: string
  readonly run: string
  readonly input?: { readonly offer?: { readonly entry: { readonly branch: string } } }
}

/** A repository with branches that are no task's, and what must hold of its target whatever was killed or came in between. */
export class QueueScene {
  readonly scene: FleetScene
  readonly repository: string
  readonly branches: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly #witness: string
  readonly #start: string
  readonly #checkout: string

  /** `isAway`: the user works on a branch of their own, with changes in the index, in files, and in files that git does not know. */
  static async begin(scene: FleetScene, name: string, branches: BranchChanges, { isAway = false } = {}): Promise<QueueScene> {
    const repository = join(scene.orch.folder, name)
    const git = gitIn(scene, repository)
    mkdirSync(repository)
    writeTree(repository, files)
    await git('init', '-q', '-b', 'main')
    await git('add', '-A')
    await git('commit', '-qm', 'Begin')
    for (const [branch, changes] of Object.entries(branches)) {
      await git('switch', '-qc', branch, 'main')
      writeTree(repository, changes)
      await git('add', '-A')
      await git('commit', '-qm', `Work on ${branch}`)
    }
    await git('switch', '-q', ...(isAway ? ['-c', 'mine'] : []), 'main')
    if (isAway) {
      writeTree(repository, { 'README.md': '# Mine\n', 'shared.txt': 'mine\n', 'unknown.txt': 'mine too\n' })
      await git('add', 'README.md')
    }
    return new QueueScene(scene, repository, Object.keys(branches), await git('rev-parse', 'main'))
  }

  private constructor(scene: FleetScene, repository: string, branches: readonly string[], start: string) {
    this.scene = scene
    this.repository = repository
    this.branches = branches
    this.#witness = `${repository}.tested`
    this.#start = start
    this.environment = { ...scene.environment, QUEUE_WITNESS: this.#witness, QUEUE_GATE: '' }
    this.#checkout = this.checkoutHash()
  }

  git(...args: string[]): Promise<string> {
    return gitIn(this.scene, this.repository)(...args)
  }

  /** As `orch merge` does. */
  offer(names = this.branches, environment = this.environment): Promise<MergeResponse> {
    return this.scene.call('POST', '/v1/merge', { cwd: this.repository, names, environment })
  }

  async answer(id: string): Promise<MergeResponse> {
    return this.scene.call('GET', `/v1/merge/${encodeURIComponent(id)}`)
  }

  /** Until nothing of this question is open any more. */
  untilDone(id: string, deadlineMs = 60_000): Promise<MergeResponse> {
    let last: MergeResponse | undefined
    return until(async () => ((last = await this.answer(id)).isDone ? last : undefined), { what: 'all is decided', deadlineMs }).catch(
      (cause: unknown) => {
        throw new Error(JSON.stringify(last, undefined, 1), { cause })
      },
    )
  }

  /** Of the daemon's journal; a last line that is half written is none. */
  records(): JournalRecord[] {
    const journal = join(this.scene.orch.orchHome, 'journal', 'events.jsonl')
    const lines = existsSync(journal) ? readFileSync(journal, 'utf8').split('\n') : []
    return lines.slice(0, -1).map((line) => JSON.parse(line) as JournalRecord)
  }

  /** Every run that began has ended: of the entries and of the batches. */
  isSettled(): boolean {
    const of = (type: string): string[] => this.records().flatMap((record) => (record.type === type ? [record.run] : []))
    const ended = new Set(of('end'))
    return of('start').every((run) => ended.has(run))
  }

  /** Which trees the validation began with, the same one as often as it was tested. */
  begun(): string[] {
    return linesOf(`${this.#witness}.begun`)
  }

  /** The validation of later runs waits at this gate; `open` lets all go on. */
  gate(): { readonly environment: Readonly<Record<string, string>>; open(): void } {
    const path = `${this.repository}.gate`
    return { environment: { ...this.environment, QUEUE_GATE: path }, open: () => writeFileSync(path, '') }
  }

  /** Everything that the user sees of their checkout, byte by byte, with the index. */
  checkoutHash(): string {
    const hash = createHash('sha256')
    const names = readdirSync(this.repository, { recursive: true, encoding: 'utf8' }).filter(
      (name) => name !== '.git' && !name.startsWith('.git/'),
    )
    for (const name of [...names.toSorted(), '.git/index', '.git/HEAD']) {
      const path = join(this.repository, name)
      hash.update(`${name}\0`)
      if (statSync(path).isFile()) hash.update(readFileSync(path))
    }
    return hash.digest('hex')
  }

  expectCheckoutUntouched(): void {
    expect(this.checkoutHash(), 'the checkout of the user, or its index, was changed').toBe(this.#checkout)
  }

  tree(commit = 'main'): Promise<string> {
    return this.git('rev-parse', `${commit}^{tree}`)
  }

  /** Where the target stood after its start, the oldest first. */
  async positions(): Promise<string[]> {
    const all = (await this.git('reflog', 'show', '--format=%H', 'refs/heads/main')).split('\n').toReversed()
    return all.slice(all.lastIndexOf(this.#start) + 1)
  }

  /** Every position of the target but those of the user is a tree whose validation passed, by the word of the validation itself. */
  async expectTested(ofTheUser: readonly string[] = []): Promise<void> {
    const passed = new Set(linesOf(this.#witness))
    for (const commit of await this.positions())
      if (!ofTheUser.includes(commit)) expect(passed, `${commit} landed untested`).toContain(await this.tree(commit))
  }

  /** Exactly these, each by one merge commit. */
  async expectLandedOnce(names: readonly string[]): Promise<void> {
    const merges = (await this.git('log', '--first-parent', '--merges', '--format=%P', `${this.#start}..main`)).split('\n')
    const landed = merges.flatMap((line) => line.split(' ')[1] ?? [])
    const heads = await Promise.all(names.map((name) => this.git('rev-parse', name)))
    expect(landed.toSorted((a, b) => a.localeCompare(b))).toEqual(heads.toSorted((a, b) => a.localeCompare(b)))
  }
}

function gitIn(scene: FleetScene, cwd: string): (...args: string[]) => Promise<string> {
  return async (...args) => {
    const ended = await runToEnd('git', args, { cwd, environment: scene.environment })
    if (ended.code !== 0) throw new Error(`git ${args.join(' ')}: ${ended.stderr}`)
    return ended.stdout.trim()
  }
}

function linesOf(path: string): string[] {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
}
