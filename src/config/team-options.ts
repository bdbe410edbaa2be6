import { contracts } from './kinds/contract-kind.ts'
import { departments } from './kinds/department-kind.ts'
import { option, optional } from './option.ts'
import { gates } from './kinds/gate-kind.ts'
import { choice, count, duration, list } from './option-kinds.ts'

/** Of sessions that work together: departments, what they say to each other, and where a person decides. Part of the one table. */
export const teamOptions = {
  departments: option({
    path: 'departments',
    env: 'ORCH_DEPARTMENTS',
    kind: departments(),
    default: [],
    doc: 'The roles that share a feature (`orch feature`), each over the built-in one of its name: frontend, backend, testing, security, devops, docs, foundation, integration.',
  }),
  featureDepartments: option({
    path: 'feature.departments',
    env: 'ORCH_FEATURE_DEPARTMENTS',
    kind: list(),
    default: [],
    doc: 'Which of them a feature has when none are named; if empty, all that `departments` lists.',
  }),
  foundationPhase: option({
    path: 'phases.foundation',
    env: 'ORCH_PHASE_FOUNDATION',
    kind: choice('on', 'off'),
    default: 'on',
    doc: 'Whether the department `foundation`, where a feature has it, goes first and the others start from its work; `off`: it works beside them.',
  }),
  discoveryPhase: option({
    path: 'phases.discovery',
    env: 'ORCH_PHASE_DISCOVERY',
    kind: choice('on', 'off'),
    default: 'on',
    doc: 'Whether a department writes its plan, its integration points and its contract to the board before it edits.',
  }),
  reviewsPhase: option({
    path: 'phases.reviews',
    env: 'ORCH_PHASE_REVIEWS',
    kind: choice('on', 'off'),
    default: 'on',
    doc: "Whether departments review each other's checkpoints.",
  }),
  integrationPhase: option({
    path: 'phases.integration',
    env: 'ORCH_PHASE_INTEGRATION',
    kind: choice('on', 'off'),
    default: 'on',
    doc: 'Whether one session tests and mends the merged work of all departments before it lands; `off`: their branches land together as they are.',
  }),
  contracts: option({
    path: 'contracts',
    env: 'ORCH_CONTRACTS',
    kind: contracts(),
    default: [],
    doc: 'Files that several departments build on. Only the owner may change them.',
  }),
  ownership: option({
    path: 'ownership',
    env: 'ORCH_OWNERSHIP',
    kind: choice('deny', 'ask', 'warn'),
    default: 'deny',
    doc: 'What happens to an edit outside of what a department, or a task with `owns`, owns: stopped with a word whom to ask; you are asked; or only told.',
  }),
  reviewRounds: option({
    path: 'review-rounds',
    env: 'ORCH_REVIEW_ROUNDS',
    kind: count(1, 20),
    default: 3,
    doc: 'How often findings of reviewers go back to an author before you are asked.',
  }),
  negotiationRounds: option({
    path: 'negotiation-rounds',
    env: 'ORCH_NEGOTIATION_ROUNDS',
    kind: count(1, 20),
    default: 3,
    doc: 'How often two departments whose work conflicts go back and forth before you are asked.',
  }),
  tools: optional({
    path: 'tools',
    env: 'ORCH_TOOLS',
    kind: list(),
    doc: 'The tools of sessions, as Claude Code calls them. If unset, those for work on files, the shell, the web and sub-agents. `AskUserQuestion` may be among them: it makes each request 4.5 KB longer, and `orch ask human` does the same without it.',
  }),
  parkAfterMs: option({
    path: 'park-after',
    env: 'ORCH_PARK_AFTER',
    kind: duration(),
    default: 600_000,
    doc: 'A session that waits for you or for an answer for so long is ended, so that it costs no memory; it is resumed with the answer.',
  }),
  gates: option({
    path: 'gates',
    env: 'ORCH_GATES',
    kind: gates(),
    default: [],
    doc: 'Where only you decide: validated work that meets one of these rules waits for `orch approve` before it lands.',
  }),
} as const
