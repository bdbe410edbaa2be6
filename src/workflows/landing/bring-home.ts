import { heed, hold } from '../hold.ts'
import type { Halt } from '../life/mailbox.ts'
import type { TaskLife } from '../life/task-life.ts'
import type { Checkpoint } from '../talk/talk-end.ts'
import { land } from './land.ts'
import { retriesOf } from '../task-input.ts'
import { validate, type Verdict } from './validate.ts'

export type Landed = { readonly kind: 'landed'; readonly commit: string }
/** Sent back: the session hears this and tries again. */
export type Again = { readonly kind: 'again'; readonly prompt: string; readonly failures: number }

/** Validates exactly the checkpoint and lands it, or sends it back. A person's word in between comes first. */
export async function bringHome(life: TaskLife, checkpoint: Checkpoint, failures: number): Promise<Landed | Again> {
  for (;;) {
    const verdict = await validate(life, checkpoint.commit)
    const halt = await life.mailbox.halt()
    if (halt === undefined && verdict.isStopped) continue
    if (halt === undefined && !verdict.isPassed) {
      return again(life, life.words.failed(verdict, failures + 1), failures + 1, `the validation failed: ${verdict.summary}`)
    }
    const found = halt ?? (await landOrReview(life, checkpoint, verdict, failures))
    if (found.kind === 'landed' || found.kind === 'again') return found
    const answer = await heed(life, found)
    if (answer.kind === 'landed') return answer
    if (answer.message !== undefined) return { kind: 'again', prompt: answer.message.text, failures }
  }
}

async function landOrReview(life: TaskLife, checkpoint: Checkpoint, verdict: Verdict, failures: number): Promise<Landed | Again | Halt> {
  await life.stopSession()
  const { settings, target } = life.input
  if (settings.land === 'review' || !verdict.isReal) {
    const reason = verdict.isReal ? 'finished and verified' : 'finished; no validation is configured, so you decide'
    const answer = await hold(life, { kind: 'in-review', reason })
    return answer.kind === 'landed' ? answer : { kind: 'again', prompt: answer.message?.text ?? life.words.goOn(), failures }
  }
  const landing = await land(life, checkpoint.commit)
  switch (landing.kind) {
    case 'landed':
      return landing
    case 'halted':
      return landing.halt
    case 'conflicts':
      return again(
        life,
        life.words.conflict(target, landing.target, landing.files),
        failures + 1,
        `conflicts with ${target} in ${landing.files.join(', ')}`,
      )
    case 'failed-merged':
      return again(
        life,
        life.words.failed(landing.verdict, failures + 1, { target, commit: landing.target }),
        failures + 1,
        `fails when merged with ${target}: ${landing.verdict.summary}`,
      )
  }
}

/** The session gets the finding and another try; after bounded tries a person is asked. */
async function again(life: TaskLife, prompt: string, failures: number, reason: string): Promise<Landed | Again> {
  if (failures <= retriesOf(life.input.settings)) return { kind: 'again', prompt, failures }
  const next = `orch logs ${life.input.handle}   or   orch send ${life.input.handle} "…"`
  const answer = await hold(life, { kind: 'failed', code: 'retries-used-up', reason, next })
  return answer.kind === 'landed' ? answer : { kind: 'again', prompt: answer.message?.text ?? prompt, failures }
}
