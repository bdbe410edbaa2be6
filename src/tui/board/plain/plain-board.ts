import { plainBlock, plainLine } from '../../../foundation/text.ts'
import type { TaskStatus } from '../../../protocol/task-status.ts'
import { visibleText } from '../../text/visible.ts'
import type { BoardDesk, Fleet, Said } from '../desk.ts'
import { commandOf } from '../dialogs/palette/typed-command.ts'
import { changeWords, countsWords, listed, sayingWords, taskWords, waitingWords } from './words.ts'

const PLAIN_COMMANDS: readonly (readonly [command: string, does: string])[] = [
  ['list', 'every task in a line, most urgent first'],
  ['next', 'what waits for you first, and what to type'],
  ['show NAME', 'one task: how it stands and what waits for you; a number of the list will do'],
  ['listen NAME', 'what its session says and does, as it comes; listen alone ends it'],
  ['quiet, loud', 'whether changes are told by themselves'],
  ['Enter alone', 'how many stand how'],
  ['help', 'these lines'],
  ['quit', 'the sessions go on'],
]

/** The board in lines, for who hears it instead of seeing it: one line a change, commands as words, nothing is drawn again. */
export class PlainBoard {
  readonly #desk: BoardDesk
  readonly #print: (line: string) => void
  #fleet: Fleet = { tasks: [], inbox: [] }
  #known: ReadonlyMap<string, string> | undefined
  #isQuiet = false
  #forgetFleet: () => void = () => {}
  #forgetSession: () => void = () => {}

  constructor(desk: BoardDesk, print: (line: string) => void) {
    this.#desk = desk
    this.#print = print
  }

  begin(): void {
    this.#forgetFleet = this.#desk.follow((fleet) => this.#take(fleet))
    this.#list()
    this.#print('Type help for the commands; any command of orch works too.')
  }

  close(): void {
    this.#forgetFleet()
    this.#forgetSession()
  }

  /** What the person has typed. */
  async enter(line: string): Promise<'quit' | undefined> {
    const typed = line.trim()
    const [, word = '', name = ''] = /^(\S*)\s*(.*)$/.exec(typed) ?? []
    if (word === 'quit' || word === 'q' || word === 'exit') return 'quit'
    const own = this.#own(/^\d+$/.test(typed) ? 'show' : word, /^\d+$/.test(typed) ? typed : name)
    if (own === 'unknown') await this.#run(typed)
    return undefined
  }

  #own(word: string, name: string): 'done' | 'unknown' {
    if (word === '') this.#print(countsWords(this.#fleet))
    else if (word === 'list') this.#list()
    else if (word === 'next') this.#next()
    else if (word === 'show') this.#show(name)
    else if (word === 'listen') this.#listen(name)
    else if (word === 'quiet' || word === 'loud') this.#isQuiet = word === 'quiet'
    else if (word === 'help') for (const [command, does] of PLAIN_COMMANDS) this.#print(`${command}: ${does}`)
    else return 'unknown'
    return 'done'
  }

  #list(): void {
    this.#print(countsWords(this.#fleet))
    for (const [at, task] of listed(this.#fleet.tasks).entries()) this.#print(`${at + 1}: ${taskWords(task, this.#desk.now())}`)
  }

  #next(): void {
    const [first] = this.#fleet.inbox
    if (first === undefined) return this.#print('nothing waits for you')
    for (const line of waitingWords(first)) this.#print(line)
    if (this.#fleet.inbox.length > 1) this.#print(`${this.#fleet.inbox.length - 1} more after that`)
  }

  #show(name: string): void {
    const task = this.#found(name)
    if (task === undefined) return
    this.#print(taskWords(task, this.#desk.now()))
    this.#print(`about: ${visibleText(plainLine(task.title, 500))}`)
    for (const item of this.#fleet.inbox) if (item.who === task.handle) for (const line of waitingWords(item)) this.#print(line)
    if (task.next !== undefined) this.#print(`next: ${visibleText(plainLine(task.next))}`)
  }

  /** First the last few, then whatever is added. */
  #listen(name: string): void {
    this.#forgetSession()
    this.#forgetSession = () => {}
    if (name === '') return this.#print('listening to nobody')
    const task = this.#found(name)
    if (task === undefined) return
    let last: unknown
    this.#forgetSession = this.#desk.followSession(task.handle, ({ lines }) => {
      const known = lines.findLastIndex((line) => line === last)
      for (const line of known === -1 ? lines.slice(-LAST_FEW) : lines.slice(known + 1))
        for (const words of sayingWords(line)) this.#print(words)
      last = lines.at(-1)
    })
  }

  #found(name: string): TaskStatus | undefined {
    const { tasks } = this.#fleet
    const meant = /^\d+$/.test(name) ? listed(tasks)[Number(name) - 1] : tasks.find(({ handle, task }) => handle === name || task === name)
    if (meant === undefined) this.#print(`there is no task ${visibleText(plainLine(name))}; list names them all`)
    return meant
  }

  async #run(line: string): Promise<void> {
    const command = commandOf(line)
    if (command.kind === 'refused') return this.#print(command.why)
    // What has the terminal for itself says there what it has to say, and no screen comes back over it.
    const work =
      command.kind === 'hand over'
        ? this.#desk.handOver(command.argv).then((over): Said => ({ ...over, lines: [] }))
        : this.#desk.run(command.argv)
    const said = await work.catch((error: unknown): Said => ({ isDone: false, lines: this.#desk.explain(error) }))
    for (const text of said.lines.flatMap((each) => plainBlock(each).split('\n'))) this.#print(visibleText(text))
    if (said.lines.length === 0) this.#print(said.isDone ? 'done' : 'failed')
  }

  #take(fleet: Fleet): void {
    const before = this.#known
    const asked = new Set(this.#fleet.inbox.map(({ id, who }) => `${who} ${id}`))
    const { outage } = this.#fleet
    this.#fleet = fleet
    this.#known = new Map(fleet.tasks.map(({ handle, status }) => [handle, status]))
    if (before === undefined || this.#isQuiet) return
    if (fleet.outage !== undefined && fleet.outage !== outage) this.#print(`orch: ${visibleText(plainLine(fleet.outage, 500))}`)
    const items = fleet.inbox.filter(({ id, who }) => !asked.has(`${who} ${id}`))
    for (const item of items) for (const line of waitingWords(item)) this.#print(line)
    const told = new Set(items.map(({ who }) => who))
    for (const task of fleet.tasks) if (before.get(task.handle) !== task.status && !told.has(task.handle)) this.#print(changeWords(task))
  }
}

const LAST_FEW = 10
