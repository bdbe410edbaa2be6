import type { Sha } from '../../foundation/brand.ts'
import type { Department } from '../../domain/features/department.ts'
import { isApproved, objections } from '../../domain/verification/readiness.ts'
import { requiredReviewers } from '../../domain/verification/required-reviewers.ts'
import { objectionPrompt, objectionReason, type OpenReviews, reviewQuestion, verdictText } from '../../domain/verification/review-words.ts'
import { askPerson } from '../gates/ask-person.ts'
import type { Clearance } from '../landing/clearance.ts'
import { leftTargetAt } from '../landing/left-target.ts'
import type { TaskLife } from '../life/task-life.ts'
import type { PartSettings } from '../task-input.ts'
import type { ReviewOutcome } from '../team-services.ts'

/**
 * The departments that must see it judge exactly this commit. What must not land goes back to its session, as often as `review-rounds` says;
 * then, or where a reviewer gave no verdict, the person decides. Tasks that are no parts of a feature pass without a step.
 */
export async function passReviews(life: TaskLife, commit: string): Promise<Clearance> {
  const { part } = life.input
  if (part === undefined || !part.hasReviews) return { kind: 'clear' }
  const look = await lookAtChange(life, part, commit)
  life.reviews.require(commit, look.by)
  if (life.reviews.hasApproved(commit)) return { kind: 'clear' }
  const by = part.departments.filter(({ name }) => look.by.includes(name))
  const outcomes = await reviewsOf(life, part, commit, { ...look, by })
  if (outcomes.kind !== 'outcomes') return outcomes
  return judge(life, part, commit, outcomes.all)
}

type Look = { readonly base: string; readonly by: readonly string[]; readonly paths: readonly string[] }

const SHOWN_PATHS = 50

async function lookAtChange({ run, input, services, base, reviews }: TaskLife, part: PartSettings, commit: string): Promise<Look> {
  const { objected } = reviews
  return run.step('reviewers', async () => {
    const repository = await services.repository(input.repository)
    const from = await leftTargetAt(repository, { target: input.target, base: base as Sha, commit: commit as Sha })
    const { files, isCut } = await repository.changes(from, commit as Sha)
    const paths = files.flatMap(({ path, from: before }) => (before === undefined ? [path] : [path, before]))
    const by = requiredReviewers({ author: part.department.name, departments: part.departments, paths, isCut, objected })
    return { base: from, by: by.map(({ name }) => name), paths: paths.slice(0, SHOWN_PATHS) }
  })
}

type Outcomes = { readonly kind: 'outcomes'; readonly all: readonly ReviewOutcome[] }

async function reviewsOf(
  life: TaskLife,
  part: PartSettings,
  commit: string,
  { base, by, paths }: { readonly base: string; readonly by: readonly Department[]; readonly paths: readonly string[] },
): Promise<Outcomes | Exclude<Clearance, { kind: 'clear' | 'objection' }>> {
  const { run, input, services } = life
  const names = by.map(({ name }) => name)
  for (;;) {
    await life.stage({ kind: 'in-verification', commit, by: names })
    await request(life, part, commit, names, paths)
    const earlier = life.reviews.earlierThan(commit)
    const all = await run.step('reviews', (signal) => services.reviews.review({ input, base, commit, by, earlier, signal }))
    life.reviews.note(all)
    await record(life, part, commit, all)
    const halt = await life.mailbox.halt()
    if (halt !== undefined) return halt
    const found = await run.step(
      'branch after reviews',
      async () => (await (await services.repository(input.repository)).resolve(`refs/heads/${input.branch}`)) ?? null,
    )
    if (found !== null && found !== commit) return { kind: 'moved', commit: found }
    if (all.every(({ kind }) => kind !== 'stopped')) return { kind: 'outcomes', all }
  }
}

async function request(
  { run, input, services }: TaskLife,
  part: PartSettings,
  commit: string,
  by: readonly string[],
  paths: readonly string[],
): Promise<void> {
  const text = `${part.department.name} asks ${by.join(', ')} to review.`
  const message = { kind: 'review-request', from: input.handle, to: [], feature: part.feature, text, about: { commit, paths } } as const
  const key = `review request ${input.handle} ${commit} ${by.join(' ')}`
  await run.step('review request', () => services.board.post(input.project, message, key))
}

/** On the board only for the record: the author hears of what must be mended in one prompt, of everything at once. */
async function record(life: TaskLife, part: PartSettings, commit: string, outcomes: readonly ReviewOutcome[]): Promise<void> {
  const { run, input, services } = life
  const verdicts = outcomes.flatMap((outcome) => (outcome.kind === 'verdict' ? [outcome.verdict] : []))
  const at = await run.step('verdicts on the board', async () => {
    for (const verdict of verdicts) {
      const paths = [...new Set(verdict.findings.map(({ path }) => path))]
      const from = `${part.feature}.${verdict.by}`
      const message = {
        kind: 'verdict',
        from,
        to: [],
        feature: part.feature,
        text: verdictText(verdict),
        about: { commit, paths },
      } as const
      await services.board.post(input.project, message, `verdict ${input.handle} ${commit} ${verdict.by}`)
    }
    return services.now()
  })
  life.note({ reviews: life.reviews.summary(commit, outcomes, at) })
}

async function judge(life: TaskLife, part: PartSettings, commit: string, outcomes: readonly ReviewOutcome[]): Promise<Clearance> {
  const { reviews } = life
  const facts = reviews.facts(commit)
  if (isApproved(commit, facts)) return { kind: 'clear' }
  const objecting = objections(commit, facts)
  if (objecting.length > 0 && reviews.rounds < part.reviewRounds) {
    reviews.rounds += 1
    return objection(life, commit, objectionReason(objecting))
  }
  const answer = await ask(life, part, { commit, objections: objecting, silent: silentOf(outcomes), rounds: reviews.rounds })
  if (answer.kind !== 'answered') return answer
  reviews.questions += 1
  if (answer.decision !== 'approve') {
    reviews.rounds = 0
    return objection(life, commit, 'sent back by you', answer.text)
  }
  reviews.passOver(commit)
  const at = await life.run.step('passed over', () => life.services.now())
  life.note({ reviews: reviews.summary(commit, outcomes, at) })
  return { kind: 'clear' }
}

function silentOf(outcomes: readonly ReviewOutcome[]): OpenReviews['silent'] {
  return outcomes.flatMap((outcome) => (outcome.kind === 'failed' ? [{ by: outcome.by, reason: outcome.reason }] : []))
}

/** The number in the key: sent back and brought again without a change, it is another question. */
function ask(life: TaskLife, { feature }: PartSettings, open: OpenReviews): ReturnType<typeof askPerson> {
  const { commit, objections: objecting, silent } = open
  const why = objecting.length > 0 ? objectionReason(objecting) : `${silent.map(({ by }) => by).join(', ')} gave no verdict`
  return askPerson(life, {
    key: `reviews of ${commit} ${life.reviews.questions}`,
    message: { text: reviewQuestion(open), feature, about: { commit }, options: ['approve', 'send back'] },
    stage: (id) => ({ kind: 'at-gate', asks: [{ id, gate: 'reviews', why }] }),
  })
}

function objection({ input, reviews }: TaskLife, commit: string, reason: string, ofPerson?: string): Clearance {
  const prompt = objectionPrompt(input.task.id, commit, reviews.verdictsOf(commit), ofPerson)
  return { kind: 'objection', prompt, reason, hasOwnBound: true }
}

/** Why a person's merge of exactly this commit has to wait for its reviews; undefined when it need not. */
export function unreviewed({ input, reviews }: TaskLife, commit: string): string | undefined {
  if (input.part?.hasReviews !== true || reviews.hasApproved(commit)) return undefined
  return `the reviews of ${commit.slice(0, 10)} are not done`
}
