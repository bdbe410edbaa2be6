import type { Engine } from '../ports/engine.ts'
import { NEWS } from './news.ts'

/**
 * A place that only so many tasks may hold at once: a live session. It is a child run on a queue
 * with a cap, so a task that waits for a person gives its seat back and keeps its own place in life.
 */
export function defineSeat(engine: Engine): void {
  engine.workflow('seat', async (run, input: { readonly holder: string }) => {
    await run.send(input.holder, NEWS, { kind: 'seat', seat: run.id })
    await run.recv('release')
    return null
  })
}

export function sessionQueue(project: string): string {
  return `sessions of ${project}`
}
