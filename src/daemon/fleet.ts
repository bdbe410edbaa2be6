import { Turns } from '../foundation/turns.ts'
import type { Clock } from '../platform/clock.ts'
import type { Home } from '../config/home.ts'
import { loadConfig } from '../config/load-config.ts'
import type { Config } from '../config/options.ts'
import type { Agent } from '../ports/agent.ts'
import type { Engine } from '../ports/engine.ts'
import type { Git } from '../ports/git.ts'
import type { Notifier } from '../ports/notifier.ts'
import type { TestReporting } from '../ports/test-reporting.ts'
import type { RadarSource } from '../ports/radar.ts'
import { defineCleanup } from '../workflows/cleanup.ts'
import type { News } from '../workflows/news.ts'
import { NEWS } from '../workflows/news.ts'
import { defineBatch } from '../workflows/queue/batch.ts'
import { defineEntry } from '../workflows/queue/entry.ts'
import { defineTask } from '../workflows/run-task.ts'
import { defineSeat } from '../workflows/seat.ts'
import type { Services } from '../workflows/services.ts'
import type { TaskInput } from '../workflows/task-input.ts'
import { Terminals } from './attach/terminals.ts'
import { Attempts } from './attempts/attempts.ts'
import { ContextFiles } from './board/context-files.ts'
import type { MessageBoard } from './board/message-board.ts'
import { makeBoard } from './board/make-board.ts'
import { Brain } from './brain/brain.ts'
import { PersonOutbox } from './person/person-outbox.ts'
import { Recovery } from './recovery.ts'
import { FlakyTests } from './queue/flaky-tests.ts'
import { PermittedEdits } from './hooks/permitted-edits.ts'
import { Trespasses } from './hooks/trespasses.ts'
import { Gates } from './gates/gates.ts'
import { EditGuard } from './hooks/edit-guard.ts'
import { KnownPasses } from './bench/known-passes.ts'
import { Results } from './bench/results.ts'
import { TestBench } from './bench/test-bench.ts'
import { Templates } from './dependencies/templates.ts'
import { answerRequest } from './requests/steer-task.ts'
import type { RequestParts } from './requests/parts.ts'
import { WorktreePools } from './provision/worktree-pools.ts'
import { AnsweredRequests } from './person/answered-requests.ts'
import { Archive } from './services/archive.ts'
import { Commands } from './services/commands.ts'
import { Environments } from './services/environments.ts'
import { logError } from './services/error-log.ts'
import { Merges } from './services/merges.ts'
import { ManualCommands } from './sessions/manual-command.ts'
import { makeNotices } from './notices/make-notices.ts'
import { ModelGate } from './sessions/model-gate.ts'
import { Desk } from './queue/desk.ts'
import { Matrices } from './queue/matrices.ts'
import { QueueRecord } from './queue/queue-record.ts'
import { Projects } from './services/projects.ts'
import { Radars } from './radar/radars.ts'
import { RefAudit } from './services/ref-audit.ts'
import { Reviews } from './reviews/reviews.ts'
import { Roster } from './services/roster.ts'
import { SessionRegistry } from './sessions/session-registry.ts'
import { StartPermits } from './sessions/start-permits.ts'
import { Worktrees } from './services/worktrees.ts'

export interface FleetParts {
  readonly home: Home
  readonly clock: Clock
  readonly engine: Engine
  readonly git: Git
  readonly reporting: TestReporting
  readonly radar: RadarSource
  readonly agentOf: (input: TaskInput) => Agent
  readonly notifiersFor: (config: Config) => readonly Notifier[]
  readonly newId: () => string
  readonly stableId: (text: string) => string
  readonly cores: number
}

export interface Fleet {
  readonly clock: Clock
  readonly engine: Engine
  readonly roster: Roster
  readonly sessions: SessionRegistry
  readonly radars: Radars
  readonly gate: ModelGate
  readonly desk: Desk
  readonly editGuard: EditGuard
  readonly git: Git
  readonly board: MessageBoard
  readonly requestParts: RequestParts
  /** Before the engine's launch: runs that are replayed speak at once. */
  recall(): Promise<void>
  /** After the engine's launch: what the last daemon left unsaid is said, and people see how things stand now. */
  goOn(): Promise<void>
  close(): Promise<void>
}

/** Puts the services of one home together and defines the workflows on its engine. */
export function makeFleet(parts: FleetParts): Fleet {
  const { home, clock, engine, git } = parts
  const now = (): number => clock.now()
  const tell = (runId: string, news: News, key: string): Promise<void> => engine.send(runId, NEWS, news, key)
  const roster = new Roster(home)
  const recovery = new Recovery(engine, roster, (input) => sessions.stop(input))
  const environments = new Environments(home)
  const templates = new Templates({ home, git, clock })
  const commands = new Commands(home, environments, templates)
  const gate = new ModelGate(clock)
  const boardOfHome = makeBoard({ home, clock, roster, stableId: parts.stableId, tell, logError })
  const { board, delivery, outbox } = boardOfHome
  const personOutbox = new PersonOutbox({ home, board, roster, answerRequest: (request) => answerRequest(requestParts, request), logError })
  const contextFiles = new ContextFiles({ home, board, roster, logError })
  const audit = new RefAudit(git, roster, now)
  const merges = new Merges()
  const brain = new Brain(home)
  const queueRecord = new QueueRecord(home)
  const flakyTests = new FlakyTests(home)
  const results = new Results(home)
  const bench = new TestBench({ home, git, environments, templates, reporting: parts.reporting, results, now })
  const desk = new Desk({ clock, engine, git, record: queueRecord, newId: parts.newId, logError })
  const matrices = new Matrices()
  merges.onEnded = (handle) => desk.unexpect([handle])
  const radars = new Radars({
    home,
    clock,
    source: parts.radar,
    roster,
    isOn: (repository) => isRadarOn(home, repository),
    tell,
    newId: parts.newId,
    logError,
  })
  const pools = new WorktreePools({ git, clock, roster, logError })
  const permitted = new PermittedEdits(home, logError)
  const editGuard = new EditGuard({ roster, agentOf: parts.agentOf, permitted, now })
  const permits = new StartPermits(parts.cores)
  const reviews = new Reviews({
    home,
    clock,
    git,
    agentOf: parts.agentOf,
    environments,
    gate,
    permits,
    places: new StartPermits(Math.max(2, parts.cores)),
    stableId: parts.stableId,
    decisionsFor: (input) => board.decisionsFor(input),
    roster,
    logError,
  })
  const sessions = new SessionRegistry({
    home,
    clock,
    agentOf: parts.agentOf,
    environments,
    roster,
    gate,
    outbox,
    permits,
    stableId: parts.stableId,
    tell,
    audit: {
      begin: async (input) => void (await Promise.all([audit.begin(input), contextFiles.keep(input)])),
      check: (input) => audit.check(input),
    },
    hear: (input, event) => {
      radars.hear(input, event)
      if (event.type === 'message-received') board.noteDelivered(input.handle, event.messageId, event.at)
      permitted.hear(input, event)
    },
    editGuard: (input) => editGuard.urlOf(input),
    logError,
  })
  const terminals = new Terminals({ home, sessions, agentOf: parts.agentOf, stableId: parts.stableId })
  delivery.onFiled = (handle, uuid) => sessions.noteFiled(handle, uuid)
  const services: Services = {
    now,
    recallEnded: () => recovery.recallEnded(),
    stableId: parts.stableId,
    repository: (path) => git.open(path),
    sessions,
    terminals,
    manual: new ManualCommands({
      home,
      environments,
      agentOf: parts.agentOf,
      stableId: parts.stableId,
      follow: (input) => sessions.followManual(input),
    }),
    roster,
    worktrees: new Worktrees(git, outbox, now, pools, brain),
    modelGate: gate,
    commands,
    merges,
    archive: new Archive({ home, brain, roster, logError }),
    audit,
    queue: desk,
    attempts: new Attempts({ home, clock, engine, git, roster, sessions: () => sessions }),
    bench,
    flakyTests,
    knownPasses: new KnownPasses(results, environments),
    overlaps: radars,
    board,
    gates: new Gates(git, roster),
    reviews,
    ownerships: new Trespasses({ git, roster, permitted }),
  }
  const notices = makeNotices({ ...parts, roster, board, logError })
  const requestParts: RequestParts = {
    answered: new AnsweredRequests(home),
    board,
    personOutbox,
    home,
    clock,
    engine,
    git,
    commands,
    reviews,
    environments,
    merges,
    flakyTests,
    bench,
    templates,
    desk,
    matrices,
    queueRecord,
    starts: new Turns(),
    projects: new Projects(home),
    roster,
    radars,
    sessions,
    terminals,
    agentOf: parts.agentOf,
    newId: parts.newId,
  }
  roster.onChange(({ handle, status }) => {
    if (status === 'Archived') outbox.unfollow(handle)
    void delivery.deliverTo(handle).catch(logError)
  })
  defineSeat(engine)
  defineTask(engine, services)
  defineCleanup(engine, services)
  defineBatch(engine, services)
  defineEntry(engine, services)
  return {
    clock,
    engine,
    roster,
    sessions,
    radars,
    gate,
    desk,
    editGuard,
    git,
    board,
    recall: () => boardOfHome.load(),
    requestParts,
    goOn: async () => {
      recovery.recallEnded()
      await sessions.attached()
      roster.endReplay()
      await recovery.goOn()
      desk.goOn()
      pools.recall()
      for (const { input } of roster.records()) {
        const stage = roster.stage(input.handle)?.kind
        if (stage === 'merged' || stage === 'archived') continue
        outbox.follow(input)
        if (input.kind === 'manual') await sessions.followManual(input)
      }
      await outbox.settled()
      await personOutbox.follow()
      await delivery.deliverAll()
      radars.begin()
      await notices.begin().catch(logError)
    },
    close: async () => {
      await notices.close()
      boardOfHome.close()
      personOutbox.close()
      matrices.close()
      await radars.close()
      await engine.close()
      await pools.close()
      await sessions.close()
      await roster.close()
    },
  }
}

/** By the files alone: it belongs to the repository, not to one task. Settings that cannot be read switch nothing off. */
async function isRadarOn(home: Home, root: string): Promise<boolean> {
  const { config } = await loadConfig({ home: home.root, root, environment: process.env }).catch(() => ({ config: { radar: 'on' } }))
  return config.radar === 'on'
}
