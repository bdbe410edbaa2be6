import { option } from './option.ts'
import { gates } from './kinds/gate-kind.ts'
import { duration } from './option-kinds.ts'

/** Of sessions that work together: departments, what they say to each other, and where a person decides. Part of the one table. */
export const teamOptions = {
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
