import type { TaskId } from '../../foundation/brand.ts'
import { parseTaskId } from '../../foundation/brand.ts'
import { invariant } from '../../foundation/invariant.ts'
import { slug } from '../../foundation/text.ts'

const LONGEST_SLUG = 40

/**
 * The id that a title gives: its slug, which stays when other lines of the file move. Where the slug lost part of
 * what tells titles apart (it was cut, or letters outside a–z fell away), a hash of the whole title ends it.
 */
export function idOfTitle(title: string): TaskId {
  const whole = slug(title, Infinity)
  const id = whole.length <= LONGEST_SLUG && !losesLetters(title) ? whole : `${cutAtWord(whole)}-${shortHash(title)}`
  const parsed = parseTaskId(whole === '' ? `task-${shortHash(title)}` : id)
  invariant(parsed !== undefined, `no id from title ${JSON.stringify(title)}`)
  return parsed
}

/** 32 bits of FNV-1a over UTF-16 units, as seven characters: it tells a few thousand titles apart, nothing more. */
export function shortHash(text: string): string {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return (hash >>> 0).toString(36).padStart(7, '0')
}

function losesLetters(title: string): boolean {
  const plain = title.normalize('NFKD').replace(/\p{M}/gu, '')
  return /[\p{L}\p{N}]/u.test(plain.replace(/[a-zA-Z0-9]/g, ''))
}

function cutAtWord(whole: string): string {
  if (whole.length <= LONGEST_SLUG) return whole
  const cut = whole.slice(0, LONGEST_SLUG + 1)
  const lastDash = cut.lastIndexOf('-')
  return lastDash > LONGEST_SLUG / 2 ? cut.slice(0, lastDash) : whole.slice(0, LONGEST_SLUG)
}
