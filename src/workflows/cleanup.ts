import { Failure } from '../foundation/failure.ts'
import type { Engine, Run } from '../ports/engine.ts'
import type { Sha } from '../foundation/brand.ts'
import type { RemovalPlan, RemovalRefusal, Repository } from '../ports/git.ts'
import type { Services } from './services.ts'
import type { TaskInput } from './task-input.ts'

export type CleanupInput = {
  readonly task: TaskInput
  readonly isRemote: boolean
  readonly reason: string
  /** Unmerged work may go: its commits stay on their branch, and what was uncommitted under a backup ref. */
  readonly isAbandoned: boolean
}

export type CleanupOutcome =
  | {
      readonly kind: 'removed'
      readonly steps: readonly string[]
      readonly archive: string
      readonly notes: string
      /** Where the branch was, and the backup ref of what was not committed. */
      readonly head?: Sha
      readonly backup?: string
    }
  | { readonly kind: 'refused'; readonly reason: string; readonly steps: readonly string[] }

export function defineCleanup(engine: Engine, services: Services): void {
  engine.workflow('cleanup', (run, input: CleanupInput) => cleanUp(run, input, services))
}

/** Takes a task's worktree and branch away, each only with proof that what it holds exists elsewhere. The order is that of the proof. */
async function cleanUp(run: Run, input: CleanupInput, services: Services): Promise<CleanupOutcome> {
  const { task } = input
  const repository = (): Promise<Repository> => services.repository(task.repository)
  await run.step('stop session', () => services.sessions.stop(task))
  const saved = await run.step('archive', () => services.archive.save(task, input.reason))
  const steps = [`notes and brain archived in ${saved.folder}`]
  const plan = await run.step('plan', async () => planRemoval(await repository(), input))
  if (plan.kind === 'refused') return { kind: 'refused', reason: plan.detail, steps }
  const backup = await run.step('backup', async () =>
    plan.kind === 'gone' ? null : ((await (await repository()).backupWorktree(task.worktree, backupId(task, run.id))) ?? null),
  )
  if (backup !== null) steps.push(`uncommitted work kept as ${backup.ref}`)
  if (plan.kind === 'removal-plan') {
    // By the recorded plan: a removal that a crash cut in two cannot be planned again, only repeated.
    await run.step('remove worktree', async () => (await (await repository()).removeWorktree(plan, services.archive.trash(task))) ?? null)
    steps.push(`worktree removed; its commits are kept by ${plan.keptBy}`)
  }
  steps.push(...(await run.step('delete branch', async () => deleteBranches(await repository(), input))))
  await run.step('empty trash', () => services.archive.emptyTrash(task))
  const at = await run.step('stage archived', () => services.now())
  services.roster.setStage(task, { kind: 'archived', reason: input.reason }, at)
  const kept = { ...(plan.kind === 'removal-plan' && { head: plan.head }), ...(backup !== null && { backup: backup.ref }) }
  return { kind: 'removed', steps, archive: saved.folder, notes: saved.notes, ...kept }
}

async function planRemoval(
  git: Repository,
  { task, isAbandoned }: CleanupInput,
): Promise<RemovalPlan | RemovalRefusal | { readonly kind: 'gone' }> {
  const worktrees = await git.listWorktrees()
  if (!worktrees.some((worktree) => worktree.path === task.worktree)) return { kind: 'gone' }
  return git.planRemoval(task.worktree, task.branch, { target: task.target, abandon: isAbandoned })
}

function backupId(task: TaskInput, runId: string): string {
  return `${task.handle}/${runId.replace(/[^a-z0-9]+/gi, '-')}`
}

async function deleteBranches(git: Repository, input: CleanupInput): Promise<readonly string[]> {
  const { task } = input
  const head = await git.resolve(`refs/heads/${task.branch}`)
  if (head === undefined) return []
  const target = await git.targetTip(task.target)
  if (!input.isAbandoned && !(await git.isAncestor(head, target.commit))) {
    return [`branch ${task.branch} kept: it has commits that ${task.target} has not`]
  }
  const steps: string[] = []
  const [remote] = input.isRemote ? (await git.describe()).remotes : []
  if (remote !== undefined) steps.push(await deleteRemote(git, remote, task.branch, head))
  try {
    await git.deleteBranch(task.branch, head)
    return [...steps, `branch ${task.branch} deleted (was ${head.slice(0, 10)})`]
  } catch (error) {
    // Abandoned work is not destroyed work: the branch goes only when something else keeps its commits.
    if (!(error instanceof Failure) || error.code !== 'not-merged') throw error
    return [...steps, `branch ${task.branch} kept: nothing else has its commits`]
  }
}

async function deleteRemote(git: Repository, remote: string, branch: string, head: Sha): Promise<string> {
  try {
    return `branch on ${remote} ${await git.deleteRemoteBranch(remote, branch, head)}`
  } catch (error) {
    if (error instanceof Failure) return `branch on ${remote} kept: ${error.message}`
    throw error
  }
}
