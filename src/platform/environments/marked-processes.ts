import { setTimeout as delay } from 'node:timers/promises'
import { Failure } from '../../foundation/failure.ts'
import type { ProcessIdentity } from '../process-identity.ts'
import { currentBootId, scanProcesses, signalProcess } from '../process-table.ts'
import type { ProcessEntry } from '../process-table.ts'

/**
 * Ends (SIGKILL) every process that was started with ORCH_SESSION=`marker`, their children, and `also`; loops until none is left.
 * Tools of an agent have sessions and process groups of their own and are re-parented when it dies, so neither groups nor parents find them all.
 * Never signals this process. Failure `session-unstoppable` names what is left after `deadlineMs`.
 */
export async function reapMarked(marker: string, also: readonly ProcessIdentity[] = [], deadlineMs = 10_000): Promise<void> {
  const bootId = await currentBootId()
  const known = new Map(also.filter((one) => one.bootId === bootId).map((one) => [one.pid, one.startTime]))
  const deadline = performance.now() + deadlineMs
  // Two empty scans in a row: reading a process table is not atomic, a fork can hide behind the one that ends.
  for (let empty = 0, pauseMs = 5; empty < 2;) {
    const doomed = withDescendants(await scanProcesses(), (entry) => entry.marker === marker || known.get(entry.pid) === entry.startTime)
    empty = doomed.length === 0 ? empty + 1 : 0
    if (doomed.length === 0) continue
    if (performance.now() > deadline) throw unstoppable(doomed)
    for (const entry of doomed) known.set(entry.pid, entry.startTime)
    await Promise.all(doomed.map((entry) => signalProcess(entry, 'SIGKILL')))
    await delay(pauseMs)
    pauseMs = Math.min(pauseMs * 2, 200)
  }
}

/** The processes below `root`, and all that carry the marker: to be taken before a parent's end re-parents them. */
export async function descendantsOf(root: ProcessIdentity | undefined, marker: string): Promise<readonly ProcessEntry[]> {
  return withDescendants(
    await scanProcesses(),
    (entry) => entry.marker === marker || (entry.pid === root?.pid && entry.startTime === root.startTime && entry.bootId === root.bootId),
  )
}

function withDescendants(table: readonly ProcessEntry[], isRoot: (entry: ProcessEntry) => boolean): readonly ProcessEntry[] {
  const found = new Map(table.filter((entry) => isRoot(entry) && entry.pid !== process.pid).map((entry) => [entry.pid, entry]))
  for (let before = -1; before !== found.size;) {
    before = found.size
    // A daemon that an agent's own command happened to start is not the agent's to take along, nor are its children.
    for (const entry of table) if (found.has(entry.parent) && entry.pid !== process.pid) found.set(entry.pid, entry)
  }
  return [...found.values()]
}

function unstoppable(left: readonly ProcessEntry[]): Failure {
  const pids = left.map((entry) => entry.pid)
  return new Failure('session-unstoppable', `Some processes of the session do not end: ${pids.join(', ')}.`, { facts: { pids } })
}
