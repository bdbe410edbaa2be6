import type { BoardView } from '../board-view.ts'
import type { Dialog } from './dialog.ts'

/** What a key opens that is none of the board's own; `done`: it was all done at once; undefined: nothing. */
export function dialogFor(_key: string, _board: BoardView): Dialog | 'done' | undefined {
  return undefined
}
