import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AnswerKey } from '../answer-key.ts'
import { git } from '../repository.ts'
import { runProgram } from '../run-program.ts'

export interface StepsRun {
  readonly isGreen: boolean
  /** The step that failed, else the last. */
  readonly step: string
  /** Without the setup. */
  readonly durationMs: number
  readonly output: string
}

/** A worktree in which commits are tested one after the other, with git and the steps of the key and nothing else. */
export class Grounds {
  readonly repository: string
  readonly worktree: string
  readonly key: AnswerKey
  readonly environment: Readonly<Record<string, string>>
  #installed = ''

  private constructor(repository: string, worktree: string, key: AnswerKey, environment: Readonly<Record<string, string>>) {
    this.repository = repository
    this.worktree = worktree
    this.key = key
    this.environment = environment
  }

  static async open(repository: string, worktree: string, key: AnswerKey, environment: Readonly<Record<string, string>>): Promise<Grounds> {
    await git(repository, ['worktree', 'add', '-q', '--detach', worktree, key.target])
    return new Grounds(repository, worktree, key, environment)
  }

  commitOf(name: string): Promise<string> {
    return git(this.repository, ['rev-parse', '--verify', `refs/heads/${name}^{commit}`])
  }

  /** The merge commit; undefined when it conflicts. */
  async merge(onto: string, name: string): Promise<string | undefined> {
    const head = await this.commitOf(name)
    const merged = await runProgram('git', ['merge-tree', '--write-tree', '--no-messages', onto, head], { cwd: this.repository })
    if (merged.code === 1) return undefined
    if (merged.code !== 0) throw new Error(`merge-tree of ${name}: ${merged.stderr}`)
    return git(this.repository, ['commit-tree', merged.stdout.trim(), '-p', onto, '-p', head, '-m', `Merge ${name}`])
  }

  /** One after the other; those that conflict with what is in already are left out. */
  async mergeAll(onto: string, names: readonly string[]): Promise<{ commit: string; merged: string[]; conflicting: string[] }> {
    let commit = onto
    const [merged, conflicting]: [string[], string[]] = [[], []]
    for (const name of names) {
      const next = await this.merge(commit, name)
      ;(next === undefined ? conflicting : merged).push(name)
      commit = next ?? commit
    }
    return { commit, merged, conflicting }
  }

  async test(commit: string, more: Readonly<Record<string, string>> = {}): Promise<StepsRun> {
    await git(this.worktree, ['checkout', '-qf', '--detach', commit])
    await git(this.worktree, ['clean', '-fdq'])
    const environment = { ...this.environment, ...more }
    const manifest = this.#manifest()
    let durationMs = 0
    let last = ''
    for (const { name, run } of this.key.steps) {
      if (name === 'setup' && manifest === this.#installed) continue
      const ended = await runProgram('/bin/sh', ['-c', run], { cwd: this.worktree, environment })
      if (name === 'setup') this.#installed = ended.code === 0 ? manifest : ''
      else durationMs += ended.ms
      if (ended.code !== 0) return { isGreen: false, step: name, durationMs, output: ended.stdout + ended.stderr }
      last = name
    }
    return { isGreen: true, step: last, durationMs, output: '' }
  }

  async land(commit: string, expected: string): Promise<void> {
    await git(this.repository, ['update-ref', `refs/heads/${this.key.target}`, commit, expected])
  }

  async close(): Promise<void> {
    await git(this.repository, ['worktree', 'remove', '--force', this.worktree])
  }

  /** What the setup depends on. */
  #manifest(): string {
    const hash = createHash('sha256')
    for (const name of ['package.json', 'package-lock.json']) {
      const path = join(this.worktree, name)
      if (existsSync(path)) hash.update(readFileSync(path))
    }
    return hash.digest('hex')
  }
}
