import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { CommandAgent } from '../../../src/adapters/command/command-agent.ts'
import { ClaudeAgent } from '../../../src/adapters/claude-code/claude-agent.ts'
import { homeAt, type Home } from '../../../src/config/home.ts'
import { Reviews } from '../../../src/daemon/reviews/reviews.ts'
import { Environments } from '../../../src/daemon/services/environments.ts'
import { ModelGate } from '../../../src/daemon/sessions/model-gate.ts'
import { StartPermits } from '../../../src/daemon/sessions/start-permits.ts'
import type { Department } from '../../../src/domain/features/department.ts'
import { systemClock } from '../../../src/platform/clock.ts'
import { EngineClosed } from '../../../src/ports/engine.ts'
import type { ReviewVerdict } from '../../../src/domain/verification/verdict.ts'
import type { TaskInput } from '../../../src/workflows/task-input.ts'
import type { ReviewOutcome } from '../../../src/workflows/team-services.ts'
import { testGit } from '../adapters/git.ts'
import { makeRepository, type TestRepository } from '../repository.ts'
import { furnishHome, makeFolder, removeFolder } from '../temporary.ts'

export interface ReviewsPlace {
  readonly root: string
  readonly repository: string
  readonly base: string
  readonly commit: string
  /** Of the agents. */
  readonly environment: Readonly<Record<string, string>>
  readonly claude?: string
}

/** The service over real git and real processes in a temporary home. Another one over the same place is the next daemon. */
export class ReviewsScene {
  readonly place: ReviewsPlace
  readonly home: Home
  readonly gate = new ModelGate(systemClock)
  readonly reviews: Reviews
  readonly errors: unknown[] = []
  readonly #closing = new AbortController()
  readonly #digest: Promise<string>

  constructor(place: ReviewsPlace) {
    this.place = place
    this.home = homeAt(join(place.root, 'orch'))
    const environments = new Environments(this.home)
    this.#digest = environments.keep(place.environment)
    this.reviews = new Reviews({
      home: this.home,
      clock: systemClock,
      git: testGit(),
      agentOf: ({ settings }) =>
        typeof settings.agent === 'object'
          ? new CommandAgent({ argv: settings.agent.command, stopGraceMs: 500 })
          : new ClaudeAgent(place.claude === undefined ? {} : { program: place.claude }),
      environments,
      gate: this.gate,
      permits: new StartPermits(4),
      places: new StartPermits(2),
      stableId,
      decisionsFor: async () => [],
      roster: { status: () => ({ verdict: { commit: place.commit, isPassed: true, summary: 'npm test passed', at: '' } }) },
      logError: (error) => this.errors.push(error),
    })
  }

  async review(
    by: readonly Department[],
    more: { commit?: string; handle?: string; earlier?: readonly ReviewVerdict[] } = {},
  ): Promise<readonly ReviewOutcome[]> {
    const { base, commit } = this.place
    const input = await this.#input(more.handle ?? 'app.pay.backend')
    return this.reviews.review({
      input,
      base,
      commit: more.commit ?? commit,
      by,
      earlier: more.earlier ?? [],
      signal: this.#closing.signal,
    })
  }

  /** The daemon ends; what it began goes on without it. */
  closed(): void {
    this.#closing.abort(new EngineClosed())
  }

  /** The task's run is cancelled. */
  cancelled(): void {
    this.#closing.abort(new Error('given up'))
  }

  /** What lies below the author's session folder, without the claims of conversations. */
  traces(): string[] {
    const names = readdirSync(join(this.home.sessions, 'app.pay.backend', 'reviews'))
    return names.filter((name) => !name.startsWith('.')).toSorted()
  }

  async #input(handle: string): Promise<TaskInput> {
    const part = {
      feature: 'app.pay',
      department: department('backend'),
      departments: [department('backend')],
      contracts: [],
      reviewerPrompt: 'You are {{department}} and judge {{author}} at {{commit}}.',
    }
    const task = { id: 'pay-backend', title: 'Payments', body: '', needs: [], owns: [] }
    const settings = { agent: 'claude-code', permissions: { allow: [], ask: [], deny: [] }, stallAfterMs: 60_000 }
    const { root, repository } = this.place
    const names = { handle, project: 'app', repository, worktree: join(root, 'wt'), branch: 'dept/backend/pay', target: 'main' }
    return {
      ...names,
      kind: 'part',
      createdAt: bornAt(root),
      environment: await this.#digest,
      task,
      part,
      settings,
    } as unknown as TaskInput
  }
}

export function department(name: string, script?: string): Department {
  return { name, owns: [], reviews: [], hasVeto: false, ...(script !== undefined && { agent: { command: ['sh', '-c', script] } }) }
}

/** A repository with a base and a commit to be reviewed. The caller removes it. */
export function makePlace(): { readonly place: ReviewsPlace; readonly repository: TestRepository; remove(): void } {
  const repository = makeRepository({ files: { 'src/api/a.ts': 'one\n', '.gitignore': 'cache\n' } })
  const base = repository.sha('HEAD')
  repository.git('checkout', '--quiet', '-b', 'dept/backend/pay')
  const commit = repository.commit('Pay', { 'src/api/a.ts': 'two\n' })
  repository.git('checkout', '--quiet', 'main')
  const root = makeFolder('orch-reviews-')
  const { environment } = furnishHome(root)
  const place = { root, repository: repository.root, base, commit, environment }
  return {
    place,
    repository,
    remove: () => {
      repository.remove()
      removeFolder(root)
    },
  }
}

/** Another for each scene, as for tasks of real homes: two suites side by side on one machine must not take each other's reviewers for their own. */
function bornAt(root: string): number {
  return Number.parseInt(createHash('sha256').update(root).digest('hex').slice(0, 10), 16)
}

/** As the daemon's: the same text gives the same uuid. */
function stableId(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
