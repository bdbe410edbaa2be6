import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { isSameProcess } from '../../../platform/process-identity.ts'
import type { Telling } from './tellings.ts'

/**
 * Whether the session has got the words: its transcript shows their mark. In a turn Claude Code first puts them into a queue, which it writes down
 * too and which ends with it, so a line of the queue counts only as long as that program lives. True where there is no transcript.
 */
export async function wasHeard({ transcript, behind, mark, claude }: Telling): Promise<boolean> {
  const text = textBehind(transcript, behind)
  if (text === undefined) return true
  const places = text
    .split('\n')
    .filter((line) => line.includes(mark))
    .map((line) => (isOfQueue(line) ? 'queue' : 'conversation'))
  if (places.includes('conversation')) return true
  return places.length > 0 && (claude === undefined || (await isSameProcess(claude)) !== 'dead')
}

function isOfQueue(line: string): boolean {
  try {
    return (JSON.parse(line) as { type?: unknown }).type === 'queue-operation'
  } catch {
    // The line is being written, and what follows it will tell.
    return true
  }
}

/** A transcript that became shorter is another one, and is read whole. */
function textBehind(path: string, behind: number): string | undefined {
  let file: number | undefined
  try {
    file = openSync(path, 'r')
    const { size } = fstatSync(file)
    const start = size < behind ? 0 : behind
    const bytes = Buffer.alloc(size - start)
    return bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, start))
  } catch {
    return undefined
  } finally {
    if (file !== undefined) closeSync(file)
  }
}
