import type { BoardDesk, Said } from '../desk.ts'

/** Something that was asked for from the board, and what became of it. */
export interface Errand {
  /** One plain line: `merge repo.cart`. */
  readonly title: string
  readonly since: number
  /** Undefined while it goes on. */
  readonly said: Said | undefined
}

/** All that was asked for in this sitting. An errand does not depend on the dialog that began it. */
export class Errands {
  readonly #desk: Pick<BoardDesk, 'run' | 'now' | 'explain'>
  readonly #listeners = new Set<(ended: Errand | undefined) => void>()
  #all: readonly Errand[] = []

  constructor(desk: Pick<BoardDesk, 'run' | 'now' | 'explain'>) {
    this.#desk = desk
  }

  /** The newest first. */
  get all(): readonly Errand[] {
    return this.#all
  }

  run(title: string, argv: readonly string[], repository?: string): Promise<Said> {
    return this.keep(
      title,
      this.#desk.run(argv, { repository }).then((said) => ({ ...said, lines: [...said.lines, ...hintsOf(argv, said)] })),
    )
  }

  async keep(title: string, work: Promise<Said>): Promise<Said> {
    const begun: Errand = { title, since: this.#desk.now(), said: undefined }
    this.#all = [begun, ...this.#all].slice(0, KEPT)
    this.#tell(undefined)
    const said = await work.catch((error: unknown): Said => ({ isDone: false, lines: this.#desk.explain(error) }))
    const ended: Errand = { ...begun, said }
    this.#all = this.#all.map((each) => (each === begun ? ended : each))
    this.#tell(ended)
    return said
  }

  /** Told of each beginning, and of what has ended. */
  onChange(listener: (ended: Errand | undefined) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #tell(ended: Errand | undefined): void {
    for (const listener of this.#listeners) listener(ended)
  }
}

const KEPT = 100

/** How to take back what has just been done. */
function hintsOf([verb]: readonly string[], { lines }: Said): readonly string[] {
  if (verb !== 'merge') return []
  return lines.flatMap((line) => {
    const [, name] = /^(\S+): landed as /.exec(line) ?? []
    return name === undefined ? [] : [`To take it back: orch undo ${name}`]
  })
}
