import { matchesPath, compileGlobs } from '../../foundation/glob.ts'
import type { BoardMessage, Party } from '../board/message.ts'

/** A dependency that shows in the table: `by` goes on when one of `of` has offered or answered it. */
export type OpenNeed = {
  /** Of the message. */
  readonly id: string
  readonly by: Party
  readonly of: readonly Party[]
  readonly text: string
  /** Globs; empty where it named none. */
  readonly paths: readonly string[]
  /** Milliseconds since the epoch. */
  readonly since: number
}

/** A question in return does not fulfil a need. */
export function openNeeds(messages: readonly BoardMessage[]): OpenNeed[] {
  const needs = messages.filter(({ kind }) => kind === 'need')
  const fulfilled = new Set(
    messages.flatMap(({ kind, from, inReplyTo }) => {
      const need = needs.find(({ id }) => id === inReplyTo)
      return need !== undefined && need.from !== from && (kind === 'offer' || kind === 'answer') ? [need.id] : []
    }),
  )
  return needs
    .filter(({ id }) => !fulfilled.has(id))
    .map(({ id, from, to, text, about, takenAt }) => ({ id, by: from, of: to, text, paths: about?.paths ?? [], since: takenAt }))
}

/** Those that this party was asked for and that name a path which it has changed now. */
export function needsMetBy(owner: Party, changed: readonly string[], needs: readonly OpenNeed[]): OpenNeed[] {
  return needs.filter(({ of, paths }) => {
    if (!of.includes(owner) || paths.length === 0) return false
    const wanted = compileGlobs(paths)
    return changed.some((path) => matchesPath(wanted, path))
  })
}
