/** Something that a person who looks elsewhere wants to hear of. It is told once on each of their channels, and is over when they have seen it. */
export interface Notice {
  /** The same event gives the same one, whoever notices it and however often. */
  readonly id: string
  readonly kind: NoticeKind
  readonly urgency: Urgency
  /** Epoch milliseconds. */
  readonly at: number
  /** Absent where it is about the whole fleet. */
  readonly project?: string
  /** Handle of the task or feature. */
  readonly handle?: string
  /** One plain line, without an end mark: "shop.api needs you". */
  readonly title: string
  /** A few plain lines: what is asked, what failed. What agents wrote has passed `plainBlock`. */
  readonly text: string
  /** The command that leads to it. */
  readonly next: string
}

export const noticeKinds = ['needs-you', 'ready', 'landed', 'failed', 'budget', 'limit', 'limit-lifted', 'finished'] as const
export type NoticeKind = (typeof noticeKinds)[number]

/** `high`: something stands still until the person comes. */
export const urgencies = ['low', 'normal', 'high'] as const
export type Urgency = (typeof urgencies)[number]

/** So long nobody is told of the same thing once more on the same channel. */
export const SAME_THING_MS = 60_000

/** What it is about: a task, or what is the matter with all of them. */
export function thingOf({ handle, kind }: Notice): string {
  return handle ?? kind
}
