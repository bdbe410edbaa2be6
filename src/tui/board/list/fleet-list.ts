import type { TaskStatus } from '../../../protocol/task-status.ts'
import { fleetRows, type FleetRow } from './fleet-rows.ts'

/** The list and its cursor. Whatever becomes of the order, the same task stays selected; one that has gone gives its place to who stands there now. */
export class FleetList {
  rows: readonly FleetRow[] = []
  selected: string | undefined
  filter = ''
  /** Whether what has landed or was put away is shown. */
  isWhole = false
  #all: readonly TaskStatus[] = []
  #tasks: readonly TaskStatus[] = []
  #at = 0

  show(all: readonly TaskStatus[]): void {
    this.#all = all
    this.rows = fleetRows(all, this)
    this.#tasks = this.rows.flatMap((row) => (row.kind === 'task' ? [row.task] : []))
    const at = this.#tasks.findIndex(({ handle }) => handle === this.selected)
    this.choose(at === -1 ? Math.min(this.#at, this.#tasks.length - 1) : at)
  }

  showOnly(filter: string): void {
    this.filter = filter
    this.show(this.#all)
  }

  showWhole(isWhole: boolean): void {
    this.isWhole = isWhole
    this.show(this.#all)
  }

  /** Also one that the filter hides, or that is over. */
  select(handle: string): void {
    if (!this.#all.some((task) => task.handle === handle)) return
    if (!this.#tasks.some((task) => task.handle === handle)) {
      ;[this.filter, this.isWhole] = ['', true]
      this.show(this.#all)
    }
    this.choose(this.#tasks.findIndex((task) => task.handle === handle))
  }

  move(by: number): void {
    this.choose(Math.max(0, Math.min(this.#tasks.length - 1, this.#at + by)))
  }

  toEnd(): void {
    this.choose(this.#tasks.length - 1)
  }

  /** From 0; a place where nobody stands changes nothing. */
  choose(at: number): void {
    const handle = this.#tasks[at]?.handle
    if (handle === undefined && this.#tasks.length > 0) return
    this.#at = handle === undefined ? 0 : at
    this.selected = handle
  }

  /** The next of these, round the end. */
  chooseAmong(handles: ReadonlySet<string>, direction: 1 | -1): 'chosen' | 'none' {
    const count = this.#tasks.length
    const order = this.#tasks.map((_, step) => (this.#at + direction * (step + 1) + count * 2) % count)
    const next = order.find((at) => handles.has(this.#tasks[at]?.handle ?? ''))
    if (next === undefined) return 'none'
    this.choose(next)
    return 'chosen'
  }
}
