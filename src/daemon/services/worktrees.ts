import { createHash } from 'node:crypto'
import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Failure } from '../../foundation/failure.ts'
import type { Sha, TaskId } from '../../foundation/brand.ts'
import { plainLine } from '../../foundation/text.ts'
import { renderLearning } from '../../domain/brain/learning.ts'
import { toldLine } from '../../domain/brain/relevance.ts'
import { renderBlueprint, renderNotesFile, renderTaskFile } from '../../domain/tasks/prompts.ts'
import { tickTask } from '../../domain/backlog/tick.ts'
import { loadText, replaceFile } from '../../platform/files.ts'
import { uuid } from '../../platform/ids.ts'
import type { EnsuredWorktree, Git, GuardState, UnknownFilter } from '../../ports/git.ts'
import type { EnsuredTask, Worktrees as WorktreesPort } from '../../workflows/services.ts'
import { taskFacts } from '../../workflows/talk/words.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { Brain } from '../brain/brain.ts'
import { ensureExchangeFolder } from '../exchange/exchange-folder.ts'
import type { Outbox } from '../board/outbox.ts'
import type { WorktreePools } from '../provision/worktree-pools.ts'
import { NOT_RUN } from './ref-audit.ts'

/** How long one fetch serves all tasks that begin. */
const FETCH_SERVES_MS = 30_000

export class Worktrees implements WorktreesPort {
  readonly #git: Git
  readonly #outbox: Outbox
  readonly #now: () => number
  readonly #pools: Pick<WorktreePools, 'during'>
  readonly #brain: Pick<Brain, 'chosenFor'>
  readonly #fetched = new Map<string, { at: number; base: Promise<{ commit: Sha; isFetched: boolean; reason?: string }> }>()

  constructor(git: Git, outbox: Outbox, now: () => number, pools: Pick<WorktreePools, 'during'>, brain: Pick<Brain, 'chosenFor'>) {
    this.#git = git
    this.#outbox = outbox
    this.#now = now
    this.#pools = pools
    this.#brain = brain
  }

  /** Named revision, else the newest of: what orch landed or is about to land, and what the remote has on top of it. */
  async base(input: TaskInput): Promise<{ commit: string; note?: string }> {
    const repository = await this.#git.open(input.repository)
    if (input.base !== undefined) {
      const named = await repository.resolve(input.base)
      if (named === undefined) throw new Failure('unknown-base', `there is no commit ${input.base}`, { next: 'git log --all --oneline' })
      return { commit: named }
    }
    const [tip, fresh] = await Promise.all([repository.targetTip(input.target), this.#fresh(input)])
    const isRemoteAhead = fresh.commit !== tip.commit && (await repository.isAncestor(tip.commit, fresh.commit))
    if (isRemoteAhead) return { commit: fresh.commit }
    return { commit: tip.commit, ...(fresh.reason !== undefined && { note: `starts from the local ${input.target}: ${fresh.reason}` }) }
  }

  async ensure(input: TaskInput, base: string): Promise<EnsuredTask> {
    const repository = await this.#git.open(input.repository)
    const facts = taskFacts(input)
    const [blueprint, learned] = await Promise.all([loadText(join(repository.root, 'CLAUDE.md')), this.#brain.chosenFor(input)])
    const lines = learned.map((each) => toldLine(each, '.orch/brain/'))
    const request = {
      path: input.worktree,
      branch: input.branch,
      base: base as Sha,
      copy: input.settings.copy,
      files: {
        'TASK.md': renderTaskFile(facts, lines),
        'AGENT_NOTES.md': renderNotesFile(facts),
        'CLAUDE.md':
          blueprint ??
          renderBlueprint({ repo: basename(repository.root), ...(facts.validate !== undefined && { validate: facts.validate }) }),
      },
    }
    const [made, guard, filters] = await Promise.all([
      this.#pools.during(input, request.base, () => repository.ensureWorktree(request)),
      repository.installGuard(),
      repository.unknownFilters(),
    ])
    const whole = learned.map(({ name, learning }) => [`brain/${name}`, renderLearning(learning).trimEnd()])
    await ensureExchangeFolder(input.worktree, { base, task: input.handle, ...Object.fromEntries(whole) })
    this.#outbox.follow(input)
    const { sha, subject, at } = made.lastCommit
    return { lastCommit: { sha, subject, at }, notes: notesOf(made, guard, filters) }
  }

  /** The user's own file, when the tick could not be committed: one byte, and only if nobody changed the file meanwhile. */
  async tickFile(input: TaskInput): Promise<void> {
    const { backlog, settings } = input
    if (backlog === undefined || settings.tick === 'never') return
    const path = join(input.repository, backlog)
    const before = await readFile(path).catch(() => undefined)
    if (before === undefined) return
    const ticked = tickTask(before, input.task.id as TaskId, input.task.title)
    if (ticked.kind !== 'ticked') return
    const { mode } = await stat(path)
    const draft = join(dirname(path), `.${basename(path)}.${uuid()}`)
    await writeFile(draft, ticked.bytes, { mode })
    const now = await readFile(path)
    if (now.equals(before)) await rename(draft, path)
    else await replaceFile(path, tickAgain(now, input), { mode })
  }

  #fresh(input: TaskInput): Promise<{ commit: Sha; isFetched: boolean; reason?: string }> {
    const key = createHash('sha256').update(`${input.repository}\0${input.target}`).digest('hex')
    const known = this.#fetched.get(key)
    if (known !== undefined && this.#now() - known.at < FETCH_SERVES_MS) return known.base
    const base = this.#git.open(input.repository).then((repository) => repository.freshBase(input.target))
    this.#fetched.set(key, { at: this.#now(), base })
    base.catch(() => this.#fetched.delete(key))
    return base
  }
}

/** What a person would want to know of the new worktree, and what the session may stumble over. */
function notesOf(made: EnsuredWorktree, guard: GuardState, filters: readonly UnknownFilter[]): string[] {
  const skipped = made.skipped.map(({ path, reason }) => `${path} was not copied: ${reason}`)
  return [
    ...skipped,
    ...made.notes,
    ...filters.map(
      ({ name }) => `the git filter ${plainLine(name)} came into the repository's configuration after orch began here; ${NOT_RUN}`,
    ),
    ...(guard.kind === 'audit-only' ? [`the guard of other branches is not installed: ${guard.reason}`] : []),
  ]
}

function tickAgain(bytes: Buffer, input: TaskInput): Uint8Array {
  const ticked = tickTask(bytes, input.task.id as TaskId, input.task.title)
  return ticked.kind === 'ticked' ? ticked.bytes : bytes
}
