import type { TaskStatus } from '../../../protocol/task-status.ts'
import { lineOf, type Line } from '../../text/line.ts'
import type { Size } from '../../terminal/screen.ts'
import { fact, frame, paragraph } from './frame.ts'
import type { Surroundings } from './surroundings.ts'
import { OpenDialog } from './open-dialog.ts'

/** Ends a session, once the person has read what stays. */
export class StopDialog extends OpenDialog {
  readonly place = 'box'
  readonly #task: TaskStatus
  readonly #around: Surroundings
  #isBusy = false
  #refusal: readonly string[] = []

  constructor(task: TaskStatus, around: Surroundings) {
    super()
    this.#task = task
    this.#around = around
  }

  draw(size: Size): readonly Line[] {
    const { handle } = this.#task
    const body = this.#isBusy
      ? [lineOf('waiting for its process to end …', 'key')]
      : [
          ...this.#refusal.flatMap((line) => paragraph(line, size.columns, 'bad')),
          ...this.#facts(size.columns),
          lineOf(`Stop ${handle}? y / n`, 'strong'),
        ]
    return frame(`Stop ${handle}`, body, this.#isBusy ? 'Esc leaves it going on' : 'y stop · n · Esc', size)
  }

  protected onKey(key: string): void {
    if (key === 'escape' || (key === 'n' && !this.#isBusy)) this.end()
    else if (key === 'y' && !this.#isBusy) void this.#stop()
  }

  async #stop(): Promise<void> {
    this.#isBusy = true
    const { handle, repository } = this.#task
    const said = await this.#around.errands.run(`stop ${handle}`, ['stop', '--', handle], repository)
    this.#isBusy = false
    this.#refusal = said.isDone ? [] : said.lines
    if (said.isDone) this.end()
    this.tell()
  }

  #facts(width: number): readonly Line[] {
    const { handle, branch, worktree, uncommitted = 0, reason, status } = this.#task
    const files = uncommitted === 0 ? '' : ` with ${uncommitted} uncommitted ${uncommitted === 1 ? 'file' : 'files'}`
    return [
      ...fact('Now', `${status}: ${reason}`, width),
      ...fact('Ends', 'its process, and the turn that it is at', width),
      ...fact('Stays', `its conversation, the branch ${branch}${worktree === undefined ? '' : `, the worktree${files}`}`, width, 'good'),
      ...fact('Go on', `orch resume ${handle}`, width),
    ]
  }
}
