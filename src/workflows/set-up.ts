import type { Held } from './talk/talk-end.ts'
import { endsRun, reasonOf } from './life/ending.ts'
import type { TaskLife } from './life/task-life.ts'

/** Worktree, copied files, set-up command: once, and again only where a try failed. A failure is the task's own and waits for a person. */
export async function prepareWorktree(life: TaskLife): Promise<Held | undefined> {
  const { input, services } = life
  if (!life.isSetUp) await life.stage({ kind: 'setting-up', step: 'making the worktree' })
  try {
    const base = await life.fixBase()
    const made = await life.run.step('worktree', async () => ({ ...(await services.worktrees.ensure(input, base)), at: services.now() }))
    life.note({ worktree: input.worktree, base })
    // Later the ends of turns say how far it is.
    if (!life.isSetUp && made.lastCommit.sha === base) life.note({ lastCommit: made.lastCommit, uncommitted: 0 })
    for (const text of made.notes) life.note({ message: { at: made.at, kind: 'note', text } })
  } catch (error) {
    if (endsRun(error)) throw error
    return failed(life, reasonOf(error))
  }
  const line = input.settings.setup
  if (line === undefined) life.isSetUp = true
  if (life.isSetUp || line === undefined) return undefined
  await life.stage({ kind: 'setting-up', step: `running ${line}` })
  const outcome = await life.run.step('setup', (signal) =>
    services.commands.setUp({ input, name: 'setup', line, cwd: input.worktree, timeoutMs: input.settings.setupTimeoutMs, signal }),
  )
  life.isSetUp = outcome.isPassed
  const halt = await life.mailbox.halt()
  if (halt?.kind === 'message') life.mailbox.keep(halt)
  else if (halt !== undefined) return { kind: 'held', stage: { kind: 'paused', by: halt.kind }, keepsProcess: true, hasHeardPrompt: false }
  return outcome.isPassed ? undefined : failed(life, `the setup command failed: ${outcome.summary}; see ${outcome.file}`)
}

function failed(life: TaskLife, reason: string): Held {
  const next = `mend it, then orch resume ${life.input.handle}`
  return { kind: 'held', stage: { kind: 'failed', code: 'setup-failed', reason, next }, keepsProcess: true, hasHeardPrompt: false }
}
