import type { InboxItem } from '../../../../domain/gates/inbox-item.ts'
import type { TaskStatus } from '../../../../protocol/task-status.ts'
import { ChoiceForm, messageWord, requestWord } from './choice-form.ts'
import type { Form } from './form.ts'
import { LeaveForm } from './leave-form.ts'
import { WordsForm } from './words-form.ts'

/** What a session itself asks, and what it has asked on the board. The other kinds are about whole tasks, and a word to the session is the answer. */
const ASKED: ReadonlySet<InboxItem['kind']> = new Set(['permission', 'choice', 'gate', 'escalation', 'question', 'need'])

export function askedBy(task: TaskStatus, inbox: readonly InboxItem[]): readonly InboxItem[] {
  return inbox.filter(({ kind, who }) => who === task.handle && ASKED.has(kind))
}

export function formFor(item: InboxItem, task: TaskStatus, draft: string): Form {
  const { id, kind, options = [] } = item
  if (kind === 'permission' || kind === 'gate' || isYesOrNo(options)) return new LeaveForm(id, draft)
  if (kind === 'choice') {
    const questions = task.requests.find((request) => request.id === id)?.questions ?? []
    return new ChoiceForm(questions, draft, (answers) => ['answer', '--', id, ...answers.map(requestWord)])
  }
  if (options.length > 0) {
    const question = { text: item.text, options: options.map((label) => ({ label })), isMultiple: false }
    return new ChoiceForm([question], draft, (answers) => ['answer', '--', id, ...answers.map(messageWord)])
  }
  return new WordsForm(draft, { keys: 'Enter answer · Ctrl-J new line', argv: (text) => ['answer', '--', id, text] })
}

export function messageForm({ handle }: TaskStatus, draft: string): Form {
  return new WordsForm(draft, { keys: 'Enter send · Ctrl-J new line', argv: (text) => ['send', '--', handle, text] })
}

function isYesOrNo(options: readonly string[]): boolean {
  return options.length === 2 && options[0] === 'approve'
}
