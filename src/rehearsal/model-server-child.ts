import { spawn } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Failure } from '../foundation/failure.ts'

export interface ModelServerChild {
  readonly url: string
  readonly pid: number
  /** Resolves with the exit status, or null after a signal. */
  readonly exited: Promise<number | null>
  /** SIGTERM, then SIGKILL after two seconds; resolves when the process is gone. Idempotent. */
  stop(): Promise<void>
}

export interface ModelServerChildOptions {
  /** Without one, every session makes a small commit. */
  readonly scriptFile?: string
  readonly port?: number
  readonly portFile?: string
  readonly recordFile?: string
}

/** The rehearsal server as a child that ends with its parent, whatever ends the parent. Throws `rehearsal.not-started`, `bad-script`. */
export async function startModelServerChild(options: ModelServerChildOptions = {}): Promise<ModelServerChild> {
  const child = spawn(process.execPath, [...programOf(import.meta.url), ...toArguments(options)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Out of the terminal's group: Ctrl-C is its parent's to act on, which stops the sessions first.
    detached: true,
  })
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve))
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4000)
  })
  const url = await Promise.race([firstLine(child.stdout), exited.then(() => undefined)])
  if (url === undefined || child.pid === undefined) throw await startFailure(exited, () => complaint.trim())
  const stop = async () => {
    const bomb = setTimeout(() => child.kill('SIGKILL'), 2000)
    child.kill('SIGTERM')
    await exited
    clearTimeout(bomb)
  }
  return { url, pid: child.pid, exited, stop }
}

// The same code runs from src through tsx and from dist.
function programOf(here: string): string[] {
  const extension = extname(fileURLToPath(here))
  const main = fileURLToPath(new URL(`./main${extension}`, here))
  return extension === '.ts' ? ['--import', 'tsx', main] : [main]
}

function toArguments(options: ModelServerChildOptions): string[] {
  const pairs = { script: options.scriptFile, port: options.port, 'port-file': options.portFile, record: options.recordFile }
  const given = Object.entries(pairs).filter(([, value]) => value !== undefined)
  return ['--with-parent', ...given.flatMap(([name, value]) => [`--${name}=${value}`])]
}

function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  return new Promise((resolve) => {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part
      if (text.includes('\n')) resolve(text.split('\n', 1)[0] ?? '')
    })
  })
}

/** Exit status 2 is about the script, which a person wrote. */
async function startFailure(exited: Promise<number | null>, complaint: () => string): Promise<Failure> {
  if ((await exited) !== 2) return new Failure('rehearsal.not-started', `The rehearsal server did not start: ${complaint()}`)
  return new Failure('bad-script', complaint(), {
    safe: 'nothing was started',
    next: 'docs/guide/rehearsal.md tells what a script may say',
  })
}
