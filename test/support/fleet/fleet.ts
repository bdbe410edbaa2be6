import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { expect } from 'vitest'
import { parseScript } from '../../../src/rehearsal/script/script.ts'
import { startModelServer, type ModelServer } from '../../../src/rehearsal/model-server.ts'
import type { TaskStatus } from '../../../src/protocol/task-status.ts'
import { until } from '../eventually.ts'
import { orchTest, runToEnd, type OrchFixture } from '../orch.ts'
import { writeTree } from '../temporary.ts'

const daemonProgram = resolve(import.meta.dirname, '../../../dist/daemon/main.js')

export interface Scene {
  /** YAML of a rehearsal script; without one every session makes a small commit and says done. */
  readonly script?: string
  readonly tasks?: string
  /** orch.yaml; a validation that always passes unless given. */
  readonly config?: string
  readonly files?: Readonly<Record<string, string>>
  readonly claude?: 'newest' | 'oldest'
  readonly environment?: Readonly<Record<string, string>>
}

export interface FleetFixture {
  /** Repository, model server and daemon, all real but the model. Torn down with the test, which fails when a process is left. */
  begin(scene: Scene): Promise<FleetScene>
}

/** A test of the daemon: the built one, real git, real Claude Code, the scripted model. */
export const fleetTest = orchTest.extend<{ fleet: FleetFixture }>({
  fleet: async ({ orch }, use) => {
    const scenes: FleetScene[] = []
    await use({
      begin: async (scene) => {
        const begun = await FleetScene.begin(orch, scene)
        scenes.push(begun)
        return begun
      },
    })
    for (const scene of scenes) await scene.end()
  },
})

export class FleetScene {
  readonly orch: OrchFixture
  readonly repository: string
  readonly model: ModelServer
  readonly environment: Readonly<Record<string, string>>
  /** Of each conversation the newest request, which holds all that was said in it. */
  readonly #newest = new Map<string, { readonly task: string | undefined; readonly body: string }>()
  #daemon: ChildProcess | undefined

  static async begin(orch: OrchFixture, scene: Scene): Promise<FleetScene> {
    const script = parseScript(scene.script ?? 'sessions: []\n')
    if (script.kind !== 'script') throw new Error(`the scene's script: ${JSON.stringify(script.problems)}`)
    const model = await startModelServer({ script: script.script })
    const repository = await makeRepository(orch, scene)
    const bin = join(orch.home, 'bin')
    mkdirSync(bin, { recursive: true })
    symlinkSync(claudeProgram(scene.claude ?? 'newest'), join(bin, 'claude'))
    const environment = {
      ...orch.environment,
      ...scene.environment,
      PATH: `${bin}:${orch.environment.PATH ?? ''}`,
      ANTHROPIC_BASE_URL: model.url,
    }
    return new FleetScene(orch, repository, model, environment)
  }

  private constructor(orch: OrchFixture, repository: string, model: ModelServer, environment: Readonly<Record<string, string>>) {
    this.orch = orch
    this.repository = repository
    this.model = model
    this.environment = environment
    model.onRequest(({ role, session, task, reviewer }, body) => {
      if (role === 'session' && reviewer === undefined) this.#newest.set(session, { task, body })
    })
  }

  /** Runs the built `orch` in the repository. */
  run(args: readonly string[], options: Parameters<OrchFixture['run']>[1] = {}): ReturnType<OrchFixture['run']> {
    return this.orch.run(args, { cwd: this.repository, ...options, environment: { ...this.environment, ...options.environment } })
  }

  git(...args: string[]): Promise<string> {
    return git(this.repository, this.environment, args)
  }

  /** Starts a daemon and waits until it listens (or has killed itself, for crash tests). */
  async startDaemon(environment: Readonly<Record<string, string>> = {}): Promise<void> {
    const file = join(this.orch.orchHome, 'daemon.json')
    const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
    const child = spawn(process.execPath, [daemonProgram], {
      env: { ...this.environment, ...environment },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    this.#daemon = child
    await until(() => child.exitCode !== null || child.signalCode !== null || (existsSync(file) && readFileSync(file, 'utf8') !== before), {
      what: 'the daemon listens',
    })
  }

  get isDaemonAlive(): boolean {
    return this.#daemon !== undefined && this.#daemon.exitCode === null && this.#daemon.signalCode === null
  }

  get daemonPid(): number | undefined {
    return this.#daemon?.pid
  }

  /** kill -9, and waits until it is gone. */
  async killDaemon(): Promise<void> {
    const child = this.#daemon
    if (child === undefined || !this.isDaemonAlive) return
    const gone = new Promise<void>((settle) => child.once('exit', () => settle()))
    child.kill('SIGKILL')
    await gone
  }

  /** A request to the daemon as a client would send it. */
  async call<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
    return (await (await this.#fetch(method, path, body)).json()) as T
  }

  #fetch(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Response> {
    const { port } = JSON.parse(readFileSync(join(this.orch.orchHome, 'daemon.json'), 'utf8')) as { port: number }
    const token = JSON.parse(readFileSync(join(this.orch.orchHome, 'daemon.token'), 'utf8')) as string
    return fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  }

  /** Every status from now on, at the moment the daemon publishes it; until that daemon ends. */
  async onStatus(listener: (status: TaskStatus) => void): Promise<void> {
    const response = await this.#fetch('GET', '/v1/events')
    const read = async (): Promise<void> => {
      let text = ''
      for await (const chunk of response.body ?? []) {
        const events = (text + Buffer.from(chunk).toString('utf8')).split('\n\n')
        text = events.pop() ?? ''
        for (const event of events)
          if (/^event: task$/m.test(event)) listener(JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? '') as TaskStatus)
      }
    }
    read().catch(() => undefined)
  }

  /** Everything the task's processes have printed, the oldest first. */
  record(task: string): readonly { readonly type: string; readonly subtype?: string }[] {
    return this.processes(task)
      .flatMap((name) => readFileSync(join(this.orch.orchHome, 'sessions', `repo.${task}`, name, 'out.jsonl'), 'utf8').split('\n'))
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { type: string })
  }

  /** Names of its process folders, the oldest first. */
  processes(task: string): readonly string[] {
    const names = readdirSync(join(this.orch.orchHome, 'sessions', `repo.${task}`))
    return names.filter((name) => /^\d+\.\d+$/.test(name)).toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  }

  /** Starts the backlog through the daemon, as `orch run --detach` does. */
  startBacklog(more: Readonly<Record<string, unknown>> = {}): Promise<{ started: string[] }> {
    return this.call('POST', '/v1/run', { cwd: this.repository, environment: this.environment, ...more })
  }

  /** From the files, so that it works while the daemon is down. */
  status(task: string): TaskStatus | undefined {
    const path = join(this.orch.orchHome, 'sessions', `repo.${task}`, 'status.json')
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as TaskStatus) : undefined
  }

  /** Waits until every task has this status; fails at once when one has got a status it will not leave by itself. */
  async untilStatus(tasks: readonly string[], wanted: TaskStatus['status'], deadlineMs = 60_000): Promise<void> {
    await until(() => tasks.every((task) => this.status(task)?.status === wanted), {
      what: `${tasks.join(', ')} is ${wanted}`,
      deadlineMs,
    }).catch((cause: unknown) => {
      const found = tasks.map((task) => `${task}: ${this.status(task)?.status} (${this.status(task)?.reason})`)
      throw new Error(`not ${wanted}:\n${found.join('\n')}`, { cause })
    })
  }

  /** Ids of the messages from the board that the model of this task was told, in each conversation in order; one told twice stands there twice. */
  heard(task: string): readonly string[] {
    return [...this.#newest.values()].filter((each) => each.task === task).flatMap(({ body }) => messagesIn(body))
  }

  /** The newest request of a conversation of this task, as it was sent. */
  lastAsked(task: string): string | undefined {
    return [...this.#newest.values()].findLast((each) => each.task === task)?.body
  }

  /** No prompt was answered twice: each (session, turn, step) got one reply. */
  expectNoRepeatedReplies(): void {
    const replies = this.model.requests.filter((request) => request.role === 'session' && request.outcome === 'reply')
    const keys = replies.map((request) => `${request.session} ${request.turn} ${request.step}`)
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([])
  }

  async end(): Promise<void> {
    if (this.isDaemonAlive) await this.orch.run(['daemon', 'stop'], { environment: this.environment }).catch(() => undefined)
    await this.killDaemon()
    await this.model.stop()
  }
}

/** Each begins a line of a text that is the model's neither: what a tool printed is no text. */
export function messagesIn(body: string): readonly string[] {
  const { messages } = JSON.parse(body) as { messages: { role: string; content: string | { type: string; text?: string }[] }[] }
  const texts = messages
    .filter(({ role }) => role !== 'assistant')
    .flatMap(({ content }) =>
      typeof content === 'string' ? [content] : content.flatMap(({ type, text }) => (type === 'text' ? [text ?? ''] : [])),
    )
  return texts.flatMap((text) => [...text.matchAll(/^\[orch (m[1-9]\d*) /gm)].map(([, id = '']) => id))
}

export function claudeProgram(which: 'newest' | 'oldest'): string {
  const require = createRequire(import.meta.url)
  const platform = `@anthropic-ai/claude-code-${process.platform}-${process.arch}`
  const start = which === 'newest' ? import.meta.dirname : dirname(require.resolve('claude-code-oldest/package.json'))
  return join(dirname(createRequire(join(start, 'x.js')).resolve(`${platform}/package.json`)), 'claude')
}

async function makeRepository(orch: OrchFixture, scene: Scene): Promise<string> {
  const repository = join(orch.folder, 'repo')
  mkdirSync(repository)
  writeTree(repository, {
    'README.md': '# A small repository\n',
    'orch.yaml': scene.config ?? 'validate: "true"\n',
    ...(scene.tasks === undefined ? {} : { 'tasks.md': scene.tasks }),
    ...scene.files,
  })
  for (const args of [
    ['init', '-q', '-b', 'main'],
    ['add', '-A'],
    ['commit', '-qm', 'Begin'],
  ])
    await git(repository, orch.environment, args)
  return repository
}

async function git(cwd: string, environment: Readonly<Record<string, string>>, args: readonly string[]): Promise<string> {
  const ended = await runToEnd('git', args, { cwd, environment })
  if (ended.code !== 0) throw new Error(`git ${args.join(' ')}: ${ended.stderr}`)
  return ended.stdout.trim()
}
