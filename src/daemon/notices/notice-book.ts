import { open } from 'node:fs/promises'
import { compactLines } from '../../domain/notices/compaction.ts'
import { type KnownNotices, knownNotices } from '../../domain/notices/known-notices.ts'
import { type NoticeFact, type NoticeLine, parseNoticeLines, renderNoticeLines } from '../../domain/notices/notice-record.ts'
import { Turns } from '../../foundation/turns.ts'
import { type Home, noticesFile, noticesFolder, seenFolder } from '../../config/home.ts'
import { ensurePrivateDirectory, loadText, replaceFile } from '../../platform/files.ts'

/** Appends to the file, and answers when that is on disk. In tests it fails where a daemon would have died. */
export type AppendNotices = (path: string, text: string) => Promise<void>

/** The file of notices: what is written is on disk before anybody acts on it. One daemon writes it, by the lock of its home. */
export class NoticeBook {
  readonly #home: Home
  readonly #append: AppendNotices
  readonly #turns = new Turns()
  #lines: NoticeLine[] = []
  #known: KnownNotices = knownNotices([])
  #newest = 0
  /** The file may end in the middle of a line: a crash, or a disk that was full. */
  #isCut = false

  constructor(home: Home, append: AppendNotices = appendToDisk) {
    this.#home = home
    this.#append = append
  }

  /** Whether anything was on record: else nobody has ever listened here. */
  async load(): Promise<'begun' | 'new'> {
    await ensurePrivateDirectory(noticesFolder(this.#home))
    await ensurePrivateDirectory(seenFolder(this.#home))
    const text = await loadText(noticesFile(this.#home))
    this.#take(parseNoticeLines(text ?? ''))
    this.#isCut = text !== undefined && text !== '' && !text.endsWith('\n')
    return this.#lines.length === 0 ? 'new' : 'begun'
  }

  get known(): KnownNotices {
    return this.#known
  }

  get lines(): readonly NoticeLine[] {
    return this.#lines
  }

  write(facts: readonly NoticeFact[]): Promise<void> {
    return this.#turns.take(async () => {
      if (facts.length === 0) return
      const lines = facts.map((fact, at) => ({ n: this.#newest + 1 + at, ...fact }))
      const text = renderNoticeLines(lines)
      // A line that was cut off is ended, so that the next one is not read as its rest.
      const whole = this.#isCut ? `\n${text}` : text
      this.#isCut = true
      await this.#append(noticesFile(this.#home), whole)
      this.#isCut = false
      this.#take(lines)
    })
  }

  /** `standing`: ids that would be found anew. */
  compact(standing: ReadonlySet<string>): Promise<void> {
    return this.#turns.take(async () => {
      const lines = compactLines(this.#lines, standing)
      await replaceFile(noticesFile(this.#home), renderNoticeLines(lines))
      this.#lines = []
      this.#take(lines)
    })
  }

  #take(lines: readonly NoticeLine[]): void {
    this.#lines = [...this.#lines, ...lines]
    this.#known = knownNotices(this.#lines)
    this.#newest = this.#lines.reduce((newest, { n }) => Math.max(newest, n), this.#newest)
  }
}

async function appendToDisk(path: string, text: string): Promise<void> {
  const file = await open(path, 'a', 0o600)
  try {
    await file.appendFile(text)
    await file.datasync()
  } finally {
    await file.close()
  }
}
