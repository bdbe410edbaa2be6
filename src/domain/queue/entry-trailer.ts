import type { QueueEntry } from './entry.ts'

/** Value of the trailer `Orch-Entry`: which branch at which commit a landing brought. A branch that went on is another entry. */
export function entryTrailer({ name, head }: Pick<QueueEntry, 'name' | 'head'>): string {
  return `${name}@${head}`
}

/** The name in it; any other text as it is. */
export function entryName(trailer: string): string {
  return trailer.replace(/@[0-9a-f]{40,64}$/, '')
}
