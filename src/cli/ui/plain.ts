import { createInterface, type Interface } from 'node:readline'
import type { TaskStatus } from '../../protocol/task-status.ts'
import { PlainBoard } from '../../tui/board/plain/plain-board.ts'
import type { Context } from '../context.ts'
import { makeBoardDesk } from './desk.ts'
import { LiveFeed } from './live-feed.ts'

/** A terminal, or a pipe, as lines that are typed. */
export class LineTerminal {
  isHandedOver = false
  readonly #typed: Interface

  constructor(stdin: NodeJS.ReadStream) {
    this.#typed = createInterface({ input: stdin, terminal: false })
  }

  lines(): AsyncIterable<string> {
    return this.#typed
  }

  /** What is typed meanwhile is somebody else's. */
  async handOver<T>(work: () => Promise<T>): Promise<T> {
    this.#typed.pause()
    this.isHandedOver = true
    return work().finally(() => {
      this.isHandedOver = false
      this.#typed.resume()
    })
  }

  close(): void {
    this.#typed.close()
  }
}

/** The board in lines, until `quit`, the end of what is typed, or the signal. */
export async function runPlain(
  context: Context,
  isShown: (task: TaskStatus) => boolean,
  terminal: LineTerminal,
  signal: AbortSignal,
): Promise<void> {
  const feed = new LiveFeed(context, isShown)
  const board = new PlainBoard(makeBoardDesk(context, feed, terminal), (line) => context.output.answer(line))
  signal.addEventListener('abort', () => terminal.close(), { once: true })
  board.begin()
  feed.start()
  try {
    for await (const line of terminal.lines()) if ((await board.enter(line)) === 'quit') break
  } finally {
    board.close()
    feed.close()
    terminal.close()
  }
}
