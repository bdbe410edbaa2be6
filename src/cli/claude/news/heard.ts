import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { isSameProcess, type ProcessIdentity } from '../../../platform/process-identity.ts'

/** Where the words of a telling are looked for. */
export interface Trace {
  /** Stands in the words, and so in the transcript of a session that has got them. */
  readonly mark: string
  readonly transcript: string
  /** Bytes of the transcript before the words. */
  readonly behind: number
  /** The program that was told: what it has only put into its queue is gone with it. */
  readonly claude?: ProcessIdentity | undefined
}

/**
 * Whether the session has got the words: its transcript shows their mark. In a turn Claude Code first puts them into a queue, which it writes down
 * too and which ends with it, so a line of the queue counts only as long as that program lives. True where there is no transcript.
 */
export async function wasHeard({ transcript, behind, mark, claude }: Trace): Promise<boolean> {
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
