import { dirname, join } from 'node:path'
import { type Home, sessionFolder } from '../../config/home.ts'
import type { SessionEvent } from '../../domain/sessions/session-event.ts'
import { Turns } from '../../foundation/turns.ts'
import { ensurePrivateDirectory, loadJson, replaceFile } from '../../platform/files.ts'
import { boundsOf } from '../../workflows/landing/ownership.ts'
import type { TaskInput } from '../../workflows/task-input.ts'

interface Edits {
  /** Paths that a person was asked about, by the tool's call. */
  readonly asked: Readonly<Record<string, string>>
  /** Those that were then edited: a person had allowed it. */
  readonly permitted: readonly string[]
}

/** Which edits outside of its bounds a person allowed to a session: nobody is asked about them again, neither before the next edit nor at the commit. */
export class PermittedEdits {
  readonly #home: Home
  readonly #logError: (error: unknown) => void
  readonly #files = new Map<string, { readonly turns: Turns; edits?: Edits }>()

  constructor(home: Home, logError: (error: unknown) => void) {
    this.#home = home
    this.#logError = logError
  }

  /** Kept before the person is asked, so that no answer is missed. */
  async ask(input: TaskInput, toolUseId: string, path: string): Promise<void> {
    await this.#change(input, (edits) => ({ ...edits, asked: { ...edits.asked, [toolUseId]: path } }))
  }

  hear(input: TaskInput, event: SessionEvent): void {
    if (event.type !== 'tool-ended' || event.isError || boundsOf(input)?.mode !== 'ask') return
    const permit = ({ asked, permitted }: Edits): Edits | undefined => {
      const path = asked[event.toolUseId]
      return path === undefined || permitted.includes(path) ? undefined : { asked, permitted: [...permitted, path] }
    }
    this.#change(input, permit).catch(this.#logError)
  }

  async of(input: TaskInput): Promise<readonly string[]> {
    return (await this.#change(input, () => undefined)).permitted
  }

  #change(input: TaskInput, change: (edits: Edits) => Edits | undefined): Promise<Edits> {
    const file = join(sessionFolder(this.#home, input.handle), `edits-${input.createdAt}.json`)
    const known = this.#files.get(file) ?? { turns: new Turns() }
    this.#files.set(file, known)
    return known.turns.take(async () => {
      const edits = known.edits ?? (await loadJson(file, (value) => value as Edits)) ?? { asked: {}, permitted: [] }
      const changed = change(edits)
      if (changed !== undefined) {
        await ensurePrivateDirectory(dirname(file))
        await replaceFile(file, JSON.stringify(changed))
      }
      return (known.edits = changed ?? edits)
    })
  }
}
