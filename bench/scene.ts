import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { startModelServer, type ModelServer } from '../src/rehearsal/model-server.ts'
import { parseScript } from '../src/rehearsal/script/script.ts'
import type { TaskStatus } from '../src/protocol/task-status.ts'
import { until } from '../test/support/eventually.ts'
import { findLeftovers } from '../test/support/leftovers.ts'
import { furnishHome, makeFolder, removeFolder, writeTree } from '../test/support/temporary.ts'

export interface SceneOptions {
  /** YAML of a rehearsal script. */
  readonly script: string
  readonly files?: Readonly<Record<string, string>>
  readonly claude?: 'newest' | 'oldest'
}

export interface Timed {
  readonly ms: number
  readonly stdout: string
}

/** A person's machine for one measurement: a home, a repository, the scripted model, the built orch and its daemon. All real but the model. */
export class Scene {
  readonly home: string
  readonly orchHome: string
  readonly repository: string
  readonly claude: string
  readonly model: ModelServer
  readonly environment: Readonly<Record<string, string>>

  static async begin(options: SceneOptions): Promise<Scene> {
    const parsed = parseScript(options.script)
    if (parsed.kind !== 'script') throw new Error(`the script of the measurement: ${JSON.stringify(parsed.problems)}`)
    endOnSignals()
    const scene = new Scene(await startModelServer({ script: parsed.script }), options.claude ?? 'newest')
    open.add(scene)
    writeTree(scene.repository, { 'README.md': '# A small repository\n', 'CLAUDE.md': '# A small repository\n', ...options.files })
    for (const args of [
      ['init', '-q', '-b', 'main'],
      ['add', '-A'],
      ['commit', '-qm', 'Begin'],
    ])
      await scene.git(...args)
    return scene
  }

  private constructor(model: ModelServer, version: 'newest' | 'oldest') {
    const made = furnishHome(makeFolder('orch-bench-'))
    this.home = made.home
    this.orchHome = made.orchHome
    this.repository = join(made.home, 'repo')
    this.model = model
    this.claude = claudeProgram(version)
    const bin = join(made.home, 'bin')
    for (const folder of [this.repository, bin]) mkdirSync(folder)
    symlinkSync(this.claude, join(bin, 'claude'))
    const person = { NAME: 'Bench', EMAIL: 'bench@example.invalid' }
    this.environment = {
      ...made.environment,
      GIT_AUTHOR_NAME: person.NAME,
      GIT_AUTHOR_EMAIL: person.EMAIL,
      GIT_COMMITTER_NAME: person.NAME,
      GIT_COMMITTER_EMAIL: person.EMAIL,
      GIT_CONFIG_GLOBAL: '/dev/null',
      PATH: `${bin}:${made.environment.PATH ?? ''}`,
      ANTHROPIC_BASE_URL: model.url,
    }
  }

  /** The built orch, in the repository. */
  orch(...args: string[]): Promise<Timed> {
    return this.time(process.execPath, [orchProgram, ...args])
  }

  async git(...args: string[]): Promise<string> {
    return (await this.time('git', args)).stdout.trim()
  }

  /** Start to end of a program; one that fails fails the measurement. */
  time(program: string, args: readonly string[], cwd = this.repository): Promise<Timed> {
    return new Promise((settle, reject) => {
      const startedAt = performance.now()
      const child = spawn(program, args, { cwd, env: this.environment, stdio: ['ignore', 'pipe', 'pipe'] })
      let [stdout, stderr] = ['', '']
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
      child.once('error', reject)
      child.once('exit', (code) => {
        const ms = performance.now() - startedAt
        if (code === 0) child.once('close', () => settle({ ms, stdout }))
        else reject(new Error(`${program} ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`))
      })
    })
  }

  /** The time of the next request that a session (no title, no sub-agent) makes from now on, and its body. */
  nextRequest(deadlineMs = 60_000): Promise<{ at: number; body: string }> {
    return new Promise((settle, reject) => {
      const end = (): void => {
        clearTimeout(deadline)
        stopListening()
      }
      const stopListening = this.model.onRequest((record, body) => {
        if (record.role !== 'session') return
        end()
        settle({ at: performance.now(), body })
      })
      const deadline = setTimeout(() => {
        end()
        reject(new Error(`no request of a session within ${deadlineMs} ms`))
      }, deadlineMs)
    })
  }

  get daemonPid(): number {
    return (JSON.parse(readFileSync(join(this.orchHome, 'daemon.json'), 'utf8')) as { pid: number }).pid
  }

  statuses(): TaskStatus[] {
    const folder = join(this.orchHome, 'sessions')
    const paths = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name, 'status.json')) : []
    return paths.filter((path) => existsSync(path)).map((path) => JSON.parse(readFileSync(path, 'utf8')) as TaskStatus)
  }

  async untilAll(count: number, status: TaskStatus['status'], deadlineMs: number): Promise<void> {
    const counts = (): Record<string, number> => {
      const found: Record<string, number> = {}
      for (const one of this.statuses()) found[`${one.status}: ${one.reason}`] = (found[`${one.status}: ${one.reason}`] ?? 0) + 1
      return found
    }
    const isThere = (): boolean => this.statuses().filter((one) => one.status === status).length >= count
    await until(isThere, { what: `${count} tasks ${status}`, deadlineMs }).catch((cause: unknown) => {
      throw new Error(`not all ${status}: ${JSON.stringify(counts())}`, { cause })
    })
  }

  async end(): Promise<void> {
    open.delete(this)
    await this.orch('daemon', 'stop').catch(() => undefined)
    await until(() => this.#stopLeftovers(), { what: 'no process of the scene is left', deadlineMs: 20_000 })
    await this.model.stop()
    removeFolder(this.home)
  }

  /** Sessions outlive their daemon, so they are ended here. */
  #stopLeftovers(): boolean {
    const left = findLeftovers(this.home)
    for (const { pid } of left) {
      try {
        process.kill(pid, 'SIGKILL')
      } catch {
        // It ended while we looked.
      }
    }
    return left.length === 0
  }
}

const open = new Set<Scene>()
let isListening = false

/** A bench that is broken off leaves no fleet running. */
function endOnSignals(): void {
  if (isListening) return
  isListening = true
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void Promise.allSettled([...open].map((scene) => scene.end())).then(() => process.exit(130))
    })
  }
}

const orchProgram = resolve(import.meta.dirname, '../bin/orch')

function claudeProgram(version: 'newest' | 'oldest'): string {
  const require = createRequire(import.meta.url)
  const start = version === 'newest' ? import.meta.dirname : dirname(require.resolve('claude-code-oldest/package.json'))
  const platform = `@anthropic-ai/claude-code-${process.platform}-${process.arch}`
  return join(dirname(createRequire(join(start, 'x.js')).resolve(`${platform}/package.json`)), 'claude')
}
