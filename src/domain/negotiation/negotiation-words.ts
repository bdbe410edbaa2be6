import { plainLine } from '../../foundation/text.ts'
import { fenced } from '../../foundation/fenced.ts'
import type { OverlapPart, PartsOverlap } from '../radar/parts-overlap.ts'
import type { Choice } from './conflict-choice.ts'
import type { Ruling } from './yielding.ts'

/** What a part is about, as far as the other one is to know. */
export type Intent = {
  readonly title: string
  /** What it last told the others, or the subject of its newest commit. */
  readonly said?: string
}

export interface Sides {
  readonly overlap: PartsOverlap
  readonly ruling: Ruling
  readonly intents: Readonly<Record<string, Intent>>
}

/** What the two are told in a round: the one that yields what to do, the other one what to expect. Both see the hunks and what the other is about. */
export function roundWords(sides: Sides, round: number, rounds: number): Record<'yields' | 'keeps', string> {
  const { keeps, yields, why } = sides.ruling
  return {
    yields: [
      `Your work and that of ${keeps} would conflict (round ${round} of ${rounds}). You yield: ${why}.`,
      seenBy(yields, sides),
      mergeWords(sides),
    ].join('\n\n'),
    keeps: [
      `Your work and that of ${yields} would conflict (round ${round} of ${rounds}). You keep yours: ${why}.`,
      seenBy(keeps, sides),
      `${yields} was told to build on what you have. Commit what of it is finished, and answer what it asks you.`,
    ].join('\n\n'),
  }
}

/** The person's answer as the next instruction. */
export function decidedWords(sides: Sides, choice: Choice): Record<'yields' | 'keeps', string> {
  const { keeps, yields } = sides.ruling
  const files = sides.overlap.files.map(({ path }) => `\`${plainLine(path)}\``).join(', ')
  const decided = (other: string) => `The person has decided about your conflict with ${other}.`
  switch (choice.kind) {
    case 'words': {
      const said = `In their words:\n\n${fenced(choice.text)}\n\nDo your part of it, commit, and say \`orch done\`.`
      return { yields: `${decided(keeps)} ${said}`, keeps: `${decided(yields)} ${said}` }
    }
    case 'drop':
      return {
        yields: `${decided(keeps)} Drop what you changed in ${files}: put these files back as they were before your work, so that those of ${keeps} stand. Commit, and say \`orch done\`.`,
        keeps: `${decided(yields)} Your work in ${files} stays; ${yields} takes back its own.`,
      }
    case 'order':
      return {
        yields: `${decided(keeps)} ${keeps} goes first: until it has committed its work leave ${files} alone, then build on it. ${mergeWords(sides)}`,
        keeps: `${decided(yields)} You go first: finish and commit your work in ${files}; ${yields} builds on it.`,
      }
    case 'yield':
      return {
        yields: `${decided(keeps)} You yield. ${mergeWords(sides)}`,
        keeps: `${decided(yields)} You keep yours in ${files}; ${yields} builds on it.`,
      }
  }
}

/** For the person: both sides, and what was tried. */
export function escalationWords({ overlap, ruling, intents }: Sides, tried: readonly string[]): string {
  return [
    `${ruling.yields} and ${ruling.keeps} would conflict, and could not settle it:`,
    ...[overlap.one, overlap.other].map(({ handle, head }) => `- ${handle} at ${head.slice(0, 10)}: ${intentWords(intents[handle])}`),
    `Tried:\n${tried.map((line) => `- ${line}`).join('\n')}`,
    hunksOf(overlap, overlap.one),
  ].join('\n\n')
}

export function settledWords({ keeps, yields }: Ruling, rounds: number): string {
  return `The conflict of ${yields} with ${keeps} is settled after ${rounds === 1 ? 'one round' : `${rounds} rounds`}.`
}

export function triedWords({ keeps, yields, why }: Ruling, other: OverlapPart): string {
  return other.isCommitted
    ? `${yields} was to merge ${other.head.slice(0, 10)} of ${keeps}: ${why}`
    : `${yields} was to agree with ${keeps}: ${why}`
}

export function keeperOf({ overlap: { one, other }, ruling }: Pick<Sides, 'overlap' | 'ruling'>): OverlapPart {
  return one.handle === ruling.keeps ? one : other
}

function mergeWords(sides: Sides): string {
  const { handle, head, isCommitted } = keeperOf(sides)
  if (isCommitted)
    return `Do this now: \`git merge ${head}\` (the work of ${handle}), solve the conflict so that what both mean holds, run the tests, commit, and say \`orch done\`.`
  const department = handle.slice(handle.lastIndexOf('.') + 1)
  return `${handle} has not committed its side yet. Agree with it who writes what: \`orch ask ${department} "…"\`; it answers with \`orch answer\`. Then commit, and say \`orch done\`.`
}

function seenBy(handle: string, { overlap, intents }: Sides): string {
  const [own, other] = overlap.one.handle === handle ? [overlap.one, overlap.other] : [overlap.other, overlap.one]
  return `${other.handle} is about: ${intentWords(intents[other.handle])}\n\n${hunksOf(overlap, own)}`
}

function intentWords(intent: Intent | undefined): string {
  if (intent === undefined) return 'unknown'
  return intent.said === undefined ? intent.title : `${intent.title}. It last said: ${intent.said}`
}

/** Both sides of every hunk, the own one first, as data. */
function hunksOf({ one, files, fileCount, other }: PartsOverlap, own: OverlapPart): string {
  const theirs = own.handle === one.handle ? other : one
  const blocks = files.map(({ path, kind, hunks }) => {
    const parts = hunks.map((hunk) => {
      const [mine, others] = own.handle === one.handle ? [hunk.one, hunk.other] : [hunk.other, hunk.one]
      return `@ line ${hunk.line}\n<<< ${own.handle}\n${withEnd(mine)}>>> ${theirs.handle}\n${withEnd(others)}`
    })
    return `${plainLine(path)} (${plainLine(kind)})\n${parts.join('')}`
  })
  const more = fileCount > files.length ? `\n… and ${fileCount - files.length} more files` : ''
  return `${fenced(blocks.join('\n'), '', 8000)}${more}`
}

function withEnd(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}
