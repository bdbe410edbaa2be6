import type { Turns } from '../../foundation/turns.ts'
import type { Clock } from '../../platform/clock.ts'
import type { Home } from '../../config/home.ts'
import type { Engine } from '../../ports/engine.ts'
import type { Git } from '../../ports/git.ts'
import type { Terminals } from '../attach/terminals.ts'
import type { MessageBoard } from '../board/message-board.ts'
import type { PersonOutbox } from '../person/person-outbox.ts'
import type { AnsweredRequests } from '../person/answered-requests.ts'
import type { Commands } from '../services/commands.ts'
import type { Templates } from '../dependencies/templates.ts'
import type { Environments } from '../services/environments.ts'
import type { Merges } from '../services/merges.ts'
import type { Desk } from '../queue/desk.ts'
import type { TestBench } from '../bench/test-bench.ts'
import type { FlakyTests } from '../queue/flaky-tests.ts'
import type { Matrices } from '../queue/matrices.ts'
import type { QueueRecord } from '../queue/queue-record.ts'
import type { Projects } from '../services/projects.ts'
import type { Radars } from '../radar/radars.ts'
import type { Reviews } from '../reviews/reviews.ts'
import type { Roster } from '../services/roster.ts'
import type { SessionRegistry } from '../sessions/session-registry.ts'
import type { Agent } from '../../ports/agent.ts'
import type { TaskInput } from '../../workflows/task-input.ts'

/** What answering a request takes. */
export interface RequestParts {
  readonly home: Home
  readonly clock: Clock
  readonly engine: Engine
  readonly git: Git
  readonly commands: Commands
  readonly reviews: Reviews
  readonly environments: Environments
  readonly merges: Merges
  readonly desk: Desk
  readonly matrices: Matrices
  readonly queueRecord: QueueRecord
  readonly flakyTests: FlakyTests
  readonly bench: TestBench
  readonly templates: Templates
  /** Whoever looks whether a task is there and then starts it takes a turn. */
  readonly starts: Turns
  readonly board: MessageBoard
  readonly personOutbox: PersonOutbox
  readonly answered: AnsweredRequests
  readonly projects: Projects
  readonly roster: Roster
  readonly radars: Radars
  readonly sessions: SessionRegistry
  readonly terminals: Terminals
  readonly agentOf: (input: TaskInput) => Agent
  readonly newId: () => string
}
