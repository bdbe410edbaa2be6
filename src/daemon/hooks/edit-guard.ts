import { createHmac, timingSafeEqual } from 'node:crypto'
import { findTrespass, refusalWords, remarkWords, whose, type Bounds, type Trespass } from '../../domain/features/ownership.ts'
import type { Agent, EditAttempt, EditRuling } from '../../ports/agent.ts'
import { boundsOf } from '../../workflows/landing/ownership.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { Roster } from '../services/roster.ts'
import type { PermittedEdits } from './permitted-edits.ts'
import { placeIn } from './place-in.ts'

export interface EditGuardParts {
  readonly roster: Roster
  readonly agentOf: (input: TaskInput) => Agent
  readonly permitted: Pick<PermittedEdits, 'ask' | 'of'>
  readonly now: () => number
}

/** Where agents reach the daemon; `key` is secret, and the same after a restart. */
export interface HookDoor {
  readonly key: string
  readonly port: number
}

/**
 * Asked by agents before they edit. Each task has an address of its own that nobody can guess and that is kept nowhere: it is made of the task
 * and a key, so a session that outlives the daemon is known to the next one.
 */
export class EditGuard {
  readonly #parts: EditGuardParts
  readonly #noted = new Set<string>()
  #door: HookDoor | undefined

  constructor(parts: EditGuardParts) {
    this.#parts = parts
  }

  open(door: HookDoor): void {
    this.#door = door
  }

  /** Undefined where there is nothing to ask about. */
  urlOf(input: TaskInput): string | undefined {
    if (this.#door === undefined || this.#parts.agentOf(input).editHook === undefined || boundsOf(input) === undefined) return undefined
    return `http://127.0.0.1:${this.#door.port}/v1/hooks/${nameOf(input, this.#door.key)}`
  }

  /** The body of the answer; undefined for a name that is no session's. */
  async rule(name: string, body: unknown): Promise<{ readonly [key: string]: unknown } | undefined> {
    const input = this.#inputOf(name)
    if (input === undefined) return undefined
    const [hook, bounds] = [this.#parts.agentOf(input).editHook, boundsOf(input)]
    const attempt = hook?.read(body)
    if (hook === undefined || bounds === undefined || attempt === undefined) return {}
    return hook.answer(await this.#ruling(input, bounds, attempt))
  }

  /** What lies outside of the worktree is a matter of the session's permissions. */
  async #ruling(input: TaskInput, bounds: Bounds, { path, toolUseId }: EditAttempt): Promise<EditRuling> {
    const place = await placeIn(input.worktree, path)
    const trespass = place === undefined ? undefined : findTrespass(bounds, place)
    if (trespass === undefined) return { kind: 'allow' }
    switch (bounds.mode) {
      case 'deny':
        this.#note(input, bounds, trespass, 'an edit was stopped')
        return { kind: 'deny', reason: refusalWords(bounds, trespass) }
      case 'ask':
        if ((await this.#parts.permitted.of(input)).includes(trespass.path)) return { kind: 'allow' }
        if (toolUseId !== undefined) await this.#parts.permitted.ask(input, toolUseId, trespass.path)
        return { kind: 'ask', reason: whose(bounds, trespass) }
      case 'warn':
        this.#note(input, bounds, trespass, 'it edits what is not its own')
        return { kind: 'allow', remark: remarkWords(bounds, trespass) }
    }
  }

  /** Once for each path: an agent may try again and again. */
  #note(input: TaskInput, bounds: Bounds, trespass: Trespass, what: string): void {
    const key = JSON.stringify([input.handle, input.createdAt, trespass.path])
    if (this.#noted.has(key)) return
    this.#noted.add(key)
    this.#parts.roster.note(input, { message: { at: this.#parts.now(), kind: 'note', text: `${what}: ${whose(bounds, trespass)}` } })
  }

  #inputOf(name: string): TaskInput | undefined {
    const handle = Buffer.from(name.slice(0, Math.max(0, name.indexOf('.'))), 'base64url').toString('utf8')
    const input = this.#parts.roster.record(handle)?.input
    if (this.#door === undefined || input === undefined) return undefined
    const [given, expected] = [Buffer.from(name), Buffer.from(nameOf(input, this.#door.key))]
    return given.length === expected.length && timingSafeEqual(given, expected) ? input : undefined
  }
}

function nameOf({ handle, createdAt }: TaskInput, key: string): string {
  const proof = createHmac('sha256', key).update(`hook ${createdAt} ${handle}`).digest('base64url')
  return `${Buffer.from(handle).toString('base64url')}.${proof}`
}
