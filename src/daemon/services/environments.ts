import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { Failure } from '../../foundation/failure.ts'
import { ensurePrivateDirectory, loadJson, loadText, replaceFile } from '../../platform/files.ts'
import type { Home } from '../../config/home.ts'
import * as v from 'valibot'

const Environment = v.record(v.string(), v.string())

/** Set for one session alone: a session that itself types `orch run` must not hand them on. */
const OF_A_SESSION: ReadonlySet<string> = new Set(['ORCH_SESSION', 'ORCH_BRANCH', 'ORCH_TASK', 'ORCH_WORKTREE'])

/**
 * The environments in which people typed `orch run`: what was there reaches the agents unchanged. They hold keys, so they
 * stand in files of their own (0600), and the journal knows only their digest.
 */
export class Environments {
  readonly #home: Home

  constructor(home: Home) {
    this.#home = home
  }

  async keep(environment: Readonly<Record<string, string>>): Promise<string> {
    const text = JSON.stringify(
      Object.fromEntries(
        Object.entries(environment)
          .filter(([name]) => !OF_A_SESSION.has(name))
          .toSorted(([a], [b]) => (a < b ? -1 : 1)),
      ),
    )
    const digest = createHash('sha256').update(text).digest('hex').slice(0, 32)
    if ((await loadText(this.#file(digest)).catch(() => undefined)) === text) return digest
    await ensurePrivateDirectory(this.#home.environments)
    await replaceFile(this.#file(digest), text)
    return digest
  }

  async load(digest: string): Promise<Readonly<Record<string, string>>> {
    const found = await loadJson(this.#file(digest), (value) => v.parse(Environment, value))
    if (found !== undefined) return found
    throw new Failure('environment-lost', `the environment ${digest} that the task was started in is gone`, {
      safe: 'worktree and conversation are kept',
      next: 'orch resume NAME from a shell with the right environment',
    })
  }

  #file(digest: string): string {
    return join(this.#home.environments, `${digest}.json`)
  }
}
