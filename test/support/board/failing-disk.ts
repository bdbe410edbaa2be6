import type * as promises from 'node:fs/promises'

type Promises = typeof promises

/** One write of it is the last one, or fails alone as where there is no room for a moment. */
export class FailingDisk {
  hasCome = false
  isDead = false
  readonly #how: 'dies before' | 'fails at'
  #left: number
  readonly #running = new Set<Promise<unknown>>()

  constructor(how: 'dies before' | 'fails at', write: number) {
    this.#how = how
    this.#left = write
  }

  requireLife(): void {
    if (this.isDead) throw new Error('the daemon is dead')
  }

  write<T>(effect: () => Promise<T>): Promise<T> {
    const writing = this.#write(effect)
    this.#running.add(writing)
    const forget = (): void => void this.#running.delete(writing)
    writing.then(forget, forget)
    return writing
  }

  /** What was begun has come to its end. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running)
  }

  async #write<T>(effect: () => Promise<T>): Promise<T> {
    this.requireLife()
    this.#left -= 1
    if (this.#left !== 0) return effect()
    this.hasCome = true
    this.isDead = this.#how !== 'fails at'
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
  }
}

const WRITES = ['rename', 'link', 'unlink', 'rm', 'mkdir'] as const

/** `node:fs/promises`, of which every write asks the disk. */
export function wrapWrites(real: Promises, disk: () => FailingDisk | undefined): Promises {
  const through = <T>(effect: () => Promise<T>): Promise<T> => disk()?.write(effect) ?? effect()
  const wrapped = WRITES.map((name) => [
    name,
    (...args: unknown[]) => through(() => Reflect.apply(real[name], real, args) as Promise<unknown>),
  ])
  const open = async (...args: Parameters<Promises['open']>): Promise<promises.FileHandle> => {
    const isNew = args[1] === 'wx'
    const file = await (isNew ? through(() => real.open(...args)) : real.open(...args))
    const writeFile = file.writeFile.bind(file)
    if (isNew) file.writeFile = (...content) => through(() => writeFile(...content))
    // No power is lost here, and there are a thousand of them.
    file.sync = async () => undefined
    return file
  }
  return { ...real, ...Object.fromEntries(wrapped), open } as Promises
}
