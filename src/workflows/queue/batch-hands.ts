import type { Sha } from '../../foundation/brand.ts'
import { invariant } from '../../foundation/invariant.ts'
import type { EntryOutcome } from '../../domain/queue/entry.ts'
import type { Hands, LandResult, Ranking, TestRequest, Unbuildable } from '../../domain/queue/hands.ts'
import type { Scope, TestFailure, TestId, TestRun } from '../../domain/queue/test-run.ts'
import type { Run } from '../../ports/engine.ts'
import type { Repository } from '../../ports/git.ts'
import { NEWS } from '../news.ts'
import { sendIfKnown } from '../send-if-known.ts'
import type { RunFacts, Services } from '../services.ts'
import type { BatchInput } from './batch-input.ts'
import { CandidateChain } from './candidate-chain.ts'
import { Evidence } from './evidence.ts'
import { testingOf, type Offer } from './offer.ts'

export interface BatchHandsParts {
  readonly run: Run
  readonly input: BatchInput
  readonly services: Services
  /** Of the batch's plan, in milliseconds since the epoch: dates its commits. */
  readonly at: number
}

/** What settling a batch does to the world, each call a durable step that may be repeated. */
export class BatchHands implements Hands {
  readonly #parts: BatchHandsParts
  readonly #offers: ReadonlyMap<string, Offer>
  readonly #chain: CandidateChain
  readonly #told = new Map<string, EntryOutcome['kind']>()
  #evidence: Evidence | undefined
  #tests = 0

  constructor(parts: BatchHandsParts) {
    this.#parts = parts
    this.#offers = new Map(parts.input.offers.map((offer) => [offer.entry.id, offer]))
    this.#chain = new CandidateChain(parts.run.id, this.#offers, parts.at)
  }

  get counts(): { landed: number; sentBack: number } {
    const kinds = [...this.#told.values()]
    const count = (...wanted: EntryOutcome['kind'][]): number => kinds.filter((kind) => wanted.includes(kind)).length
    return { landed: count('landed', 'held'), sentBack: count('sent-back') }
  }

  isTold(entry: string): boolean {
    return this.#told.has(entry)
  }

  names(entries: readonly string[]): string {
    return entries.map((id) => this.#offer(id).entry.name).join(', ')
  }

  async test(request: TestRequest): Promise<TestRun | Unbuildable> {
    const { run, services } = this.#parts
    const { why, members, scope } = request
    const id = `${run.id}.${(this.#tests += 1)}`
    services.queue.noteStep(run.id, { kind: 'testing', why, members, scope })
    const found = await run.step(`test ${why}`, (signal) => this.#test(id, request, signal))
    services.queue.noteRun(run.id, factsOf(request, found))
    return found
  }

  async rank(request: { base: Sha; members: readonly string[]; failures: readonly TestFailure[] }): Promise<readonly Ranking[]> {
    return this.#parts.run.step('rank', async () => {
      const repository = await this.#repository()
      const links = await this.#chain.links(repository, request.base, request.members)
      this.#evidence ??= new Evidence(repository)
      return this.#evidence.rank(request.base, links, request.failures)
    })
  }

  async land(request: { base: Sha; members: readonly string[] }): Promise<LandResult> {
    const { run, services } = this.#parts
    services.queue.noteStep(run.id, { kind: 'landing', members: request.members })
    // Recorded before it lands: a commit that is signed would be another one after a crash.
    const commit = await run.step('candidate', async () => {
      const repository = await this.#repository()
      return (await this.#chain.require(repository, request.base, request.members)).commit
    })
    return run.step('land', () => this.#land(request, commit))
  }

  async tell(member: string, outcome: EntryOutcome): Promise<void> {
    invariant(!this.#told.has(member), 'an entry is told once what became of it')
    this.#told.set(member, outcome.kind)
    const { run, services } = this.#parts
    if (outcome.kind === 'requeued') return services.queue.requeued(run.id, member, outcome.reason)
    await sendIfKnown(run, this.#offer(member).run, NEWS, { kind: 'settled', entry: member, outcome })
    services.queue.settled(run.id, member)
  }

  async noteFlaky(step: string, tests: readonly TestId[]): Promise<void> {
    const { run, services, input } = this.#parts
    await run.step('note flaky', () => services.flakyTests.note(input.project, step, tests, services.now()))
  }

  async requeueRest(reason: string): Promise<void> {
    for (const id of this.#offers.keys()) if (!this.#told.has(id)) await this.tell(id, { kind: 'requeued', reason })
  }

  async #test(id: string, request: TestRequest, signal: AbortSignal): Promise<TestRun | Unbuildable> {
    const { run, services, input } = this.#parts
    const repository = await this.#repository()
    const built = await this.#chain.build(repository, request.base, request.members)
    if (built.kind === 'unbuildable') return built
    const [offer] = input.offers
    invariant(offer !== undefined, 'a batch has entries')
    const found = await services.bench.run({
      ...testingOf(offer),
      id,
      commit: built.commit,
      tree: built.tree,
      scope: request.scope,
      rerun: request.rerun ?? 0,
      signal,
      onStep: (step) =>
        services.queue.noteStep(run.id, { kind: 'testing', why: request.why, members: request.members, scope: request.scope, step }),
    })
    return found.kind === 'failed' ? { ...found, failures: bounded(found.failures) } : found
  }

  async #land({ base, members }: { base: Sha; members: readonly string[] }, commit: Sha): Promise<LandResult> {
    const { run, services } = this.#parts
    const gone = await services.queue.beginLanding(run.id, members)
    const result = await this.#move(base, members, { commit, gone })
    if (result.kind === 'void' || result.kind === 'target-moved') services.queue.landingEnded(run.id)
    return result
  }

  async #move(base: Sha, members: readonly string[], { commit, gone }: { commit: Sha; gone: readonly string[] }): Promise<LandResult> {
    const { services, input } = this.#parts
    const repository = await this.#repository()
    // A landing that happened before a crash is found by its trace: the branches may have moved since.
    const { commit: tip } = await repository.targetTip(input.target)
    const left = (await repository.isAncestor(commit, tip)) ? {} : await this.#leftBy(repository, members, gone)
    if (Object.keys(left).length > 0) return { kind: 'void', members: left }
    services.audit.expect(commit)
    const allowDirty = [...new Set(members.flatMap((id) => this.#offer(id).allowDirty))]
    const outcome = await repository.land({ target: input.target, expected: base, candidate: commit, allowDirty })
    if (outcome.kind === 'waiting') return { kind: 'held', commit, ref: outcome.ref, checkout: outcome.checkout, dirty: outcome.dirty }
    return outcome.kind === 'landed' ? { kind: 'landed', commit } : outcome
  }

  /** Those that cannot land any more, with where their branch is now. */
  async #leftBy(repository: Repository, members: readonly string[], gone: readonly string[]): Promise<Record<string, Sha | null>> {
    const left: Record<string, Sha | null> = {}
    for (const id of members) {
      const { branch, head } = this.#offer(id).entry
      const found = await repository.resolve(`refs/heads/${branch}`)
      if (found !== head || gone.includes(id)) left[id] = found ?? null
    }
    return left
  }

  #repository(): ReturnType<Services['repository']> {
    return this.#parts.services.repository(this.#parts.input.repository)
  }

  #offer(id: string): Offer {
    const offer = this.#offers.get(id)
    invariant(offer !== undefined, `${id} is not of this batch`)
    return offer
  }
}

const FULL_MESSAGES = 20

/** The journal keeps them: all that failed, with the words of the first. */
function bounded(failures: readonly TestFailure[]): TestFailure[] {
  return failures.map((failure, at) =>
    at < FULL_MESSAGES ? failure : { ...failure, message: failure.message.slice(0, 300), frames: failure.frames.slice(0, 3) },
  )
}

function factsOf({ why, base, members, scope }: TestRequest, found: TestRun | Unbuildable): RunFacts {
  const asked: { why: RunFacts['why']; base: string; members: readonly string[]; scope: Scope } = { why, base, members, scope }
  if (found.kind === 'unbuildable') return { ...asked, outcome: 'unbuildable', durationMs: 0, isCached: false }
  const { durationMs, isCached, tests } = found
  const cost = { durationMs, isCached, ...(tests !== undefined && { tests }) }
  if (found.kind !== 'failed') return { ...asked, ...cost, outcome: found.kind }
  return { ...asked, ...cost, outcome: 'failed', step: found.step, failed: found.failures.slice(0, 50).map((failure) => failure.name) }
}
