import { existsSync } from 'node:fs'
import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { type Home, sessionFolder } from '../../config/home.ts'
import { hasEnded } from '../../platform/detached-process.ts'
import { ensurePrivateDirectory, loadJson, replaceFile } from '../../platform/files.ts'

/** Written before the process is started, so that a crash in between starts the same one. */
export interface ReviewPlan {
  readonly begin: 'new' | 'resume'
  readonly conversationId: string
}

const plan = v.object({ begin: v.picklist(['new', 'resume']), conversationId: v.string() })
const PLAN = 'plan.json'

/** Everything of the reviews of one task lies below its session folder. */
function reviewsFolder(home: Home, handle: string): string {
  return join(sessionFolder(home, handle), 'reviews')
}

/** One department's review of one commit: `<name>` holds its tree and what it reads, `<name>-<n>` its processes, `past` those of tries that came to nothing. */
export class ReviewFolders {
  readonly #root: string
  readonly #name: string

  constructor(home: Home, handle: string, by: string, commit: string) {
    this.#root = reviewsFolder(home, handle)
    this.#name = `${encodeURIComponent(by)}-${commit.slice(0, 12)}`
  }

  /** Of what it reads. */
  get ground(): string {
    return join(this.#root, this.#name)
  }

  process(number: number): string {
    return join(this.#root, `${this.#name}-${number}`)
  }

  /** Numbers of the processes that were planned, oldest first. */
  async processes(): Promise<number[]> {
    return (await this.#numbers(this.#root)).filter((number) => existsSync(join(this.process(number), PLAN)))
  }

  async keepPlan(number: number, planned: ReviewPlan): Promise<void> {
    await ensurePrivateDirectory(this.process(number))
    await replaceFile(join(this.process(number), PLAN), JSON.stringify(planned))
  }

  loadPlan(number: number): Promise<ReviewPlan | undefined> {
    return loadJson(join(this.process(number), PLAN), (value) => v.parse(plan, value))
  }

  /** How many processes of earlier tries there are: another number, another conversation. */
  async pastCount(): Promise<number> {
    return (await this.#numbers(join(this.#root, 'past'))).length
  }

  /** The try came to nothing; the next one begins anew. */
  async retire(): Promise<void> {
    const past = join(this.#root, 'past')
    const before = await this.pastCount()
    const numbers = await this.processes()
    if (numbers.length > 0) await ensurePrivateDirectory(past)
    for (const [index, number] of numbers.entries()) await rename(this.process(number), join(past, `${this.#name}-${before + index + 1}`))
  }

  /** Nothing of it runs any more, and its tree is gone. */
  async isSwept(): Promise<boolean> {
    const numbers = await this.processes()
    return !existsSync(this.ground) && numbers.every((number) => hasEnded(this.process(number)))
  }

  async #numbers(folder: string): Promise<number[]> {
    const names = await readdir(folder).catch(() => [])
    return names
      .filter((name) => name.startsWith(`${this.#name}-`))
      .map((name) => name.slice(this.#name.length + 1))
      .filter((rest) => /^[1-9]\d*$/.test(rest))
      .map(Number)
      .toSorted((a, b) => a - b)
  }
}
