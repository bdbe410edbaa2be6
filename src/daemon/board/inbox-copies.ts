import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { renderBoardFile } from '../../domain/board/board-file.ts'
import type { BoardMessage } from '../../domain/board/message.ts'
import { isErrno } from '../../platform/errno.ts'
import { replaceFile } from '../../platform/files.ts'
import { inboxFolder } from '../exchange/exchange-folder.ts'

/** A copy of each message in its receiver's worktree, for whoever reads only files: `inbox/new` until it is read, then `inbox/cur`. */
export class InboxCopies {
  /** Where there is no worktree yet, or something stands in the way, nothing is left: the message is on the board. */
  async leave(worktree: string, message: BoardMessage): Promise<void> {
    const inbox = await inboxFolder(worktree)
    if (inbox === undefined) return
    const name = `${message.id}.md`
    if ((await this.#names(inbox, 'new')).includes(name) || (await this.#names(inbox, 'cur')).includes(name)) return
    await replaceFile(join(inbox, 'new', name), renderBoardFile(message), { mode: 0o644, survives: 'kill' })
  }

  async file(worktree: string, id: string): Promise<void> {
    const inbox = await inboxFolder(worktree)
    if (inbox === undefined) return
    await rename(join(inbox, 'new', `${id}.md`), join(inbox, 'cur', `${id}.md`)).catch((error: unknown) => {
      if (!isErrno(error, 'ENOENT')) throw error
    })
  }

  /** Ids of what was filed as read. */
  async filed(worktree: string): Promise<readonly string[]> {
    const inbox = await inboxFolder(worktree)
    if (inbox === undefined) return []
    return (await this.#names(inbox, 'cur')).filter((name) => name.endsWith('.md')).map((name) => name.slice(0, -'.md'.length))
  }

  #names(inbox: string, folder: 'new' | 'cur'): Promise<readonly string[]> {
    return readdir(join(inbox, folder)).catch(() => [])
  }
}
