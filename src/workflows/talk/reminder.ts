import type { TaskLife } from '../life/task-life.ts'

/** What to say to a session that is about to finish while others wait for its word, which they would do for good. Of each question it is said once. */
export async function remindOfQuestions({ letters, run, services, input, words }: TaskLife): Promise<string | undefined> {
  const owed = letters.takeOwed()
  if (owed.length === 0) return undefined
  const open = await run.step('unanswered', async () =>
    (await services.board.unanswered(input.project, owed)).map(({ id, kind, from, text }) => ({ id, kind, from, text })),
  )
  return open.length === 0 ? undefined : words.unanswered(open)
}
