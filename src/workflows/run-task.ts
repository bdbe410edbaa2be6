import { Failure, failureCode } from '../foundation/failure.ts'
import { parkedAsks, type Stage } from '../domain/tasks/stage.ts'
import type { Engine, Run } from '../ports/engine.ts'
import { Contest } from './contest/contest.ts'
import { Feature } from './feature/feature.ts'
import { converse } from './talk/converse.ts'
import { hold, type Answer, wordsOf } from './hold.ts'
import { lend } from './attach/lend.ts'
import { bringHome, type Again, type Landed } from './landing/bring-home.ts'
import { finishLanding } from './landing/land.ts'
import { park } from './park.ts'
import type { Services } from './services.ts'
import { sessionQueue } from './seat.ts'
import { prepareWorktree } from './set-up.ts'
import { held, type Checkpoint, type Held, type Lent, type TalkEnd } from './talk/talk-end.ts'
import type { TaskInput } from './task-input.ts'
import { Discarded, endsRun, LandedWith, reasonOf } from './life/ending.ts'
import { TaskLife } from './life/task-life.ts'

export type TaskOutcome = { readonly kind: 'landed'; readonly commit: string } | { readonly kind: 'discarded'; readonly reason: string }

/** A conversation that cannot go on: the next try begins a new one in the same worktree. */
const NEEDS_NEW_CONVERSATION: ReadonlySet<string> = new Set(['agent-keeps-dying', 'prompt-too-long'])

export function defineTask(engine: Engine, services: Services): void {
  engine.workflow('task', (run, input: TaskInput) => {
    services.recallEnded()
    return runTask(run, input, services)
  })
}

/** The life of a task, from the backlog to the target branch. It ends only landed or given up; everything else waits for a person. */
async function runTask(run: Run, input: TaskInput, services: Services): Promise<TaskOutcome> {
  const life = new TaskLife(run, input, services)
  const team = (input.contest && new Contest(life, input.contest)) ?? (input.feature && new Feature(life, input.feature))
  try {
    await needsLanded(life)
    const landed = await untilLanded(life, (words) => {
      if (team !== undefined) return team.untilLanded()
      return input.kind === 'manual' ? followManual(life) : workUntilLanded(life, words)
    })
    team?.landed(landed.commit)
    await finishLanding(life, landed.commit)
    await team?.close(landed.commit)
    return landed
  } catch (error) {
    if (error instanceof LandedWith) return landedWith(life, error.commit)
    if (!(error instanceof Discarded)) throw error
    await life.seats.releaseAll()
    await team?.discard(error.message)
    await life.tryTo('stop the session', () => life.stopSession())
    await life.stage({ kind: 'archived', reason: error.message })
    return { kind: 'discarded', reason: error.message }
  }
}

/** The feature has landed: its part is over wherever it was. */
async function landedWith(life: TaskLife, commit: string): Promise<TaskOutcome> {
  await life.seats.releaseAll()
  await finishLanding(life, commit)
  return { kind: 'landed', commit }
}

async function needsLanded(life: TaskLife): Promise<void> {
  const { input, services } = life
  if (input.task.needs.length === 0) return
  // Word of a landing counts by itself: after a restart the other task's own replay may not have got there yet.
  const landed = new Set<string>()
  for (;;) {
    const open = input.task.needs.filter((need) => !landed.has(need))
    const needs = await life.run.step('needs', () => services.roster.needs(input.project, open))
    if (needs.pending.length === 0) return
    await life.stage({ kind: 'waiting-for-needs', needs: needs.pending, failed: needs.failed })
    const news = await life.next()
    if (news?.kind === 'need-ended') landed.add(news.task)
    if (news?.kind === 'message') life.mailbox.keep(news)
    if (news?.kind === 'pause' || news?.kind === 'stop') {
      const answer = await hold(life, { kind: 'paused', by: news.kind })
      if (answer.kind === 'go-on' && answer.message !== undefined) life.mailbox.keep(answer.message)
    }
  }
}

/** Nothing but a landing or a person ends it: what git, the disk or the agent program fails with is shown, and the person's word tries again. */
async function untilLanded(life: TaskLife, work: (words: string | undefined) => Promise<Landed>): Promise<Landed> {
  for (let words: string | undefined; ;) {
    try {
      return await work(words)
    } catch (error) {
      const answer = await afterTrouble(life, error)
      if (answer.kind === 'landed') return answer
      words = wordsAfter(life, answer)
    }
  }
}

async function afterTrouble(life: TaskLife, error: unknown): Promise<Answer> {
  if (endsRun(error)) throw error
  await life.seats.releaseAll()
  await life.tryTo('stop the session', () => life.stopSession())
  const { handle } = life.input
  const next = error instanceof Failure && error.next !== undefined ? `${error.next}; then` : `orch logs ${handle}, then`
  const stage = {
    kind: 'failed',
    code: failureCode(error) ?? 'internal',
    reason: reasonOf(error),
    next: `${next} orch resume ${handle}`,
  } as const
  return hold(life, stage).catch((more: unknown) => afterTrouble(life, more))
}

/** Before its first session the task's own prompt comes first, and what the person said with it. */
function wordsAfter(life: TaskLife, answer: Extract<Answer, { kind: 'go-on' }>): string | undefined {
  if (life.hasSession) return answer.message?.text ?? life.words.goOn()
  if (answer.message !== undefined) life.mailbox.keep(answer.message)
  return undefined
}

async function workUntilLanded(life: TaskLife, firstWords = life.words.first()): Promise<Landed> {
  let next: Again = { kind: 'again', prompt: firstWords, failures: 0 }
  for (;;) {
    const worked = await workUntilCheckpoint(life, next.prompt)
    const home = worked.kind === 'landed' ? worked : await bringHome(life, worked, next.failures)
    if (home.kind === 'landed') return home
    next = home
  }
}

/** Gives the session a seat and talks with it until there is a commit to validate. Whatever stops short of that waits for a person here. */
async function workUntilCheckpoint(life: TaskLife, firstWords: string | undefined): Promise<Checkpoint | Landed> {
  let back: Stage | undefined
  for (let prompt = firstWords; ;) {
    const end = (await waitForSeat(life)) ?? (await prepareWorktree(life)) ?? (await converse(life, prompt, back))
    await life.seats.release(sessionQueue(life.input.project))
    if (end.kind === 'checkpoint') return end
    const answer = await afterTalk(life, end)
    if (answer.kind === 'landed') return answer
    prompt = nextPrompt(life, end, answer, prompt)
    if (hasHeardPrompt(end)) back = answer.back
  }
}

/** A pause, a stop or a message meanwhile: the first two end the wait, the last is kept for the session. */
async function waitForSeat(life: TaskLife): Promise<Held | undefined> {
  const queue = sessionQueue(life.input.project)
  life.seats.request(queue)
  await life.stage({ kind: 'waiting-for-seat' })
  for (;;) {
    const halt = await life.seats.take(queue)
    if (halt === undefined) return undefined
    if (halt.kind !== 'message')
      return { kind: 'held', stage: { kind: 'paused', by: halt.kind }, keepsProcess: halt.kind === 'pause', hasHeardPrompt: false }
    life.mailbox.keep(halt)
  }
}

async function afterTalk(life: TaskLife, end: Exclude<TalkEnd, Checkpoint>): Promise<Answer> {
  if (end.kind === 'lent') return afterLending(life, end)
  if (end.kind === 'limited') return park(life, end)
  if (!end.keepsProcess) await life.stopSession()
  if (needsNewConversation(end)) {
    life.attempt += 1
    // A conversation that has grown too long is no fault of the task: once, nobody need be asked.
    if (end.stage.kind === 'failed' && end.stage.code === 'prompt-too-long' && life.attempt === 2) return { kind: 'go-on' }
  }
  return hold(life, end.stage)
}

/** Where nothing was said there, it goes on as if nothing had been. */
async function afterLending(life: TaskLife, { request, isTorn, otherwise }: Lent): Promise<Answer> {
  const returned = await lend(life, request, otherwise?.kind === 'held' ? parkedAsks(otherwise.stage) : [])
  if (returned === 'pause' || returned === 'stop') return hold(life, { kind: 'paused', by: returned })
  if (returned === 'untouched' && otherwise !== undefined) return afterTalk(life, otherwise)
  life.returned ??= { isTouched: false, isTorn }
  return { kind: 'go-on' }
}

function nextPrompt(
  life: TaskLife,
  end: Exclude<TalkEnd, Checkpoint>,
  answer: Extract<Answer, { kind: 'go-on' }>,
  prompt: string | undefined,
): string | undefined {
  if (end.kind === 'lent') return nextPrompt(life, end.otherwise ?? held({ kind: 'idle' }, true), answer, prompt)
  if (end.kind === 'limited') {
    if (answer.message !== undefined) life.mailbox.keep(answer.message)
    return end.prompt
  }
  if (end.hasHeardPrompt && !needsNewConversation(end)) return wordsOf(life, answer)
  if (answer.message !== undefined) life.mailbox.keep(answer.message)
  return end.hasHeardPrompt ? life.words.anew() : prompt
}

function hasHeardPrompt(end: Exclude<TalkEnd, Checkpoint>): boolean {
  return end.kind === 'held' && end.hasHeardPrompt
}

function needsNewConversation(end: Held): boolean {
  return end.stage.kind === 'failed' && NEEDS_NEW_CONVERSATION.has(end.stage.code)
}

/** A person (or an agent they start) works in their own terminal; orch makes the worktree and lands what they say is done. */
async function followManual(life: TaskLife): Promise<Landed> {
  for (;;) {
    const stopped = await prepareWorktree(life)
    const answer = await hold(life, stopped?.stage ?? (await manualStage(life)))
    if (answer.kind === 'landed') return answer
  }
}

async function manualStage({ run, services, input }: TaskLife): Promise<Stage> {
  const { command, again } = await run.step('command to type', () => services.manual.command(input))
  return { kind: 'manual', command, again }
}
