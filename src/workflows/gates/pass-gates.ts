import { type NewMessage, ORCH } from '../../domain/board/message.ts'
import { gateObjection, gateQuestion } from '../../domain/gates/gate-words.ts'
import type { GateFinding } from '../../domain/gates/gate.ts'
import type { Stage } from '../../domain/tasks/stage.ts'
import type { Interruption } from '../life/mailbox.ts'
import type { TaskLife } from '../life/task-life.ts'
import { postQuestion, untilAnswered } from './ask-person.ts'

/** `denied`: goes back to the session, and counts as no failed try. */
export type GatePassage = { readonly kind: 'clear' } | { readonly kind: 'denied'; readonly prompt: string } | Interruption

/** A finding and the message that asks the person about it. */
type Asked = { readonly id: string; readonly finding: GateFinding }

/**
 * Where only a person decides: each finding is a question on the board, and the task waits for all of them. An approval counts for what was found
 * as long as that is unchanged, so work that goes back for another reason is not asked about again.
 */
export async function passGates(life: TaskLife, commit: string): Promise<GatePassage> {
  const asked = await askAbout(life, commit)
  const halt = await untilAnswered(
    life,
    asked.map(({ id }) => id),
    (open) => stageOf(asked.filter(({ id }) => open.includes(id))),
  )
  if (halt !== undefined) return halt
  const denied = deniedOf(life, asked)
  if (denied.length === 0) return { kind: 'clear' }
  const findings = denied.map(({ id, finding }) => ({ finding, answer: life.answers.get(id)?.text ?? '' }))
  return { kind: 'denied', prompt: gateObjection(life.input.task.id, findings) }
}

/** What keeps a commit from being merged that a person wants merged now: a merge answers no gate. */
export async function gatesBefore(life: TaskLife, commit: string): Promise<{ readonly reason: string; readonly next: string } | undefined> {
  const asked = await askAbout(life, commit)
  const open = asked.filter(({ id }) => !life.answers.has(id))
  if (open.length > 0)
    return { reason: listed(open), next: `orch approve ${open.map(({ id }) => id).join(' ')}, then orch merge ${life.input.handle}` }
  const denied = deniedOf(life, asked)
  return denied.length === 0 ? undefined : { reason: `denied by you: ${listed(denied)}`, next: `orch send ${life.input.handle} "…"` }
}

/** Asks what was not asked yet; a question about what the work no longer is, is taken back. No step where there are no gates. */
async function askAbout(life: TaskLife, commit: string): Promise<readonly Asked[]> {
  const { run, input, services } = life
  if ((input.settings.gates ?? []).length === 0) return []
  const findings = await run.step('look for gates', () => services.gates.look(input, life.base, commit))
  const asked: Asked[] = []
  for (const finding of findings) {
    const { gate, content, paths } = finding
    const feature = input.part?.feature
    const about = { commit, paths }
    const message = { text: gateQuestion(finding), about, gate, options: ['approve', 'deny'], ...(feature !== undefined && { feature }) }
    asked.push({ id: await postQuestion(life, `gate ${gate} ${content}`, message), finding })
  }
  await takeBack(life, asked)
  return asked
}

async function takeBack(life: TaskLife, asked: readonly Asked[]): Promise<void> {
  const { run, input, services, gateQuestions } = life
  const now = new Set(asked.map(({ id }) => id))
  for (const id of gateQuestions) {
    if (now.has(id)) continue
    gateQuestions.delete(id)
    if (life.answers.has(id)) continue
    const answer: NewMessage = { kind: 'answer', from: ORCH, to: [], inReplyTo: id, text: 'No longer asked: the work has changed since.' }
    await run.step(
      'take the question back',
      async () => void (await services.board.post(input.project, answer, `${run.id} taken back ${id}`)),
    )
  }
  for (const id of now) gateQuestions.add(id)
}

function deniedOf(life: TaskLife, asked: readonly Asked[]): readonly Asked[] {
  return asked.filter(({ id }) => life.answers.get(id)?.decision === 'deny')
}

function stageOf(asked: readonly Asked[]): Stage {
  return { kind: 'at-gate', asks: asked.map(({ id, finding }) => ({ id, gate: finding.gate, why: finding.why })) }
}

function listed(asked: readonly Asked[]): string {
  return asked.map(({ finding }) => `${finding.gate}: ${finding.why}`).join('; ')
}
