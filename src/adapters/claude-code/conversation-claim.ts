import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { link, mkdir, readdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Failure } from '../../foundation/failure.ts'
import { closeUnstarted } from '../../platform/detached/terminal-wrapper.ts'
import { attachDetached } from '../../platform/detached-process.ts'

/**
 * Claude Code lets two processes resume one conversation and mixes their transcripts. So a process claims its conversation first:
 * the claims of one conversation are numbered files beside the session folders, made by `link` (only one can win a number); the highest
 * names the folder whose process owns it. A later process claims only when the owner's is proven to have ended.
 * `recheck` is to be called directly before the start: a claim that was overtaken meanwhile (we were stopped for a while) is refused.
 */
export async function claimConversation(conversationId: string, folder: string): Promise<{ recheck(): Promise<void> }> {
  const claims = new Claims(conversationId, folder)
  for (;;) {
    const latest = await claims.load()
    if (latest?.owner === basename(folder)) return claims
    if (latest !== undefined) await claims.requireEnded(latest.owner)
    if (await claims.take((latest?.number ?? 0) + 1)) return claims
  }
}

class Claims {
  readonly #conversationId: string
  readonly #folder: string
  readonly #parent: string

  constructor(conversationId: string, folder: string) {
    this.#conversationId = conversationId
    this.#folder = folder
    this.#parent = dirname(folder)
  }

  async load(): Promise<{ number: number; owner: string } | undefined> {
    const prefix = this.#name('')
    const names = await readdir(this.#parent).catch((): string[] => [])
    const numbers = names.flatMap((name) =>
      name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)) ? [Number(name.slice(prefix.length))] : [],
    )
    if (numbers.length === 0) return undefined
    const number = Math.max(...numbers)
    return { number, owner: basename((await readFile(join(this.#parent, this.#name(number)), 'utf8')).trim()) }
  }

  async requireEnded(owner: string): Promise<void> {
    const folder = join(this.#parent, owner)
    // One that is still about to start loses against this: it finds its folder taken.
    const other =
      (await attachDetached(folder)) ?? (existsSync(folder) && !closeUnstarted(folder, owner) ? await attachDetached(folder) : undefined)
    // One whose wrapper was killed too has no exit file: it is looked for among the processes.
    await other?.caughtUp()
    const state = other?.state()
    other?.detach()
    if (state === undefined || state.kind === 'exited') return
    throw this.#inUse(owner)
  }

  async take(number: number): Promise<boolean> {
    await mkdir(this.#parent, { recursive: true, mode: 0o700 })
    const draft = join(this.#parent, `.claim.${randomUUID()}`)
    await writeFile(draft, `${basename(this.#folder)}\n`, { mode: 0o600, flag: 'wx' })
    try {
      await link(draft, join(this.#parent, this.#name(number)))
      return true
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
      throw error
    } finally {
      await unlink(draft)
    }
  }

  async recheck(): Promise<void> {
    const latest = await this.load()
    if (latest?.owner !== basename(this.#folder)) throw this.#inUse(latest?.owner ?? 'nobody')
  }

  #name(number: number | ''): string {
    return `.conversation.${this.#conversationId}.${number}`
  }

  #inUse(owner: string): Failure {
    return new Failure('conversation-in-use', `The conversation is continued by ${owner}.`, {
      facts: { conversationId: this.#conversationId, owner, folder: this.#folder },
      safe: 'No second process was started.',
    })
  }
}
