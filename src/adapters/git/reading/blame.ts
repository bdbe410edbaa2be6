import { parseSha, type Sha } from '../../../foundation/brand.ts'
import { failureCode } from '../../../foundation/failure.ts'
import type { BlameRequest } from '../../../ports/git-reading.ts'
import type { Place } from '../place.ts'
import { withScratch, type Scratch } from '../scratch.ts'
import { readFile } from '../tree.ts'

const PATHS_AT_MOST = 200
const LINES_AT_MOST = 500
const AT_ONCE = 4

/** One process for each file. */
export async function blameLines(place: Place, { commit, base, lines }: BlameRequest): Promise<(Sha | undefined)[]> {
  const wanted = new Map<string, Set<number>>()
  for (const { path, line } of lines) {
    const known = wanted.get(path)
    if (known !== undefined) known.add(line)
    else if (wanted.size < PATHS_AT_MOST) wanted.set(path, new Set([line]))
  }
  const files = [...wanted]
  const found = new Map<string, ReadonlyMap<number, Sha>>()
  await withScratch(place, {}, async (scratch) => {
    const work = async (): Promise<void> => {
      for (let next = files.shift(); next !== undefined; next = files.shift()) {
        const [path, numbers] = next
        const last = countLines(await readFile(place, commit, path))
        const present = [...numbers].filter((line) => Number.isInteger(line) && line > 0 && line <= last).slice(0, LINES_AT_MOST)
        if (present.length > 0) found.set(path, await blameFile(scratch, `${base}..${commit}`, path, present))
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
  })
  return lines.map(({ path, line }) => found.get(path)?.get(line))
}

function countLines(content: Uint8Array | undefined): number {
  if (content === undefined || content.length === 0) return 0
  let count = content.at(-1) === 0x0a ? 0 : 1
  for (const byte of content) if (byte === 0x0a) count += 1
  return count
}

/** Only what is newer than the base. A file that takes too long is answered as if nobody had changed it: blame is a hint. */
async function blameFile(scratch: Scratch, range: string, path: string, lines: readonly number[]): Promise<ReadonlyMap<number, Sha>> {
  const where = lines.flatMap((line) => ['-L', `${line},${line}`])
  try {
    const { stdout } = await scratch.git(['blame', '--porcelain', '--no-textconv', ...where, range, '--', path], { timeoutMs: 20_000 })
    return parseBlame(stdout.toString('latin1'))
  } catch (error) {
    if (failureCode(error) === 'git-timeout') return new Map()
    throw error
  }
}

/** For each line `<commit> <line then> <line now> …`, at a commit's first line what is known of it (`boundary`: older than the range), the line after a tab. */
function parseBlame(output: string): ReadonlyMap<number, Sha> {
  const lines = new Map<number, Sha>()
  const older = new Set<string>()
  let current = ''
  for (const line of output.split('\n')) {
    if (line.startsWith('\t')) continue
    const [, commit, now] = /^((?:[0-9a-f]{40}|[0-9a-f]{64})) \d+ (\d+)/.exec(line) ?? []
    const sha = parseSha(commit ?? '')
    if (sha !== undefined) {
      lines.set(Number(now), sha)
      current = sha
    } else if (line === 'boundary') older.add(current)
  }
  for (const [line, commit] of lines) if (older.has(commit)) lines.delete(line)
  return lines
}
