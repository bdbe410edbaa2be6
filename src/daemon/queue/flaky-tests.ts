import * as v from 'valibot'
import { type TestId, testKey } from '../../domain/queue/test-run.ts'
import { Turns } from '../../foundation/turns.ts'
import type { Home } from '../../config/home.ts'
import { ensurePrivateDirectory, loadText, replaceFile } from '../../platform/files.ts'
import { dirname } from 'node:path'
import type { FlakyTests as FlakyTestsPort } from '../../workflows/services.ts'
import { queueFiles } from './queue-files.ts'

/** A test that failed and passed on the same tree. Times in milliseconds since the epoch. */
export type FlakyTest = TestId & {
  readonly step: string
  readonly count: number
  readonly firstAt: number
  readonly lastAt: number
}

const MOST = 1000

/** The record of a project's flaky tests, the one seen last first; of more than a thousand the oldest are forgotten. */
export class FlakyTests implements FlakyTestsPort {
  readonly #home: Home
  readonly #turns = new Turns()

  constructor(home: Home) {
    this.#home = home
  }

  note(project: string, step: string, tests: readonly TestId[], at: number): Promise<void> {
    return this.#turns.take(async () => {
      const known = new Map((await this.list(project)).map((test) => [keyOf(test), test]))
      for (const { file, name } of tests) {
        const test = { ...(file !== undefined && { file }), name, step }
        const before = known.get(keyOf(test))
        known.set(keyOf(test), { ...test, count: (before?.count ?? 0) + 1, firstAt: before?.firstAt ?? at, lastAt: at })
      }
      const newest = [...known.values()].toSorted((a, b) => b.lastAt - a.lastAt || b.count - a.count).slice(0, MOST)
      const path = queueFiles(this.#home, project).flakyTests
      await ensurePrivateDirectory(dirname(path))
      await replaceFile(path, JSON.stringify({ schema: 1, tests: newest }, null, 1))
    })
  }

  /** A record that cannot be read counts as none: it is for people, and nothing depends on it. */
  async list(project: string): Promise<readonly FlakyTest[]> {
    try {
      const text = await loadText(queueFiles(this.#home, project).flakyTests)
      return text === undefined ? [] : (v.parse(Flaky, JSON.parse(text)).tests as readonly FlakyTest[])
    } catch {
      return []
    }
  }
}

function keyOf(test: FlakyTest | (TestId & { step: string })): string {
  return `${test.step}\0${testKey(test)}`
}

const Flaky = v.object({
  tests: v.array(
    v.object({
      file: v.optional(v.string()),
      name: v.string(),
      step: v.string(),
      count: v.number(),
      firstAt: v.number(),
      lastAt: v.number(),
    }),
  ),
})
