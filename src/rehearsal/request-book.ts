import { appendFileSync, chmodSync } from 'node:fs'
import { Failure } from '../foundation/failure.ts'
import type { Conversation } from './conversation.ts'

/** What the server did with one request; one line of the record file. */
export interface RequestRecord {
  readonly at: string
  readonly number: number
  readonly path: string
  readonly role: Conversation['role'] | 'count-tokens' | 'probe' | 'refused'
  readonly session: string
  readonly task: string | undefined
  /** The department, of a session that reviews the task's work. */
  readonly reviewer?: string
  readonly turn: number
  readonly step: number
  readonly bytes: number
  /** 'reply', or 'failure' with what failed, or 'refused' with the status and message of an invalid request. */
  readonly outcome: 'reply' | 'failure' | 'refused'
  readonly detail: string
}

export type RequestListener = (record: RequestRecord, body: string) => void

/** Every request in order of arrival, in memory and, if asked for, in a file that outlives the server. */
export class RequestBook {
  readonly records: RequestRecord[] = []
  readonly #file: string | undefined
  readonly #listeners = new Set<RequestListener>()

  constructor(file: string | undefined) {
    this.#file = file
  }

  // Synchronous, so that a record stands in the file before its answer can have any effect.
  keep(record: RequestRecord, body: string): void {
    this.records.push(record)
    if (this.#file !== undefined) {
      appendFileSync(this.#file, `${JSON.stringify(record)}\n`, { mode: 0o600 })
      if (record.number === 1) chmodSync(this.#file, 0o600)
    }
    for (const listener of this.#listeners) listener(record, body)
  }

  onRequest(listener: RequestListener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  waitFor(fits: (record: RequestRecord) => boolean, deadlineMs: number): Promise<RequestRecord> {
    const past = this.records.find(fits)
    if (past !== undefined) return Promise.resolve(past)
    return new Promise((resolve, reject) => {
      const stopListening = this.onRequest((record) => {
        if (!fits(record)) return
        clearTimeout(timer)
        stopListening()
        resolve(record)
      })
      const timer = setTimeout(() => {
        stopListening()
        reject(this.#noSuchRequest(deadlineMs))
      }, deadlineMs)
    })
  }

  #noSuchRequest(deadlineMs: number): Failure {
    const last = this.records.slice(-5).map((one) => `${one.role} ${one.task ?? '-'} ${one.turn}.${one.step} ${one.outcome}`)
    return new Failure(
      'rehearsal.no-such-request',
      `No such request came within ${deadlineMs} ms; ${this.records.length} came, the last: ${last.join('; ')}.`,
    )
  }
}
