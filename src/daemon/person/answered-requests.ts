import { join } from 'node:path'
import * as v from 'valibot'
import type { PermissionDecision } from '../../domain/sessions/session-event.ts'
import { Turns } from '../../foundation/turns.ts'
import type { Home } from '../../config/home.ts'
import { loadJson, replaceFile } from '../../platform/files.ts'

const Answered = v.object({ id: v.string(), at: v.number(), said: v.string() })
type Answered = v.InferOutput<typeof Answered>

const MOST_KEPT = 500

/** What the person has said to the newest requests of sessions, so that who answers one again hears what was said first. */
export class AnsweredRequests {
  readonly #path: string
  readonly #turns = new Turns()

  constructor(home: Pick<Home, 'root'>) {
    this.#path = join(home.root, 'answered.json')
  }

  note(id: string, decision: PermissionDecision, at: number): Promise<void> {
    return this.#turns.take(async () => {
      const before = (await this.#load()).filter((answered) => answered.id !== id)
      await replaceFile(this.#path, JSON.stringify([...before, { id, at, said: wordsOf(decision) }].slice(-MOST_KEPT)), {
        survives: 'kill',
      })
    })
  }

  async find(id: string): Promise<Answered | undefined> {
    return (await this.#load()).find((answered) => answered.id === id || (id.length >= 4 && answered.id.startsWith(id)))
  }

  /** One that cannot be read has nothing to say. */
  async #load(): Promise<readonly Answered[]> {
    return (await loadJson(this.#path, (value) => v.parse(v.array(Answered), value)).catch(() => undefined)) ?? []
  }
}

function wordsOf(decision: PermissionDecision): string {
  if (decision.kind === 'allow') return 'approved'
  if (decision.kind === 'deny') return `denied: "${decision.reason}"`
  return `answered: ${decision.answers.map((answer) => `"${answer}"`).join(', ')}`
}
