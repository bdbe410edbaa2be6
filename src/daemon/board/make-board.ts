import type { Home } from '../../config/home.ts'
import type { Clock } from '../../platform/clock.ts'
import type { News } from '../../workflows/news.ts'
import { BoardStore } from './board-store.ts'
import { endedTasks } from './circle.ts'
import { Delivery } from './delivery.ts'
import { InboxCopies } from './inbox-copies.ts'
import { Inboxes } from './inboxes.ts'
import { MessageBoard } from './message-board.ts'
import { Outbox } from './outbox.ts'
import { Taking } from './taking.ts'
import type { Roster } from '../services/roster.ts'

export interface BoardParts {
  readonly home: Home
  readonly clock: Clock
  readonly roster: Pick<Roster, 'note' | 'record' | 'records' | 'stage'>
  readonly stableId: (text: string) => string
  readonly tell: (runId: string, news: News, key: string) => Promise<void>
  readonly logError: (error: unknown) => void
}

export interface BoardOfHome {
  readonly board: MessageBoard
  readonly delivery: Delivery
  readonly outbox: Outbox
  /** Before anybody speaks or a session's record is read: what earlier daemons took. */
  load(): Promise<void>
  close(): void
}

/** The board of one home, with all that carries messages out of worktrees and into them. */
export function makeBoard({ home, clock, roster, stableId, tell, logError }: BoardParts): BoardOfHome {
  const now = (): number => clock.now()
  const store = new BoardStore(home, now)
  const copies = new InboxCopies()
  const delivery = new Delivery({ store, copies, clock, roster, stableId, tell, logError })
  const board = new MessageBoard(store, delivery, () => endedTasks(roster))
  const taking = new Taking({ home, roster, board, tell })
  const outbox = new Outbox({ clock, taking, inboxes: new Inboxes(copies, delivery, logError), roster, logError })
  return {
    board,
    delivery,
    outbox,
    load: async () => {
      await store.load()
      delivery.recall()
    },
    close: () => {
      outbox.close()
      delivery.close()
    },
  }
}
