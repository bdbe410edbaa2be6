import { join } from 'node:path'
import type { InboxAnswer } from '../../protocol/inbox.ts'
import type { Command } from '../command-spec.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { flag, text } from '../invocation.ts'
import { safeJson } from '../output.ts'
import { loadStatuses } from '../tasks/status-files.ts'
import { watchPage } from '../view/watched-page.ts'
import { worktreeRoot } from '../worktree/worktree-root.ts'
import { loadMessages } from '../tasks/board-files.ts'
import { projectsOf } from '../tasks/projects-of.ts'
import { loadKeptAnswers } from './kept-answers.ts'
import { inboxPage } from './inbox-page.ts'
import { type PersonsFacts, whatWaits } from '../../protocol/what-waits.ts'

/** In a worktree: the messages to whoever works there. Elsewhere: all that waits for the person, from files alone. */
export const inbox: Command = async (context, invocation) => {
  const project = text(invocation, 'project')
  const isPersons = project !== undefined || flag(invocation, 'follow') || worktreeRoot(context.cwd) === undefined
  if (!isPersons) return (await import('../worktree/inbox.ts')).inbox(context, invocation)
  const { answers } = context.output
  const seen = (): InboxAnswer => {
    const facts = loadPersonsFacts(context)
    const items = whatWaits(facts).filter((item) => project === undefined || item.project === project)
    return { schema: 1, items, kept: facts.kept.length }
  }
  const page = (): string => {
    const now = seen()
    if (flag(invocation, 'json')) return safeJson(now)
    const { items, kept } = now
    return inboxPage(items, { now: context.now(), styles: answers.styles, columns: answers.columns, kept })
  }
  if (flag(invocation, 'follow')) return watchPage(context, page, join(context.home, 'sessions'))
  if (flag(invocation, 'json')) context.output.json(seen())
  else context.output.answer(page())
  return EXIT.done
}

export function loadPersonsFacts({ home }: Context): PersonsFacts {
  const messages = projectsOf(home, undefined).flatMap((project) => loadMessages(home, project))
  return { tasks: loadStatuses(home).tasks, messages, kept: loadKeptAnswers(home) }
}
