import { plainLine } from '../../foundation/text.ts'
import { sharedPath } from '../backlog/ownership.ts'
import type { Learning, NamedLearning } from './learning.ts'

/** What a session is about to work on. */
export interface Subject {
  readonly title: string
  readonly body: string
  readonly owns: readonly string[]
  readonly department?: string
}

/** What a new session is told of, so that it costs a few hundred tokens at most: whole files are read only by whoever needs them. */
const MOST_TOLD = 8
const MOST_UNRELATED = 2
const MOST_LETTERS = 1600

/** The most relevant first, of equal ones the newest; of several with one title only the newest. */
export function chooseLearnings(known: readonly NamedLearning[], subject: Subject): readonly NamedLearning[] {
  const words = wordsOf([subject.title, subject.body, subject.department ?? '', ...subject.owns].join(' '))
  const ranked = newestOfTitle(known)
    .map((each) => ({ ...each, relevance: relevanceOf(each.learning, subject, words) }))
    .toSorted((a, b) => b.relevance - a.relevance || b.learning.at - a.learning.at || (a.name < b.name ? -1 : 1))
  const related = ranked.filter(({ relevance }) => relevance > 0)
  const others = ranked.filter(({ relevance }) => relevance === 0).slice(0, MOST_UNRELATED)
  const chosen: NamedLearning[] = []
  let room = MOST_LETTERS
  for (const { name, learning } of [...related, ...others]) {
    room -= toldLine({ name, learning }, '').length
    if (room < 0 || chosen.length === MOST_TOLD) break
    chosen.push({ name, learning })
  }
  return chosen
}

/** One line of TASK.md. `folder` is where the whole of it can be read. */
export function toldLine({ name, learning }: NamedLearning, folder: string): string {
  const text = plainLine(learning.text, Infinity)
  const shown = plainLine(firstSentence(text), LONGEST_SHOWN)
  const isWhole = shown === text
  return `- ${learning.title}${shown === '' ? '' : `: ${shown}`}${isWhole ? '' : ` (\`${folder}${name}\`)`}`
}

const LONGEST_SHOWN = 200

function firstSentence(text: string): string {
  return /^.{20,}?[.!?](?= )/.exec(text)?.[0] ?? text
}

/** Shared files count most, then words of its title and tags, then those of its text. */
function relevanceOf(learning: Learning, { owns }: Subject, words: ReadonlySet<string>): number {
  const isAboutFiles = learning.paths.length > 0 && owns.length > 0 && sharedPath(learning.paths, owns) !== undefined
  const named = shared(words, [learning.title, ...learning.tags, ...learning.paths].join(' '))
  return (isAboutFiles ? 4 : 0) + Math.min(3, named) + Math.min(1, shared(words, learning.text) / 4)
}

function shared(words: ReadonlySet<string>, text: string): number {
  return [...wordsOf(text)].filter((word) => words.has(word)).length
}

/** Short words say nothing about what a text is about. */
function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]{4,}/gu))
}

function newestOfTitle(known: readonly NamedLearning[]): readonly NamedLearning[] {
  const newest = new Map<string, NamedLearning>()
  for (const each of known) {
    const key = each.learning.title.toLowerCase()
    const other = newest.get(key)
    if (other === undefined || other.learning.at < each.learning.at) newest.set(key, each)
  }
  return [...newest.values()]
}
