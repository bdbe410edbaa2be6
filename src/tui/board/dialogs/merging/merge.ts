import type { QueueResponse } from '../../../../protocol/queue.ts'
import type { TaskStatus } from '../../../../protocol/task-status.ts'
import { lineOf, type Line } from '../../../text/line.ts'
import type { Size } from '../../../terminal/screen.ts'
import type { Outlook } from '../../desk.ts'
import { bodyRows, frame, paragraph } from '../frame.ts'
import type { Surroundings } from '../surroundings.ts'
import { OpenDialog } from '../open-dialog.ts'
import { canGo, drawOutlook, drawQueue } from './draw-outlook.ts'

/** First what the queue says, then the question, then what becomes of it. The queue does not depend on who watches. */
export class MergeDialog extends OpenDialog {
  readonly place = 'box'
  readonly #task: TaskStatus
  readonly #around: Surroundings
  #outlook: Outlook | undefined
  #stage: 'looking' | 'asking' | 'merging' | 'told' = 'looking'
  #queue: QueueResponse | undefined
  #notice = ''
  #lines: readonly string[] = []
  #top = 0

  constructor(task: TaskStatus, around: Surroundings) {
    super()
    this.#task = task
    this.#around = around
    void this.#ask()
  }

  draw(size: Size): readonly Line[] {
    const lines = this.#body(size.columns)
    this.#top = Math.max(0, Math.min(this.#top, lines.length - bodyRows(size)))
    const { handle, target } = this.#task
    return frame(`Merge ${handle} into ${target}`, lines.slice(this.#top), this.#keys(), size)
  }

  protected onKey(key: string): void {
    const by = { j: 1, down: 1, k: -1, up: -1, 'page-down': 5, 'page-up': -5, 'wheel-down': 3, 'wheel-up': -3 }[key]
    if (key === 'escape' || (this.#stage === 'told' && key === 'enter')) this.end()
    else if (by !== undefined) this.#top = Math.max(0, this.#top + by)
    else if (key === 'y' && this.#stage === 'asking' && this.#outlook !== undefined && canGo(this.#outlook))
      void this.#confirm(this.#outlook)
  }

  async #ask(): Promise<Outlook | undefined> {
    this.#stage = 'looking'
    try {
      this.#outlook = await this.#around.desk.outlook(this.#task)
      this.#stage = 'asking'
      return this.#outlook
    } catch (error) {
      this.#lines = this.#around.desk.explain(error)
      this.#stage = 'told'
      return undefined
    } finally {
      this.tell()
    }
  }

  /** What a person has not seen is not merged on their word. */
  async #confirm(seen: Outlook): Promise<void> {
    const now = await this.#ask()
    if (now === undefined || this.isOver) return
    if (headsOf(now) !== headsOf(seen)) {
      this.#notice = 'It moved while you looked; this is what would go now.'
      this.tell()
      return
    }
    this.#stage = 'merging'
    this.#notice = ''
    void this.#follow()
    const { handle, repository } = this.#task
    const said = await this.#around.errands.run(`merge ${handle}`, ['merge', '--', handle], repository)
    this.#lines = said.lines
    this.#stage = 'told'
    this.#top = 0
    this.tell()
  }

  /** Until it is decided or nobody looks. What cannot be looked at is told by the merge itself. */
  async #follow(): Promise<void> {
    const left = new AbortController()
    this.untilOver(() => left.abort())
    let shown: QueueResponse | undefined
    while (this.#stage === 'merging' && !left.signal.aborted) {
      const other = shown && { than: shown.version, signal: left.signal }
      shown = await this.#around.desk.queue(this.#task, other).catch(() => undefined)
      if (shown === undefined) return
      this.#queue = shown
      this.tell()
    }
  }

  #body(width: number): readonly Line[] {
    const notice = this.#notice === '' ? [] : paragraph(this.#notice, width, 'warning')
    if (this.#stage === 'told') return this.#lines.flatMap((line) => paragraph(line, width))
    if (this.#stage === 'merging')
      return [lineOf('In the queue.', 'strong'), ...(this.#queue === undefined ? [] : drawQueue(this.#queue, this.#task, width))]
    if (this.#outlook === undefined) return [lineOf('asking the queue …', 'key')]
    return [...notice, ...drawOutlook(this.#outlook, this.#task, this.#around.desk.now(), width)]
  }

  #keys(): string {
    if (this.#stage === 'told') return 'Enter closes'
    if (this.#stage === 'merging') return 'Esc leaves it to the queue; ! shows what became of it'
    if (this.#stage === 'looking' || this.#outlook === undefined || !canGo(this.#outlook)) return 'Esc'
    return 'y merge · Esc'
  }
}

function headsOf({ merge }: Outlook): string {
  return merge.entries.map(({ handle, head }) => `${handle} ${head ?? ''}`).join('\n')
}
