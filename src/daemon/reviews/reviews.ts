import type { Sha } from '../../foundation/brand.ts'
import { Failure } from '../../foundation/failure.ts'
import type { BoardMessage } from '../../domain/board/message.ts'
import type { Department } from '../../domain/features/department.ts'
import { briefValues } from '../../domain/features/department-brief.ts'
import { fillPrompt } from '../../domain/features/prompt-template.ts'
import { commandLine } from '../../domain/queue/step.ts'
import type { KeptVerdict } from '../../domain/verification/kept-verdict.ts'
import type { ReviewAssignment } from '../../domain/verification/review-prompt.ts'
import { reviewPrompt } from '../../domain/verification/review-prompt.ts'
import type { Home } from '../../config/home.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Agent } from '../../ports/agent.ts'
import { EngineClosed } from '../../ports/engine.ts'
import type { Git } from '../../ports/git.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { ReviewOutcome, ReviewRequest, Reviews as ReviewsPort } from '../../workflows/team-services.ts'
import type { Environments } from '../services/environments.ts'
import type { ModelGate } from '../sessions/model-gate.ts'
import type { StartPermits } from '../sessions/start-permits.ts'
import { ReviewConversation, type ConversationEnd } from './review-conversation.ts'
import { ReviewFolders } from './review-folders.ts'
import { ReviewGround } from './review-ground.ts'
import { reviewerInput, reviewerSpec } from './reviewer-spec.ts'
import { keepVerdict, loadVerdict, type VerdictKey } from './verdict-files.ts'

export interface ReviewsParts {
  readonly home: Home
  readonly clock: Clock
  readonly git: Git
  readonly agentOf: (input: TaskInput) => Agent
  readonly environments: Environments
  readonly gate: ModelGate
  readonly permits: StartPermits
  /** How many review at once. */
  readonly places: StartPermits
  readonly stableId: (text: string) => string
  readonly decisionsFor: (input: TaskInput) => Promise<readonly BoardMessage[]>
  /** Says what the validation of a commit came to. */
  readonly roster: { status(handle: string): Pick<TaskStatus, 'verdict'> | undefined }
  readonly logError: (error: unknown) => void
}

/** Ends a review: a person stopped the task. */
class Stopped extends Error {}

/** Reviewing sessions: fresh, only reading, each in a tree of exactly one commit, of which nothing is left afterwards but its record and its verdict. */
export class Reviews implements ReviewsPort {
  readonly #parts: ReviewsParts
  readonly #running = new Map<string, Set<AbortController>>()

  constructor(parts: ReviewsParts) {
    this.#parts = parts
  }

  async review(request: ReviewRequest): Promise<readonly ReviewOutcome[]> {
    const { handle } = request.input
    const stopped = new AbortController()
    const running = this.#running.get(handle) ?? new Set()
    this.#running.set(handle, running.add(stopped))
    try {
      const signal = AbortSignal.any([request.signal, stopped.signal])
      const all = await Promise.allSettled(request.by.map((by) => this.#reviewBy(by, { ...request, signal })))
      return all.map((each) => {
        if (each.status === 'rejected') throw each.reason
        return each.value
      })
    } finally {
      running.delete(stopped)
      if (running.size === 0) this.#running.delete(handle)
    }
  }

  async stop(handle: string): Promise<void> {
    for (const running of this.#running.get(handle) ?? []) running.abort(new Stopped('the review was stopped'))
  }

  async #reviewBy(by: Department, request: ReviewRequest): Promise<ReviewOutcome> {
    const { input, commit, signal } = request
    const folders = new ReviewFolders(this.#parts.home, input.handle, by.name, commit)
    const known = await loadVerdict(this.#parts.home, keyOf(by, request))
    if (known !== undefined && (await folders.isSwept())) return toOutcome(known, input.handle)
    const repository = await this.#parts.git.open(input.repository)
    const review: Review = { by, request, folders, ground: new ReviewGround(folders.ground, repository, commit as Sha) }
    return this.#stoppable(by, signal, async () => {
      const release = await this.#parts.places.take(signal)
      try {
        return await this.#sweptAfter(review, known)
      } finally {
        release()
      }
    })
  }

  /** What is wrong with one review is its outcome; the others go on. */
  async #stoppable(by: Department, signal: AbortSignal, work: () => Promise<ReviewOutcome>): Promise<ReviewOutcome> {
    try {
      return await work()
    } catch (error) {
      if (signal.aborted && !(signal.reason instanceof Stopped)) throw error
      if (signal.aborted) return { kind: 'stopped', by: by.name }
      this.#parts.logError(error)
      return { kind: 'failed', by: by.name, reason: error instanceof Failure ? error.message : 'orch itself failed; see its log' }
    }
  }

  /** Leaves no process and no tree behind; only when the daemon ends, the session works on and is found again. */
  async #sweptAfter(review: Review, known: KeptVerdict | undefined): Promise<ReviewOutcome> {
    const { request, ground } = review
    const conversation = await this.#conversation(review, known === undefined)
    try {
      return known === undefined ? await this.#ask(review, conversation) : toOutcome(known, request.input.handle)
    } finally {
      if (!(request.signal.reason instanceof EngineClosed)) {
        await conversation.stop()
        await ground.remove()
      }
      conversation.detach()
    }
  }

  async #ask({ by, request, folders, ground }: Review, conversation: ReviewConversation): Promise<ReviewOutcome> {
    const { input, commit, signal } = request
    const end = await conversation.untilAnswered(signal)
    await conversation.stop()
    const tampering = await ground.tampering()
    if (end.kind === 'failed' || tampering !== undefined) {
      await folders.retire()
      return { kind: 'failed', by: by.name, reason: tampering ?? endReason(end), costUsd: end.costUsd }
    }
    const { outcome, summary, findings } = end.answer
    const verdict = { by: by.name, of: authorOf(request), commit, outcome, summary, findings, at: this.#parts.clock.now() }
    const kept = { verdict, handle: input.handle, costUsd: end.costUsd }
    await keepVerdict(this.#parts.home, input.project, kept)
    return toOutcome(kept, input.handle)
  }

  async #conversation({ by, request, folders, ground }: Review, isAsked: boolean): Promise<ReviewConversation> {
    const { home, clock, environments, agentOf, gate, permits, stableId } = this.#parts
    const { input, commit } = request
    const isBegun = (await folders.processes()).length > 0
    const change = isAsked ? await ground.prepare(request.base as Sha, isBegun) : { isCut: false, paths: [] }
    const assignment = isAsked ? await this.#assignment(by, request, { ...change, diff: ground.diff }) : undefined
    const environment = await environments.load(input.environment)
    return new ReviewConversation({
      clock,
      gate,
      permits,
      folders,
      stableId,
      agent: agentOf(reviewerInput(input, by)),
      conversationId: stableId(`${input.handle} ${input.createdAt} review ${by.name} ${commit} ${await folders.pastCount()}`),
      specOf: (folder, plan) => reviewerSpec({ input, by, commit, folder, plan, ground, environment, home }),
      promptOf: (problem) => (assignment === undefined ? '' : reviewPrompt(assignment, problem)),
      silenceMs: input.settings.stallAfterMs,
    })
  }

  async #assignment(
    by: Department,
    request: ReviewRequest,
    change: Pick<ReviewAssignment, 'diff' | 'isCut' | 'paths'>,
  ): Promise<ReviewAssignment> {
    const { input, commit } = request
    const { decisionsFor, roster } = this.#parts
    const validation = roster.status(input.handle)?.verdict
    const decisions = await decisionsFor(input)
    const earlier = request.earlier.findLast((verdict) => verdict.by === by.name)
    return {
      ...change,
      part: input.task.id,
      by: by.name,
      role: reviewerRole(request, by),
      owns: by.owns,
      decisions: decisions.map(({ text, because }) => ({ text, ...(because !== undefined && { because }) })),
      ...(earlier !== undefined && { earlier }),
      ...(validation?.commit === commit && { validation: validation.summary }),
    }
  }
}

/** The template, with what the variables stand for. */
function reviewerRole({ input, base, commit }: ReviewRequest, department: Department): string {
  const { part, task, branch, target, settings } = input
  if (part === undefined) return ''
  const validate = commandLine(settings.validate)
  const facts = {
    feature: part.feature,
    task: task.body,
    department,
    departments: part.departments,
    contracts: part.contracts,
    branch,
    target,
  }
  const values = briefValues({ ...facts, ...(validate !== undefined && { validate }) })
  return fillPrompt(part.reviewerPrompt, { ...values, author: part.department.name, base, commit })
}

interface Review {
  readonly by: Department
  readonly request: ReviewRequest
  readonly folders: ReviewFolders
  readonly ground: ReviewGround
}

function authorOf({ input }: ReviewRequest): string {
  return input.part?.department.name ?? input.task.id
}

function keyOf(by: Department, request: ReviewRequest): VerdictKey {
  return { project: request.input.project, commit: request.commit, of: authorOf(request), by: by.name }
}

/** What another task has paid for costs this one nothing. */
function toOutcome({ verdict, handle, costUsd }: KeptVerdict, asking: string): ReviewOutcome {
  return { kind: 'verdict', verdict, costUsd: handle === asking ? costUsd : 0 }
}

function endReason(end: ConversationEnd): string {
  return end.kind === 'failed' ? end.reason : ''
}
