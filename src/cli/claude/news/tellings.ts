import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { addFile } from '../../../platform/files.ts'
import { shortId } from '../../../platform/ids.ts'
import { loadNotices } from '../../tasks/notice-files.ts'
import { namesIn, textOf } from '../../tasks/plain-files.ts'
import { leadsSince } from './orchestrators.ts'
import { type Trace, wasHeard } from './heard.ts'

/**
 * What a session was told, one file each, written before the words leave: `told-<number>.json`. Its file may stand there though its teller died
 * before a word was said, so it does not count by itself: the session's transcript says whether the words came.
 */
export interface Telling extends Trace {
  readonly number: number
  /** Positions in the file of notices: what came behind `from`, up to `to`. */
  readonly from: number
  readonly to: number
  readonly at: number
  /** How often these were tried before. */
  readonly tries: number
}

export type Standing =
  /** What comes behind `after` is to be told, under this number. */
  | { readonly kind: 'open'; readonly number: number; readonly after: number; readonly tries: number }
  /** The words of another teller may still be under way, at the latest until then. */
  | { readonly kind: 'under-way'; readonly untilMs: number }

/** Where the session stands now. */
export async function loadStanding(home: string, folder: string, now: number): Promise<Standing> {
  const last = lastTelling(folder)
  if (last === undefined) return { kind: 'open', number: 1, after: positionAt(home, leadsSince(folder) ?? now), tries: 0 }
  const number = last.number + 1
  // Without a transcript nobody can say whether it came: better once too few than for ever.
  if (last.tries >= MOST_TRIES || (await wasHeard(last))) return { kind: 'open', number, after: last.to, tries: 0 }
  const untilMs = last.at + UNDER_WAY_MS
  if (now < untilMs && now >= last.at) return { kind: 'under-way', untilMs }
  return { kind: 'open', number, after: last.from, tries: last.tries + 1 }
}

/** The telling, or undefined where another was quicker: then everything is to be looked at again. */
export async function beginTelling(
  folder: string,
  standing: Standing & { kind: 'open' },
  { to, at, transcript, claude }: Pick<Telling, 'to' | 'at' | 'transcript' | 'claude'>,
): Promise<Telling | undefined> {
  const { number, after: from, tries } = standing
  const behind = statSync(transcript, { throwIfNoEntry: false })?.size ?? 0
  const telling: Telling = { number, from, to, mark: shortId(10), at, tries, transcript, behind, claude }
  if (!(await addFile(join(folder, `told-${number}.json`), JSON.stringify(telling)))) return undefined
  for (const old of tellingsIn(folder)) if (old < number - 1) rmSync(join(folder, `told-${old}.json`), { force: true })
  return telling
}

/** It has been put into a session's queue within milliseconds; a busy machine takes seconds to start what looks. */
const UNDER_WAY_MS = 10_000
const MOST_TRIES = 3

const TELLING = v.object({
  number: v.number(),
  from: v.number(),
  to: v.number(),
  mark: v.string(),
  at: v.number(),
  tries: v.number(),
  transcript: v.string(),
  behind: v.number(),
  claude: v.optional(v.object({ pid: v.number(), startTime: v.string(), bootId: v.string() })),
})

function lastTelling(folder: string): Telling | undefined {
  const number = tellingsIn(folder).at(-1)
  if (number === undefined) return undefined
  return v.parse(TELLING, JSON.parse(textOf(join(folder, `told-${number}.json`))))
}

/** Their numbers, the oldest first. */
function tellingsIn(folder: string): readonly number[] {
  return namesIn(folder)
    .flatMap((name) => /^told-(\d{1,15})\.json$/.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => a - b)
}

/** Behind what was there when the session began to lead. One that came late into the file may be older than those before it. */
function positionAt(home: string, time: number): number {
  const { notices, position } = loadNotices(home)
  const first = notices.find(({ at }) => at >= time)
  return first === undefined ? position : first.position - 1
}
