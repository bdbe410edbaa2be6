import type { MessageKind } from './message.ts'

/** What an agent or a person may say by a file. `tell` is a note to the person; the other kinds of messages are orch's own. */
export const OUTBOX_KINDS = [
  'done',
  'blocked',
  'checkpoint',
  'tell',
  'context',
  'question',
  'answer',
  'need',
  'offer',
  'contract',
  'decision',
  'escalation',
  'note',
] as const
export type OutboxKind = (typeof OUTBOX_KINDS)[number]

/** What the kinds that are no claims about the own work become on the board. */
export function messageKindOf(kind: Exclude<OutboxKind, 'done' | 'blocked' | 'checkpoint'>): MessageKind {
  return kind === 'tell' ? 'note' : kind
}

/** One file of an outbox: Markdown with front matter, of which the body is the text. */
export type OutboxFile = {
  readonly kind: OutboxKind
  /** ISO time; absent: when the file was written. */
  readonly at?: string
  /** Whoever writes need not say so, and may not say that it is another. */
  readonly from?: string
  /** Departments, tasks, `all`, `human`. */
  readonly to?: readonly string[]
  readonly commit?: string
  readonly paths?: readonly string[]
  readonly inReplyTo?: string
  readonly because?: string
  readonly affects?: readonly string[]
  readonly supersedes?: string
  readonly options?: readonly string[]
  readonly decision?: 'approve' | 'deny'
  /** Of an escalation: what kind of thing it is, as `gates:` of orch.yaml calls it. */
  readonly gate?: string
  /** Only in the person's own outbox: the project, and the feature where one is meant. */
  readonly project?: string
  readonly feature?: string
  /** Likewise: the session's request that is answered, and the answers where it asks several questions. */
  readonly request?: string
  readonly answers?: readonly string[]
  readonly text: string
}

/** Files are taken in the order of their names, which begin with the ISO time `at`; `unique`: eight hexadecimal digits. */
export function outboxFileName(at: string, unique: string): string {
  return `${at.replace(/[-:.]/g, '')}-${unique}.md`
}

/** Who names a file so has moved it there whole. */
export function isOutboxFileName(name: string): boolean {
  return /^\d{8}T\d{9}Z-[0-9a-f]{8}\.md$/.test(name)
}

/** JSON is YAML; a library would cost the commands that write these half their time. */
export function renderOutboxFile({ text, ...facts }: OutboxFile): string {
  const lines = Object.entries(facts)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
  return ['---', 'v: 1', ...lines, `message: ${JSON.stringify(text)}`, '---', ''].join('\n')
}
