import type { Breakage } from '../../domain/queue/entry.ts'
import { breakageWords } from '../../domain/queue/breakage-words.ts'
import { heed, hold, wordsOf } from '../hold.ts'
import type { Interruption } from '../life/mailbox.ts'
import type { TaskLife } from '../life/task-life.ts'
import type { Checkpoint } from '../talk/talk-end.ts'
import { clear, type Moved } from './clearance.ts'
import { land } from './land.ts'
import { retriesOf } from '../task-input.ts'
import { validate, type Verdict } from './validate.ts'

export type Landed = { readonly kind: 'landed'; readonly commit: string }
/** The session hears this and tries again; without a prompt only what others have written. */
export type Again = { readonly kind: 'again'; readonly prompt: string | undefined; readonly failures: number }

/** Validates exactly the checkpoint and lands it, or sends it back. A person's word in between comes first. */
export async function bringHome(life: TaskLife, checkpoint: Checkpoint, failures: number): Promise<Landed | Again> {
  for (let { commit } = checkpoint; ;) {
    const verdict = await validate(life, commit)
    const halt = await life.mailbox.halt()
    if (halt === undefined && verdict.isStopped) continue
    if (halt === undefined && !verdict.isPassed) {
      return again(life, life.words.failed(verdict, failures + 1), failures + 1, `the validation failed: ${verdict.summary}`)
    }
    const found = halt ?? (await clearAndLand(life, commit, verdict, failures))
    if (found.kind === 'landed' || found.kind === 'again') return found
    if (found.kind === 'moved') {
      commit = found.commit
      continue
    }
    const answer = await heed(life, found)
    if (answer.kind === 'landed') return answer
    if (answer.message !== undefined || answer.isMail === true) return { kind: 'again', prompt: wordsOf(life, answer), failures }
  }
}

async function clearAndLand(
  life: TaskLife,
  commit: string,
  verdict: Verdict,
  failures: number,
): Promise<Landed | Again | Moved | Interruption> {
  const clearance = await clear(life, commit)
  if (clearance.kind === 'objection' && clearance.hasOwnBound === true) return { kind: 'again', prompt: clearance.prompt, failures }
  if (clearance.kind === 'objection') return again(life, clearance.prompt, failures + 1, clearance.reason)
  if (clearance.kind === 'denied') return { kind: 'again', prompt: clearance.prompt, failures }
  return clearance.kind === 'clear' ? landOrReview(life, commit, verdict, failures) : clearance
}

async function landOrReview(
  life: TaskLife,
  commit: string,
  verdict: Verdict,
  failures: number,
): Promise<Landed | Again | Moved | Interruption> {
  await life.stopSession()
  const { settings } = life.input
  if ((settings.land === 'review' && !life.isMergeAsked) || !verdict.isReal) {
    return review(life, verdict.isReal ? 'finished and verified' : 'finished; no validation is configured, so you decide', failures)
  }
  const landing = await land(life, commit)
  switch (landing.kind) {
    case 'landed':
      return landing
    case 'halted':
      return landing.halt
    case 'removed':
      return review(life, 'finished and verified; taken out of the queue by you', failures)
    case 'void':
      return landing.found === undefined
        ? review(life, `the branch ${life.input.branch} is gone`, failures)
        : { kind: 'moved', commit: landing.found }
    case 'sent-back':
      return sendBack(life, landing.breakage, failures)
  }
}

async function review(life: TaskLife, reason: string, failures: number): Promise<Landed | Again> {
  const answer = await hold(life, { kind: 'in-review', reason })
  return answer.kind === 'landed' ? answer : { kind: 'again', prompt: wordsOf(life, answer), failures }
}

/** The queue named it: its session mends it, with the proof in hand. */
async function sendBack(life: TaskLife, breakage: Breakage, failures: number): Promise<Landed | Again> {
  return again(life, life.words.sentBack(breakage), failures + 1, breakageWords(breakage, life.input.target))
}

/** The session gets the finding and another try; after bounded tries a person is asked. */
async function again(life: TaskLife, prompt: string, failures: number, reason: string): Promise<Landed | Again> {
  if (failures <= retriesOf(life.input.settings)) return { kind: 'again', prompt, failures }
  const next = `orch logs ${life.input.handle}   or   orch send ${life.input.handle} "…"`
  const answer = await hold(life, { kind: 'failed', code: 'retries-used-up', reason, next })
  return answer.kind === 'landed' ? answer : { kind: 'again', prompt: answer.message?.text ?? prompt, failures }
}
