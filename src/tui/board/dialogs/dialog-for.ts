import type { TaskStatus } from '../../../protocol/task-status.ts'
import type { BoardView } from '../board-view.ts'
import { ReplyDialog } from './answering/reply.ts'
import type { Dialog } from './dialog.ts'
import { DiffDialog } from './diff.ts'
import { helpDialog } from './pages/help.ts'
import { MergeDialog } from './merging/merge.ts'
import { NewDialog } from './new-session.ts'
import { PaletteDialog } from './palette/palette.ts'
import { resultsDialog } from './pages/results.ts'
import { StopDialog } from './stop.ts'

/** What a key opens that is none of the board's own; `done`: it was all done at once; undefined: nothing. */
export function dialogFor(key: string, board: BoardView): Dialog | 'done' | undefined {
  const { selected } = board
  const about = ABOUT_TASK[key]
  if (about !== undefined) {
    if (selected !== undefined) return about(selected, board)
    board.say('There is no task here: n starts a session.')
    return 'done'
  }
  return ANYWHERE[key]?.(board, selected?.repository)
}

const ABOUT_TASK: Readonly<Record<string, (task: TaskStatus, board: BoardView) => Dialog | 'done'>> = {
  ' ': reply,
  i: reply,
  d: (task, board) => new DiffDialog(task, board),
  m: (task, board) => new MergeDialog(task, board),
  x: (task, board) => new StopDialog(task, board),
  a: ({ handle }, { desk, errands }) => {
    void errands.keep(`attach ${handle}`, desk.handOver(['attach', '--', handle]))
    return 'done'
  },
}

const ANYWHERE: Readonly<Record<string, (board: BoardView, repository: string | undefined) => Dialog>> = {
  n: (board, repository) => new NewDialog('quick', board, repository),
  N: (board, repository) => new NewDialog('spawn', board, repository),
  ':': (board, repository) => new PaletteDialog(board, repository),
  '!': (board) => resultsDialog(board),
  '?': () => helpDialog(),
}

function reply(task: TaskStatus, board: BoardView): Dialog {
  return new ReplyDialog(whoAsks(task, board), board)
}

/** A feature or a contest asks through its parts and attempts. */
function whoAsks(task: TaskStatus, { waiting, fleet }: BoardView): TaskStatus {
  const asks = waiting.some(({ who, kind }) => who === task.handle && kind !== 'task')
  const [first] = asks ? [] : waiting.filter(({ who }) => who !== task.handle)
  return fleet.tasks.find(({ handle }) => handle === first?.who) ?? task
}
