import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { scanProcesses } from '../../../src/platform/process-table.ts'

/** Who runs in a session's folder, as its own files say. */
export function sessionPids(folder: string): { readonly wrapper: number; readonly agent: number } {
  return { wrapper: firstNumber(join(folder, 'pid')), agent: firstNumber(join(folder, 'agent')) }
}

/** Everything that carries the session's marker. */
export async function livingProcesses(folder: string): Promise<readonly number[]> {
  const marker = readFileSync(join(folder, 'pid'), 'utf8').split('\n')[3]
  return (await scanProcesses()).filter((entry) => entry.marker === marker).map((entry) => entry.pid)
}

function firstNumber(path: string): number {
  return Number.parseInt(readFileSync(path, 'utf8'), 10)
}
