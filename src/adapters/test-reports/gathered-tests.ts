import { posix, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { type TestFailure, type TestId, testKey } from '../../domain/queue/test-run.ts'
import type { TestReport } from '../../ports/test-reporting.ts'

const MOST_FAILURES = 500
const MOST_PASSED = 100_000
const MOST_NAME = 2000
const MOST_MESSAGE = 4096
const MOST_FRAMES = 20

/** One test as a format tells of it; paths as the runner wrote them. */
export interface ToldTest {
  readonly file?: string | undefined
  /** The names it stands in, then its own. */
  readonly names: readonly string[]
  readonly message?: string
  /** Where it stands, for failures that name no place. */
  readonly line?: number | undefined
}

/** Collects what a report says, bounded, with paths of the repository. A test that is told of twice has failed if it failed once. */
export class GatheredTests {
  readonly #roots: readonly string[]
  readonly #passed = new Map<string, TestId>()
  readonly #failed = new Map<string, TestFailure>()
  #skipped = 0

  /** `roots`: the folder that paths are made relative to, in all its spellings. */
  constructor(roots: readonly string[]) {
    this.#roots = roots
  }

  pass(test: ToldTest): void {
    const id = this.#idOf(test)
    if (this.#passed.size < MOST_PASSED) this.#passed.set(testKey(id), id)
  }

  skip(): void {
    this.#skipped += 1
  }

  /** `base`: the folder of the repository that relative places in the message begin at; `isOutermostFirst` as Python writes its stacks. */
  fail(test: ToldTest, { base = '', isOutermostFirst = false } = {}): void {
    const id = this.#idOf(test)
    if (this.#failed.size >= MOST_FAILURES || this.#failed.has(testKey(id))) return
    const message = bounded(this.#cleaned(test.message ?? ''), MOST_MESSAGE)
    const found = this.#framesOf(test.message ?? '', base)
    const own = { path: id.file ?? '', line: test.line ?? 0 }
    const hasOwn =
      id.file === undefined || test.line === undefined || found.some(({ path, line }) => path === own.path && line === own.line)
    const frames = [...(isOutermostFirst ? found.toReversed() : found), ...(hasOwn ? [] : [own])].slice(0, MOST_FRAMES)
    this.#failed.set(testKey(id), { ...id, message, frames })
  }

  report(): TestReport {
    const passed = [...this.#passed].filter(([key]) => !this.#failed.has(key)).map(([, id]) => id)
    return { passed, failed: [...this.#failed.values()], skipped: this.#skipped }
  }

  /** A path of the repository with forward slashes; undefined outside of it. */
  pathOf(written: string, base = ''): string | undefined {
    const plain = written.startsWith('file://') ? pathOfUrl(written) : written
    if (plain === undefined || plain === '' || plain.includes('\0')) return undefined
    const slashed = plain.split(sep).join('/')
    const root = this.#roots.find((candidate) => slashed.startsWith(`${candidate}/`))
    if (root === undefined && posix.isAbsolute(slashed)) return undefined
    const path = posix.normalize(root === undefined ? posix.join(base, slashed) : slashed.slice(root.length + 1))
    return path.startsWith('../') || path === '..' || path === '.' ? undefined : path
  }

  #idOf({ file, names }: ToldTest): TestId {
    const path = file === undefined ? undefined : this.pathOf(file)
    // A whole file is told of by its path, which has another beginning in every worktree.
    const [only = '', more] = names
    const isFile = more === undefined && (only === file || only.startsWith('/'))
    const name = (isFile ? this.pathOf(only) : undefined) ?? names.join(' > ')
    return { ...(path !== undefined && { file: path }), name: bounded(name.replaceAll('\0', ''), MOST_NAME) }
  }

  /** Without escapes, without the lines of stacks that stand in the runner's own code, and with paths that mean the same in every worktree. */
  #cleaned(message: string): string {
    const lines = stripVTControlCharacters(message).replaceAll('\0', '').split('\n')
    const own = lines.filter((line) => !/^\s+at .{0,200}(?:node_modules\/|\bnode:)/.test(line)).join('\n')
    return this.#roots.reduce((text, root) => text.replaceAll(`file://${root}/`, '').replaceAll(`${root}/`, ''), own)
  }

  #framesOf(message: string, base: string): readonly { path: string; line: number }[] {
    const frames = new Map<string, { path: string; line: number }>()
    for (const line of stripVTControlCharacters(message).split('\n')) {
      for (const [written, number] of placesIn(line.slice(0, 1000), this.#roots)) {
        const path = written.includes('node_modules/') ? undefined : this.pathOf(written, base)
        if (path === undefined) continue
        frames.set(`${path}:${number}`, { path, line: number })
      }
    }
    return [...frames.values()]
  }
}

/** `File "a.py", line 3`, and `a.js:3` with or without a column, alone or in brackets. The name has an ending, or times of day would do. */
function placesIn(line: string, roots: readonly string[]): readonly (readonly [path: string, line: number])[] {
  // A path of the repository may have spaces in it.
  const at = Math.max(...roots.map((root) => line.indexOf(`${root}/`)))
  const whole = at < 0 || line.slice(0, at).endsWith('file://') ? null : /^([^:]*\.[A-Za-z]\w{0,9}):(\d{1,9})/.exec(line.slice(at))
  if (whole !== null) return [[whole[1] ?? '', Number(whole[2])]]
  const quoted = [...line.matchAll(/File "([^"]*)", line (\d{1,9})/g)]
  const words = line.split(/[\s()'"`,;<>[\]]+/)
  const bare = words.map((word) => /^((?:file:\/\/)?[^:]*\.[A-Za-z]\w{0,9}):(\d{1,9})/.exec(word)).filter((found) => found !== null)
  return [...quoted, ...bare].map(([, path = '', number]) => [path, Number(number)])
}

function pathOfUrl(url: string): string | undefined {
  try {
    return fileURLToPath(url)
  } catch {
    return undefined
  }
}

/** Never half of a surrogate pair. */
function bounded(text: string, most: number): string {
  return text.length <= most ? text : text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '')
}
