import { renderMail } from '../../domain/board/mail.ts'
import { type BoardMessage, type NewMessage, ORCH, type Party, wakesReceiver } from '../../domain/board/message.ts'
import { nameOf } from '../../domain/board/party.ts'
import { failureCode } from '../../foundation/failure.ts'
import type { Clock } from '../../platform/clock.ts'
import { EngineClosed } from '../../ports/engine.ts'
import type { News } from '../../workflows/news.ts'
import type { TaskInput } from '../../workflows/task-input.ts'
import type { Roster } from '../services/roster.ts'
import type { BoardStore } from './board-store.ts'
import { featureOf, goneBecause } from './circle.ts'
import type { InboxCopies } from './inbox-copies.ts'

export interface DeliveryParts {
  readonly store: BoardStore
  readonly copies: InboxCopies
  readonly clock: Clock
  readonly roster: Pick<Roster, 'record' | 'stage'>
  readonly stableId: (text: string) => string
  readonly tell: (runId: string, news: News, key: string) => Promise<void>
  readonly logError: (error: unknown) => void
}

const TELL_AGAIN_MS = 1000

/**
 * Carries messages to their receivers' runs and inboxes, each again and again under the same key until the receiver's own record shows it,
 * or the receiver is gone.
 */
export class Delivery {
  readonly #parts: DeliveryParts
  /** The open mail by its uuid. */
  readonly #open = new Map<string, { message: BoardMessage; to: Party }>()
  /** Which run has been told, by uuid: a task that was started anew has another one. */
  readonly #told = new Map<string, string>()
  readonly #closing = new AbortController()
  readonly #again = new Set<BoardMessage>()
  /** Says something to whoever wrote to one that is gone. */
  onRefused: (project: string, note: NewMessage, key: string) => Promise<unknown> = async () => undefined

  /** Its session need not hear it any more. */
  onFiled: (handle: Party, uuid: string) => Promise<void> = async () => undefined

  constructor(parts: DeliveryParts) {
    this.#parts = parts
  }

  /** After the store was loaded, before any session's record is read: receipts are looked up here. */
  recall(): void {
    for (const message of this.#parts.store.all()) for (const to of this.#parts.store.pending(message)) this.#remember(message, to)
  }

  /** Everything that is still open, for whoever can hear it. */
  async deliverAll(): Promise<void> {
    const open = new Set([...this.#open.values()].map(({ message }) => message))
    for (const message of open) await this.deliver(message)
  }

  /** What fails is tried again: the message itself is safe on the board. */
  async deliver(message: BoardMessage): Promise<void> {
    for (const to of this.#parts.store.pending(message)) {
      await this.#deliverTo(message, to).catch((error: unknown) => this.#failed(message, error))
    }
  }

  /** Something about this task has changed: its run may be another, or it may have ended. */
  async deliverTo(handle: Party): Promise<void> {
    if (this.#open.size === 0) return
    const { roster } = this.#parts
    const run = goneBecause(roster, handle) === undefined ? roster.record(handle)?.runId : undefined
    const own = [...this.#open].filter(([uuid, { to }]) => to === handle && (run === undefined || this.#told.get(uuid) !== run))
    for (const [, { message }] of own) await this.#deliverTo(message, handle).catch((error: unknown) => this.#failed(message, error))
  }

  /** The task's worktree is there. */
  async leaveCopies(handle: Party, worktree: string): Promise<void> {
    for (const { message, to } of this.#open.values()) if (to === handle) await this.#parts.copies.leave(worktree, message)
  }

  noteDelivered(handle: Party, uuid: string, at: number): void {
    const mail = this.#open.get(uuid)
    if (mail?.to === handle) void this.#close(uuid, mail.message, handle, at).catch(this.#parts.logError)
  }

  /** Whoever works in the worktree has filed these as read. */
  async noteFiled(handle: Party, ids: readonly string[]): Promise<void> {
    for (const [uuid, { message, to }] of this.#open) {
      if (to !== handle || !ids.includes(message.id)) continue
      await this.onFiled(handle, uuid)
      await this.#close(uuid, message, to, this.#parts.clock.now())
    }
  }

  hasOpen(handle: Party): boolean {
    return [...this.#open.values()].some(({ to }) => to === handle)
  }

  close(): void {
    this.#closing.abort()
  }

  async #deliverTo(message: BoardMessage, to: Party): Promise<void> {
    const uuid = this.#remember(message, to)
    const gone = goneBecause(this.#parts.roster, to)
    if (gone !== undefined) return this.#refuse(uuid, message, to, gone)
    const record = this.#parts.roster.record(to)
    // Not begun yet: delivered as soon as it is.
    if (record === undefined) return
    await this.#parts.copies.leave(record.input.worktree, message)
    if (this.#told.get(uuid) === record.runId) return
    try {
      await this.#parts.tell(record.runId, mailNews(uuid, message, record.input), `mail ${message.id} ${to}`)
      this.#told.set(uuid, record.runId)
    } catch (error) {
      if (failureCode(error) !== 'unknown-run') throw error
    }
  }

  #remember(message: BoardMessage, to: Party): string {
    const uuid = this.#parts.stableId(`mail ${message.project} ${message.id} ${to}`)
    this.#open.set(uuid, { message, to })
    return uuid
  }

  async #close(uuid: string, message: BoardMessage, to: Party, at: number): Promise<void> {
    this.#forget(uuid)
    const record = this.#parts.roster.record(to)
    // First: once the receipt is closed nobody comes back to the copy.
    if (record !== undefined) await this.#parts.copies.file(record.input.worktree, message.id).catch(this.#parts.logError)
    await this.#parts.store.close(message, { to, deliveredAt: Math.max(message.takenAt, Math.min(at, this.#parts.clock.now())) })
  }

  /** The sender hears it first: after a crash in between it is said again under the same key. */
  async #refuse(uuid: string, message: BoardMessage, to: Party, reason: string): Promise<void> {
    const { id, project, from } = message
    if (from !== ORCH) {
      const isLast = this.#parts.store.pending(message).every((party) => party === to)
      const isHopeless = isLast && this.#parts.store.receipts(message).every((each) => each.to === to || each.refused !== undefined)
      const text = `${nameOf(to, { project })} will not read ${id}: ${reason}.`
      await this.onRefused(
        project,
        {
          kind: 'note',
          from: ORCH,
          to: [from],
          text,
          ...(message.feature !== undefined && { feature: message.feature }),
          ...(isHopeless && { inReplyTo: id }),
        },
        `refused ${id} ${to}`,
      )
    }
    this.#forget(uuid)
    await this.#parts.store.close(message, { to, refused: reason })
  }

  #forget(uuid: string): void {
    this.#open.delete(uuid)
    this.#told.delete(uuid)
  }

  #failed(message: BoardMessage, error: unknown): void {
    this.#parts.logError(error)
    if (error instanceof EngineClosed || this.#again.has(message)) return
    this.#again.add(message)
    const { signal } = this.#closing
    void this.#parts.clock.wait(TELL_AGAIN_MS, signal).then(
      () => {
        this.#again.delete(message)
        return this.deliver(message)
      },
      () => undefined,
    )
  }
}

function mailNews(uuid: string, message: BoardMessage, input: TaskInput): News {
  const { id, kind, from, inReplyTo, decision } = message
  const feature = featureOf(input)
  const reader = { project: input.project, ...(feature !== undefined && { feature }) }
  return {
    kind: 'mail',
    id: uuid,
    message: id,
    what: kind,
    from,
    ...(inReplyTo !== undefined && { inReplyTo }),
    ...(decision !== undefined && { decision }),
    text: renderMail(message, (party) => nameOf(party, reader)),
    wakes: wakesReceiver(message),
  }
}
