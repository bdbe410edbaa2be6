import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { homeOf, personOutbox } from '../../../src/config/home.ts'
import { parseBoardFile } from '../../../src/domain/board/board-file.ts'
import { type BoardMessage, HUMAN, ORCH, type Receipt } from '../../../src/domain/board/message.ts'
import { renderOutboxFile } from '../../../src/domain/board/outbox-file.ts'
import { sessionPids } from '../claude/session-pids.ts'
import { until } from '../eventually.ts'
import { type FleetScene, messagesIn } from '../fleet/fleet.ts'

type Shown = BoardMessage & { readonly receipts: readonly Receipt[] }

/** A feature of the project `repo` whose agents, reviewers and daemon are killed, and what must hold of it in the end. */
export class FeatureCrash {
  readonly #scene: FleetScene
  readonly #feature: string
  /** By task: how often a request to the model held each message, at most. */
  readonly #heard = new Map<string, Map<string, number>>()
  readonly #conversations = new Map<string, Set<string>>()
  /** By commit that was judged, of reviewers. */
  readonly #reviewers = new Set<string>()
  killedReviewers = 0

  constructor(scene: FleetScene, feature: string) {
    this.#scene = scene
    this.#feature = feature
    scene.model.onRequest(({ role, session, task = '', reviewer, step }, body) => {
      if (role !== 'session') return
      if (reviewer !== undefined) {
        this.#reviewers.add(session)
        if (step > 0 && this.killedReviewers === 0) this.#killReviewer(task)
        return
      }
      this.#conversations.set(task, (this.#conversations.get(task) ?? new Set()).add(session))
      const heard = this.#heard.get(task) ?? new Map<string, number>()
      this.#heard.set(task, heard)
      const ids = messagesIn(body)
      for (const id of new Set(ids)) heard.set(id, Math.max(heard.get(id) ?? 0, ids.filter((each) => each === id).length))
    })
  }

  /** Where nothing goes on before this test does something about it. */
  get heldAt(): string | undefined {
    const gate = this.#openGate()
    return gate === undefined ? ['backend', 'frontend', 'integration'].find((name) => this.isAt(name)) : `gate ${gate.id}`
  }

  isAt(name: string): boolean {
    return existsSync(this.#mark(`at-${name}`)) && !existsSync(this.#mark(`past-${name}`))
  }

  open(name: string): void {
    writeFileSync(this.#mark(`past-${name}`), '')
  }

  /** An author in the command in which it is to die. */
  killHeldAuthors(): void {
    for (const name of ['backend', 'frontend']) {
      if (!this.isAt(name)) continue
      this.open(name)
      const task = `${this.#feature}.${name}`
      process.kill(sessionPids(join(this.#session(task), this.#scene.processes(task).at(-1) ?? '')).agent, 'SIGKILL')
    }
  }

  /** As `orch approve` leaves it where no daemon can be started; then a second one that says the contrary. */
  answerGates(): void {
    const gate = this.#openGate()
    if (gate === undefined) return
    const folder = personOutbox(this.#home)
    mkdirSync(folder, { recursive: true })
    for (const decision of ['approve', 'deny'] as const) {
      const answer = renderOutboxFile({ kind: 'answer', project: 'repo', inReplyTo: gate.id, decision, text: `I ${decision} it` })
      writeFileSync(join(folder, `${decision}-${gate.id}.md`), answer)
    }
  }

  async expectLandedOnce(): Promise<void> {
    const git = (...args: string[]): Promise<string> => this.#scene.git(...args)
    expect(await git('rev-list', '--first-parent', '--count', 'main')).toBe('2')
    expect(await git('log', '-1', '--format=%(trailers:key=Orch-Task,valueonly)', 'main')).toContain(`repo.${this.#feature}`)
    expect(await git('ls-tree', '-r', '--name-only', 'main')).toBe(
      ['INTEGRATION.txt', 'README.md', 'orch.yaml', 'src/api/limit.sh', 'src/api/pay.sh', 'src/web/page.txt'].join('\n'),
    )
  }

  /** Counted at the model server: each message in the conversation of each of its receivers, once, and in no other. */
  async expectHeardOnce(): Promise<void> {
    const messages = await this.#untilReceived()
    const said = messages.filter(({ from }) => from !== ORCH).map(({ kind, from, to }) => `${kind} ${from}>${to.join()}`)
    const [backend, frontend, integration] = ['backend', 'frontend', 'integration'].map((name) => `repo.${this.#feature}.${name}`)
    expect(said.filter((each) => !each.startsWith('note ')).toSorted()).toEqual(
      [
        `context ${backend}>${frontend},${integration}`,
        `context ${frontend}>${backend},${integration}`,
        `decision ${backend}>${frontend}`,
        `question ${frontend}>${backend}`,
        `answer ${backend}>${frontend}`,
        `escalation ${frontend}>human`,
        `answer human>${frontend}`,
        ...['c1', 'c2'].flatMap(() => [`review-request ${backend}>`, `verdict ${frontend}>`]),
      ].toSorted(),
    )
    for (const message of messages) {
      for (const { to, deliveredAt } of message.receipts) {
        if (to === HUMAN || deliveredAt === undefined) continue
        const heard = this.#heard.get(to.slice('repo.'.length))?.get(message.id)
        // That a gate is open orch itself hears; a session has nothing to do about it.
        expect(heard, `${message.id} to ${to}: ${message.text}`).toBe(message.decision === 'approve' ? undefined : 1)
      }
    }
    for (const [task, heard] of this.#heard) {
      const own = messages.filter(({ to }) => to.includes(`repo.${task}`)).map(({ id }) => id)
      expect(
        [...heard.keys()].filter((id) => !own.includes(id)),
        task,
      ).toEqual([])
      expect(
        [...heard].filter(([, times]) => times !== 1),
        task,
      ).toEqual([])
      expect(this.#conversations.get(task)?.size, `conversations of ${task}`).toBe(1)
    }
  }

  /** One reviewer a commit, though one was killed: the first objected, and what has landed was approved. */
  async expectVerdictsOfTheirCommits(): Promise<void> {
    expect(this.killedReviewers).toBe(1)
    const folder = join(this.#home.root, 'projects', 'repo', 'board', 'verdicts')
    const kept = readdirSync(folder).map((name) => ({ name, ...(JSON.parse(readFileSync(join(folder, name), 'utf8')) as Kept) }))
    for (const { name, verdict } of kept) expect(name).toBe(`${verdict.commit}.backend.frontend.json`)
    const parts = await this.#scene.git('log', '-1', '--format=%(trailers:key=Orch-Parts,valueonly)', 'main')
    const landed = /\.backend@([0-9a-f]{40})/.exec(parts)?.[1]
    const first = await this.#scene.git('rev-parse', `${landed}^`)
    const found = kept.map(({ verdict }) => `${verdict.commit} ${verdict.outcome}`)
    expect(found.toSorted()).toEqual([`${landed} approve`, `${first} findings`].toSorted())
    expect(this.#reviewers.size).toBe(2)
    const reviews = join(this.#session(`${this.#feature}.backend`), 'reviews')
    expect(readdirSync(reviews).filter((name) => existsSync(join(reviews, name, 'tree')))).toEqual([])
  }

  expectGateAnsweredOnce(): void {
    const gates = this.#onBoard().filter(({ gate }) => gate !== undefined)
    expect(gates).toHaveLength(1)
    const answers = this.#onBoard().filter(({ from, inReplyTo }) => from === HUMAN && inReplyTo === gates[0]?.id)
    expect(answers.map(({ decision }) => decision)).toEqual(['approve'])
    expect(readdirSync(personOutbox(this.#home)).filter((name) => name.endsWith('.md'))).toEqual([])
    expect(readdirSync(join(personOutbox(this.#home), 'refused'))).toEqual([`deny-${gates[0]?.id}.md`])
  }

  /** One that the person has neither answered nor left an answer to. */
  #openGate(): BoardMessage | undefined {
    const messages = this.#onBoard()
    const isAnswered = ({ id }: BoardMessage): boolean =>
      messages.some(({ from, inReplyTo }) => from === HUMAN && inReplyTo === id) ||
      existsSync(join(personOutbox(this.#home), `approve-${id}.md`))
    return messages.find((message) => message.gate !== undefined && !isAnswered(message))
  }

  async #untilReceived(): Promise<readonly Shown[]> {
    const isClosed = ({ receipts }: Shown): boolean => receipts.every((each) => (each.deliveredAt ?? each.refused) !== undefined)
    const look = async (): Promise<readonly Shown[]> =>
      (JSON.parse((await this.#scene.run(['board', '--feature', this.#feature, '--json'])).stdout) as { messages: Shown[] }).messages
    return until(async () => ((await look()).every(isClosed) ? look() : undefined), {
      what: 'every receipt is closed',
      deadlineMs: 60_000,
    }).catch(async (cause: unknown) => {
      throw new Error(`open: ${JSON.stringify((await look()).filter((each) => !isClosed(each)))}`, { cause })
    })
  }

  #onBoard(): readonly BoardMessage[] {
    const folder = join(this.#home.root, 'projects', 'repo', 'board', 'messages')
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^m\d+\.md$/.test(name)) : []
    return names.flatMap((name) => parseBoardFile(readFileSync(join(folder, name), 'utf8')) ?? [])
  }

  #killReviewer(task: string): void {
    const folder = join(this.#session(task), 'reviews')
    const living = readdirSync(folder).find((name) => existsSync(join(folder, name, 'agent')) && !existsSync(join(folder, name, 'exit')))
    if (living === undefined) return
    this.killedReviewers += 1
    process.kill(sessionPids(join(folder, living)).agent, 'SIGKILL')
  }

  #mark(name: string): string {
    return join(this.#scene.orch.home, name)
  }

  #session(task: string): string {
    return join(this.#home.root, 'sessions', `repo.${task}`)
  }

  get #home(): ReturnType<typeof homeOf> {
    return homeOf({ ORCH_HOME: this.#scene.orch.orchHome })
  }
}

interface Kept {
  readonly verdict: { readonly commit: string; readonly outcome: string }
}
