import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'

/** A real terminal of 140 × 40 with a program in it, driven by keys; what it draws comes with the time at which it came. */
export class Terminal {
  readonly ended: Promise<void>
  readonly #child: ChildProcessWithoutNullStreams
  #drawn = ''
  #waiting: { readonly words: string; readonly from: number; done(at: number): void } | undefined

  constructor(argv: readonly string[], cwd: string, environment: Readonly<Record<string, string>>) {
    const line = `stty cols 140 rows 40; echo "pid=$$."; exec ${argv.map((word) => `'${word}'`).join(' ')}`
    const args = process.platform === 'darwin' ? ['-q', '/dev/null', 'sh', '-c', line] : ['-qefc', line, '/dev/null']
    this.#child = spawn('script', args, { cwd, env: environment, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => this.#take(text))
    this.ended = new Promise((resolve) => this.#child.once('close', () => resolve()))
  }

  get pid(): number {
    return Number(/pid=(\d+)\./.exec(this.#drawn)?.[1])
  }

  get length(): number {
    return this.#drawn.length
  }

  press(keys: string): void {
    this.#child.stdin.write(keys)
  }

  /** The time at which these words were drawn, of what is drawn from now on or from that length. */
  drawn(words: string, from = this.length): Promise<number> {
    return new Promise((done, reject) => {
      const deadline = setTimeout(() => reject(new Error(`"${words}" was not drawn:\n${this.#drawn.slice(-3000)}`)), 20_000)
      this.#waiting = {
        words,
        from,
        done: (at) => {
          clearTimeout(deadline)
          done(at)
        },
      }
      this.#take('')
    })
  }

  #take(text: string): void {
    const at = performance.now()
    this.#drawn += text
    const waiting = this.#waiting
    if (waiting === undefined || !this.#drawn.includes(waiting.words, waiting.from)) return
    this.#waiting = undefined
    waiting.done(at)
  }
}
