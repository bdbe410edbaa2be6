import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { Failure } from '../../foundation/failure.ts'

/**
 * Writes into the session's FIFO, one text after the other. A text up to PIPE_BUF goes in whole or not at all; a longer one is written on as the reader
 * makes room (the event loop tells when), never mixed with another of this process.
 */
export class DetachedInput {
  readonly #path: string
  #tail: Promise<void> = Promise.resolve()

  constructor(path: string) {
    this.#path = path
  }

  /** `gone` aborts when the reader has ended: a process that inherited the FIFO could keep it open and unread. */
  write(text: string, gone: AbortSignal): Promise<void> {
    const turn = this.#tail.then(() => writeWhole(this.#path, Buffer.from(text), gone))
    this.#tail = turn.catch(() => {})
    return turn
  }
}

async function writeWhole(path: string, bytes: Buffer, gone: AbortSignal): Promise<void> {
  if (gone.aborted) throw sessionGone()
  const fd = openFifo(path)
  let written: number
  try {
    written = writeSome(fd, bytes)
  } catch (error) {
    closeSync(fd)
    throw error
  }
  if (written === bytes.length) closeSync(fd)
  else await writeRest(fd, bytes.subarray(written), gone)
}

function openFifo(path: string): number {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  } catch (cause) {
    throw sessionGone(cause)
  }
}

function writeSome(fd: number, bytes: Buffer): number {
  try {
    return writeSync(fd, bytes)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EAGAIN') return 0
    throw sessionGone(cause)
  }
}

function writeRest(fd: number, rest: Buffer, gone: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const pipe = new Socket({ fd, readable: false, writable: true })
    const onGone = (): void => void pipe.destroy(sessionGone())
    gone.addEventListener('abort', onGone, { once: true })
    pipe.once('close', () => gone.removeEventListener('abort', onGone))
    pipe.once('error', (cause) => reject(cause instanceof Failure ? cause : sessionGone(cause)))
    pipe.once('finish', resolve)
    pipe.end(rest)
  })
}

function sessionGone(cause?: unknown): Failure {
  return new Failure('session-gone', 'The session has ended; nothing reads its input any more.', { cause })
}
