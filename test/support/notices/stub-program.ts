import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '../eventually.ts'
import { temporaryFolder } from '../temporary.ts'

/** A program on the PATH that keeps what it is called with, and ends as it is told. */
export class StubProgram {
  readonly #folder = temporaryFolder()
  readonly #bin = join(this.#folder, 'bin')
  readonly #program: string
  readonly #script: string

  constructor(name: string) {
    mkdirSync(this.#bin)
    mkdirSync(join(this.#folder, 'calls'))
    this.#program = join(this.#bin, name)
    // One folder a call: each argument in a file of its own, so that nothing has to be quoted.
    const script = [
      '#!/bin/sh',
      `call=$(mktemp -d '${this.#folder}/calls/call-XXXXXX')`,
      'n=0',
      'for word in "$@"; do n=$((n + 1)); printf %s "$word" >"$call/arg-$(printf %03d $n)"; done',
      '[ -t 0 ] || cat >"$call/stdin"',
      'env >"$call/environment"',
      `[ -e '${this.#folder}/hang' ] && { : >'${this.#folder}/hanging'; exec sleep 600; }`,
      'mv "$call" "$call.done"',
      `exit "$(cat '${this.#folder}/code' 2>/dev/null || echo 0)"`,
    ]
    this.#script = `${script.join('\n')}\n`
    this.install()
  }

  install(): void {
    writeFileSync(this.#program, this.#script)
    chmodSync(this.#program, 0o755)
  }

  get environment(): Readonly<Record<string, string>> {
    return this.before(process.env)
  }

  /** Found before all others of its name. */
  before({ PATH = '' }: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
    return { PATH: `${this.#bin}:${PATH}` }
  }

  /** The arguments of each call that has ended, in no order. */
  calls(): readonly { readonly args: readonly string[]; readonly stdin: string; readonly environment: string }[] {
    const ended = readdirSync(join(this.#folder, 'calls')).filter((name) => name.endsWith('.done'))
    return ended.map((name) => {
      const call = join(this.#folder, 'calls', name)
      const read = (file: string): string => (existsSync(join(call, file)) ? readFileSync(join(call, file), 'utf8') : '')
      const args = readdirSync(call)
        .filter((file) => file.startsWith('arg-'))
        .toSorted()
      return { args: args.map(read), stdin: read('stdin'), environment: read('environment') }
    })
  }

  endWith(code: number): void {
    writeFileSync(join(this.#folder, 'code'), String(code))
  }

  remove(): void {
    rmSync(this.#program)
  }

  hang(): void {
    writeFileSync(join(this.#folder, 'hang'), '')
  }

  async isHanging(): Promise<void> {
    await until(() => existsSync(join(this.#folder, 'hanging')), { what: 'the program is running', watching: this.#folder })
  }
}
