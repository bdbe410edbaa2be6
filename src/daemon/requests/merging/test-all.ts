import { Failure } from '../../../foundation/failure.ts'
import type { Sha } from '../../../foundation/brand.ts'
import type { TestRun } from '../../../domain/queue/test-run.ts'
import { lookUntil } from '../../../platform/clock.ts'
import type { Repository } from '../../../ports/git.ts'
import type { TestAllRequest } from '../../../protocol/requests.ts'
import type { TestAllResponse, TestVerdict } from '../../../protocol/responses.ts'
import { CandidateChain } from '../../../workflows/queue/candidate-chain.ts'
import { offerOf, testingOf, type Offer } from '../../../workflows/queue/offer.ts'
import { openPlace } from '../open-place.ts'
import type { RequestParts } from '../parts.ts'
import type { Place } from '../task-inputs.ts'
import { branchOffer } from './branch-offer.ts'
import { choose, type Chosen } from './chosen.ts'

const WAITING: TestVerdict = { outcome: 'waiting', summary: '' }

/** `orch review --test-all`: each branch merged alone, and all of them merged. Nothing lands; what was found out is known to the queue too. */
export async function testAll(parts: RequestParts, request: TestAllRequest): Promise<TestAllResponse> {
  const place = await openPlace(parts, request.cwd)
  const chosen = await choose(parts, { cwd: request.cwd, names: request.names }, place)
  const id = parts.newId()
  const isDryRun = request.isDryRun ?? false
  const environment = isDryRun ? '' : await parts.environments.keep(request.environment)
  const offers = await Promise.all(chosen.map((one, at) => offered(place, one, { id, at, environment })))
  const rows = offers.map(({ entry }) => ({ name: entry.name, branch: entry.branch, alone: WAITING }))
  const first: TestAllResponse = { id, isDone: isDryRun || rows.length === 0, rows, merged: WAITING, isDryRun }
  if (!first.isDone) {
    parts.matrices.begin(first)
    fill(parts, place, id, offers, parts.clock.now()).catch((error: unknown) => parts.matrices.fail(id, error))
  }
  return first
}

async function offered(place: Place, chosen: Chosen, facts: { id: string; at: number; environment: string }): Promise<Offer> {
  if (chosen.kind === 'branch') return branchOffer(place, { ...chosen, ...facts, merge: facts.id })
  const { input } = chosen.record
  const head = await place.repository.resolve(`refs/heads/${input.branch}`)
  if (head === undefined)
    throw new Failure('nothing-to-merge', `${input.handle} has no branch yet`, { next: `orch resume ${input.handle}` })
  return offerOf(input, '', { id: `${facts.id} ${input.handle}`, head, at: facts.at })
}

async function fill(parts: RequestParts, place: Place, id: string, offers: readonly Offer[], at: number): Promise<void> {
  const { commit: base } = await place.repository.targetTip(place.target)
  const chain = new CandidateChain(id, new Map(offers.map((offer) => [offer.entry.id, offer])), at)
  const test = async (members: readonly string[], name: string): Promise<void> => {
    parts.matrices.note(id, name, { outcome: 'running', summary: '' })
    const verdict = await testOne(parts, place.repository, { chain, base, members, offers, id: `${id}.${name}` }).catch(
      (error: unknown): TestVerdict => ({ outcome: 'stopped', summary: error instanceof Error ? error.message : String(error) }),
    )
    parts.matrices.note(id, name, verdict)
  }
  await Promise.all(offers.map(({ entry }) => test([entry.id], entry.name)))
  await test(
    offers.map(({ entry }) => entry.id),
    '',
  )
}

interface OneTest {
  readonly chain: CandidateChain
  readonly base: Sha
  readonly members: readonly string[]
  readonly offers: readonly Offer[]
  readonly id: string
}

async function testOne(parts: RequestParts, repository: Repository, { chain, base, members, offers, id }: OneTest): Promise<TestVerdict> {
  const built = await chain.build(repository, base, members)
  if (built.kind === 'unbuildable') {
    const name = offers.find(({ entry }) => entry.id === built.member)?.entry.name ?? built.member
    return { outcome: 'conflicts', summary: `${name}: ${built.files.slice(0, 5).join(', ')}` }
  }
  const offer = offers.find(({ entry }) => entry.id === members[0])
  if (offer === undefined || offer.settings.steps.length === 0) return { outcome: 'passed', summary: 'no validation is configured' }
  const { commit, tree } = built
  const found = await parts.bench.run({ ...testingOf(offer), id, commit, tree, scope: 'all', rerun: 0, signal: parts.matrices.signal })
  return toVerdict(found)
}

function toVerdict(found: TestRun): TestVerdict {
  const { kind, durationMs, isCached } = found
  return { outcome: kind, summary: kind === 'failed' ? `${found.step}: ${found.summary}` : '', durationMs, isCached }
}

/** Waits until all are known or a while has passed. */
export async function awaitTestAll(parts: RequestParts, id: string, deadlineMs: number): Promise<TestAllResponse> {
  const { clock, matrices } = parts
  const changed = () => matrices.changed()
  return lookUntil(
    { clock, ms: deadlineMs, changed },
    () => answerOf(parts, id),
    ({ isDone }) => isDone,
  )
}

function answerOf({ matrices }: RequestParts, id: string): TestAllResponse {
  const found = matrices.get(id)
  if (found !== undefined) return found
  throw new Failure('unknown-test-all', 'the daemon was restarted and no longer knows this question', {
    safe: 'what was found out until then is known and costs nothing',
    next: 'orch review --test-all',
  })
}
