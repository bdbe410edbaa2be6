import { readFileSync } from 'node:fs'
import { Failure } from '../../foundation/failure.ts'
import { plainBlock } from '../../foundation/text.ts'
import { FileDiff } from '../../tui/diff/file-diff.ts'
import { patchFiles } from '../../tui/diff/patch-files.ts'
import { placeAt, reviewMessage, type Comment } from '../../tui/diff/comments.ts'
import type { Material } from '../../tui/review/item.ts'
import type { Command } from '../command-spec.ts'
import type { Context } from '../context.ts'
import { EXIT, usageFailure } from '../failures.ts'
import { answerTask } from '../fleet/task-answer.ts'
import { merge } from '../merging/merge.ts'
import { flag, text } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { requireTask } from '../tasks/chosen-task.ts'
import { discard, discardLines, sendBack } from './desk.ts'
import { loadMaterial } from './material.ts'
import { keepSkipped } from './skipped.ts'

/** What the screens do, for scripts. */
export const judge: Readonly<Record<'merge' | 'sendBack' | 'discard' | 'skip', Command>> = {
  merge: (context, { options }) =>
    merge(context, { words: strings(options['merge']), options: { json: options['json'], dryRun: options['dryRun'] } }),
  sendBack: sendBackTask,
  discard: discardTask,
  skip: skipTask,
}

async function sendBackTask(context: Context, invocation: Invocation): Promise<number> {
  const said = [...strings(invocation.options['comment']), ...commentsFile(invocation)]
  if (said.length === 0)
    throw usageFailure('There is nothing to send back with.', 'orch review --send-back NAME --comment "src/a.ts:12: what is wrong"')
  const task = requireTask(context, text(invocation, 'sendBack'))
  const material = await loadMaterial(context, task)
  const comments = said.map((each) => parseComment(material, each))
  const message = reviewMessage(
    task,
    material.head,
    comments.filter((comment) => typeof comment !== 'string'),
    comments.filter((comment) => typeof comment === 'string').join('\n\n'),
  )
  const isDryRun = flag(invocation, 'dryRun')
  const response = await sendBack(context, task, message, isDryRun)
  if (isDryRun && !flag(invocation, 'json')) context.output.answer(plainBlock(message))
  return answerTask(context, invocation, response, 'sent back')
}

/** `file:line: text` is about a place; anything else about the whole. */
function parseComment({ patch }: Material, said: string): Comment | string {
  const [, path, line, rest] = /^([^\n]+?):(\d+):\s*([^]+)$/.exec(said) ?? []
  const file = patchFiles(patch).find((each) => each.path === path)
  if (path === undefined || rest === undefined) return said
  if (file === undefined) throw usageFailure(`The branch does not change ${path}.`, 'orch diff NAME --names lists what it changes')
  return { ...placeAt(new FileDiff(file), Number(line)), text: rest.trim() }
}

/** One comment a line; `-` is standard input. */
function commentsFile(invocation: Invocation): readonly string[] {
  const path = text(invocation, 'commentsFile')
  if (path === undefined) return []
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '')
  } catch (cause) {
    throw new Failure('comments-unreadable', `The file of comments ${path} cannot be read.`, {
      cause,
      safe: 'nothing was sent.',
      next: 'check the path',
    })
  }
}

async function discardTask(context: Context, invocation: Invocation): Promise<number> {
  const reason = text(invocation, 'reason')?.trim() ?? ''
  if (reason === '') throw usageFailure('--discard needs --reason "why": it is kept with the work.')
  const task = requireTask(context, text(invocation, 'discard'))
  const response = await discard(context, task, reason, flag(invocation, 'dryRun'))
  if (flag(invocation, 'json')) context.output.json({ schema: 1, ...response })
  else for (const line of response.entries.flatMap(discardLines)) context.output.answer(plainBlock(line))
  return response.entries.some(({ outcome }) => outcome === 'refused') ? EXIT.failed : EXIT.done
}

async function skipTask(context: Context, invocation: Invocation): Promise<number> {
  const task = requireTask(context, text(invocation, 'skip'))
  const { head } = await loadMaterial(context, task)
  const isDryRun = flag(invocation, 'dryRun')
  if (!isDryRun) await keepSkipped(context.home, task.handle, head)
  return answerTask(context, invocation, { task, isDryRun }, `skipped until ${task.branch} moves from ${head.slice(0, 10)}`)
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}
