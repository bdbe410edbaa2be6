import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { TmuxTerminal } from '../cli/tmux.ts'
import { until } from '../eventually.ts'
import type { FleetScene } from '../fleet/fleet.ts'
import { orchProgram } from '../orch.ts'

/** A task whose session a person takes into a terminal again and again. At every look there is at most one process of its conversation. */
export class AttachStory {
  readonly #scene: FleetScene
  readonly #task: string
  #terminal: TmuxTerminal | undefined
  /** When there were several processes, and which. */
  readonly doubled: string[] = []

  constructor(scene: FleetScene, task: string) {
    this.#scene = scene
    this.#task = task
  }

  /** In a shell. */
  typeAttach(...options: readonly string[]): Promise<void> {
    return this.#type(['attach', this.#task, ...options].join(' '))
  }

  /** By its key on the live board. */
  async pressAttach(): Promise<void> {
    await this.#type('ui')
    await this.terminal.untilSeen((text) => text.includes('? help') && text.includes('api'), 'the board')
    await this.terminal.press('a')
  }

  async #type(command: string): Promise<void> {
    const { repository: cwd, environment } = this.#scene
    const shown = { columns: 90, rows: 30, cwd, environment: { ...environment, PS1: '$ ' } }
    this.#terminal = await TmuxTerminal.open(['/bin/sh'], shown)
    await this.terminal.type(`'${process.execPath}' '${orchProgram}' ${command}`)
    await this.terminal.press('Enter')
  }

  get terminal(): TmuxTerminal {
    if (this.#terminal === undefined) throw new Error('there is no terminal')
    return this.#terminal
  }

  /** Claude Code is there to be typed to. */
  async untilOpen(): Promise<void> {
    await this.untilTrue(async () => (await this.terminal.text()).includes('accept edits on'), 'Claude Code is open').catch(
      async (cause: unknown) => {
        throw new Error(`not open; the screen is\n${await this.terminal.text()}`, { cause })
      },
    )
  }

  /** One line, as a person types it. */
  async say(text: string): Promise<void> {
    await this.terminal.type(text)
    await this.terminal.untilShows(text)
    await this.terminal.press('Enter')
  }

  async leave(): Promise<void> {
    await this.say('/exit')
    await this.untilTrue(async () => (await this.terminal.text()).includes('given back to orch'), 'it is given back')
  }

  /** To the board, which is drawn again. */
  async leaveToBoard(): Promise<void> {
    await this.say('/exit')
    await this.untilTrue(async () => (await this.terminal.text()).includes('? help'), 'the board is back')
  }

  async closeTerminal(): Promise<void> {
    await this.#terminal?.close()
    this.#terminal = undefined
  }

  /** The folders of the planned processes, the oldest first. */
  get #folders(): readonly string[] {
    const folders = this.#scene.processes(this.#task).map((name) => join(this.#scene.orch.orchHome, 'sessions', `repo.${this.#task}`, name))
    return folders.filter((folder) => existsSync(join(folder, 'plan.json')))
  }

  get folder(): string {
    return this.#folders.at(-1) ?? ''
  }

  get client(): number {
    const { lentTo } = planIn(this.folder)
    if (lentTo === undefined) throw new Error('the newest process is in no terminal')
    return lentTo.client.pid
  }

  get agent(): number {
    return Number.parseInt(readFileSync(join(this.folder, 'agent'), 'utf8'), 10)
  }

  get hasStarted(): boolean {
    return existsSync(join(this.folder, 'agent'))
  }

  get isAttached(): boolean {
    return this.#scene.status(this.#task)?.reason.startsWith('in your terminal') === true
  }

  /** At every look it is counted who has the conversation. */
  async untilTrue(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
    const look = async (): Promise<boolean> => {
      const living = this.living()
      if (living.length > 1) this.doubled.push(`${what}: ${living.join(', ')}`)
      return condition()
    }
    await until(look, { what, deadlineMs: 90_000 })
  }

  /** Claude Codes that have this conversation, all at one moment, without what they start. */
  living(): readonly number[] {
    const found = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (claudeOf(Number(name), this.conversation) ?? []) : []))
    // One may have ended and the next begun while the list was read: whoever is still there when all were seen lives beside the others.
    const all = found.filter(({ pid }) => claudeOf(pid, this.conversation) !== undefined)
    const pids = new Set(all.map(({ pid }) => pid))
    return all.filter(({ parent }) => !pids.has(parent)).map(({ pid }) => pid)
  }

  get conversation(): string {
    return planIn(this.#folders[0] ?? '').conversationId
  }

  /** What was said, by whom, in its order. */
  transcript(): readonly { readonly role: string; readonly text: string }[] {
    return this.#lines().flatMap(({ type, message, attachment }) => {
      // What came within a turn stands beside the result of a tool.
      if (attachment?.type === 'queued_command') return [{ role: 'user', text: JSON.stringify(attachment) }]
      if ((type !== 'user' && type !== 'assistant') || message === undefined) return []
      const { content } = message
      const text = typeof content === 'string' ? content : content.map((block) => block.text ?? '').join('')
      return [{ role: type, text }]
    })
  }

  /** By the transcript. */
  spent(): { readonly input: number; readonly output: number } {
    const usages = new Map(
      this.#lines().flatMap(({ message }) => (message?.usage === undefined ? [] : [[message.id, message.usage] as const])),
    )
    const sum = (of: keyof Usage): number => [...usages.values()].reduce((total, usage) => total + usage[of], 0)
    return { input: sum('input_tokens'), output: sum('output_tokens') }
  }

  #lines(): readonly Line[] {
    const projects = join(this.#scene.orch.home, '.claude', 'projects')
    const files = readdirSync(projects).map((project) => join(projects, project, `${this.conversation}.jsonl`))
    const text = readFileSync(files.find((path) => existsSync(path)) ?? '', 'utf8')
    return text.split('\n').flatMap((line) => (line.endsWith('}') ? [JSON.parse(line) as Line] : []))
  }
}

interface Usage {
  readonly input_tokens: number
  readonly output_tokens: number
}

interface Line {
  readonly type: string
  readonly attachment?: { readonly type?: string }
  readonly message?: { readonly id?: string; readonly usage?: Usage; readonly content: string | readonly { readonly text?: string }[] }
}

function planIn(folder: string): { readonly conversationId: string; readonly lentTo?: { readonly client: { readonly pid: number } } } {
  return JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8')) as ReturnType<typeof planIn>
}

function claudeOf(pid: number, conversation: string): { pid: number; parent: number } | undefined {
  try {
    const [program = '', ...rest] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    if (!program.endsWith('/claude') || !rest.some((argument) => argument.endsWith(`=${conversation}`))) return undefined
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, parent] = stat.slice(stat.lastIndexOf(') ') + 2).split(' ')
    return state === 'Z' ? undefined : { pid, parent: Number(parent) }
  } catch {
    return undefined
  }
}
