import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '../../platform/files.ts'
import { ensureRealFolder, isRealFolder } from '../../platform/foreign-files.ts'

/** `.orch/outbox`, if every folder on its way is a real one: the worktree is an agent's, who may have put a link there. */
export async function outboxFolder(worktree: string): Promise<string | undefined> {
  const own = join(worktree, '.orch')
  const outbox = join(own, 'outbox')
  return (await isRealFolder(own)) && (await isRealFolder(outbox)) ? outbox : undefined
}

/** `.orch/inbox` with `new` and `cur` in it, if all of them are real folders. */
export async function inboxFolder(worktree: string): Promise<string | undefined> {
  const inbox = join(worktree, '.orch', 'inbox')
  const folders = [join(worktree, '.orch'), inbox, join(inbox, 'new'), join(inbox, 'cur')]
  return (await Promise.all(folders.map(isRealFolder))).every(Boolean) ? inbox : undefined
}

/** Where orch and a session leave files for each other. Failure `not-a-folder` when a link or a file stands there. */
export async function ensureExchangeFolder(worktree: string, facts: Readonly<Record<string, string>>): Promise<void> {
  for (const name of ['', 'inbox', 'inbox/new', 'inbox/cur', 'outbox', 'tmp', 'brain'])
    await ensureRealFolder(join(worktree, '.orch', name))
  // A rename replaces a link of this name; writing would follow it.
  for (const [name, text] of Object.entries(facts)) await replaceFile(join(worktree, '.orch', name), `${text}\n`, { mode: 0o644 })
}

/** A message for whoever works there, in the order of its time; the same one twice is one file. */
export async function leaveInInbox(worktree: string, message: { id: string; at: number; text: string }): Promise<void> {
  const inbox = join(worktree, '.orch', 'inbox')
  for (const folder of [join(worktree, '.orch'), inbox, join(inbox, 'new'), join(inbox, 'cur')]) await ensureRealFolder(folder)
  const there = (await Promise.all(['new', 'cur'].map((name) => readdir(join(inbox, name))))).flat()
  if (there.some((name) => name.endsWith(`-${message.id}.md`))) return
  await replaceFile(join(inbox, 'new', `${message.at}-${message.id}.md`), `${message.text}\n`, { mode: 0o644 })
}
