import * as v from 'valibot'
import { loadText } from '../../platform/files.ts'

/** What a slot was set up for, and what of it is ignored by git and therefore stays. */
export interface SetUp {
  readonly key: string
  readonly kept: readonly string[]
}

/** Undefined when there is no such note, or one that cannot be read. */
export async function loadSetUp(path: string): Promise<SetUp | undefined> {
  try {
    return v.parse(Note, JSON.parse((await loadText(path)) ?? ''))
  } catch {
    return undefined
  }
}

const Note = v.object({ key: v.string(), kept: v.array(v.string()) })
