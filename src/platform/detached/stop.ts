import { setTimeout as delay } from 'node:timers/promises'
import { descendantsOf, reapMarked } from '../environments/marked-processes.ts'
import { isSameProcess } from '../process-identity.ts'
import { signalProcess } from '../process-table.ts'
import { loadAgent, loadExit } from './session-folder.ts'
import type { WrapperRecord } from './session-folder.ts'

/** The wrapper needs moments to write the exit file after its agent's end; a wrapper that takes longer is stuck or suspended. */
const wrapperGraceMs = 5000

/** TERM to the agent, KILL after `graceMs`, then whatever it left, then the wrapper if it does not end by itself. Repeating it is harmless. */
export async function endDetached(folder: string, wrapper: WrapperRecord, graceMs: number): Promise<void> {
  const isOver = async (): Promise<boolean> => loadExit(folder) !== undefined || (await isSameProcess(wrapper)) === 'dead'
  // A wrapper that has not started its agent yet gets the time to, else the agent would start behind our back.
  await until(async () => loadAgent(folder) !== undefined || (await isOver()), wrapperGraceMs)
  const agent = loadAgent(folder)
  const family = await descendantsOf(agent, wrapper.marker)
  if (agent !== undefined) await signalProcess(agent, 'SIGTERM')
  if (agent !== undefined) await until(async () => (await isSameProcess(agent)) === 'dead', graceMs)
  await reapMarked(wrapper.marker, [...family, ...(await descendantsOf(agent, wrapper.marker))])
  if (await until(isOver, wrapperGraceMs)) return
  await signalProcess(wrapper, 'SIGKILL')
  await reapMarked(wrapper.marker)
}

/** There is no event for the end of a process that is not our child, so it is looked for, ever less often. */
async function until(isTrue: () => Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  for (let pauseMs = 5; !(await isTrue()); pauseMs = Math.min(pauseMs * 1.5, 100)) {
    if (performance.now() > deadline) return false
    await delay(pauseMs)
  }
  return true
}
