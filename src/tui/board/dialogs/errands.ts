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
  readonly #desk: Pick<BoardDesk, 'run' | 'now'>
  readonly #listeners = new Set<() => void>()
  #all: readonly Errand[] = []

  constructor(desk: Pick<BoardDesk, 'run' | 'now'>) {
    this.#desk = desk
  }

  /** The newest first. */
  get all(): readonly Errand[] {
    return this.#all
  }

  async run(title: string, argv: readonly string[], repository?: string): Promise<Said> {
    const begun: Errand = { title, since: this.#desk.now(), said: undefined }
    this.#all = [begun, ...this.#all].slice(0, KEPT)
    this.#tell()
    const told = await this.#desk.run(argv, { repository })
    const said = { ...told, lines: [...told.lines, ...hintsOf(argv, told)] }
    this.#all = this.#all.map((each) => (each === begun ? { ...begun, said } : each))
    this.#tell()
    return said
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
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
