import { plainBlock, plainLine } from '../../foundation/text.ts'
import type { Patch, Repository } from '../../ports/git.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import type { Context } from '../context.ts'
import { EXIT, usageFailure } from '../failures.ts'
import { flag, whole } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { narrated } from '../output.ts'
import { requireTask } from '../tasks/chosen-task.ts'
import { rememberTask } from '../tasks/last-task.ts'
import { spanOf, uncommittedPaths, type Span } from './changes.ts'

export async function diff(context: Context, invocation: Invocation): Promise<number> {
  checkOptions(invocation)
  const task = requireTask(context, invocation.words[0])
  rememberTask(context, task.handle)
  const repository = await (await context.services()).git.open(task.repository)
  const shown = await narrated(context.output, `comparing ${task.branch}`, load(repository, task, flag(invocation, 'uncommitted')))
  if (flag(invocation, 'json')) context.output.json(await diffJson(task, shown))
  else await print(context, invocation, shown.patch)
  if (shown.patch.isCut) context.output.note('orch: the patch is too large to be shown whole; --stat counts all of it.')
  if (shown.span === undefined || flag(invocation, 'json')) return EXIT.done
  if (shown.patch.files.length === 0) context.output.note(`orch: ${nothingYet(task)}`)
  noteUncommitted(context, task, await uncommittedPaths(repository, task))
  return EXIT.done
}

function nothingYet({ kind, handle, branch }: TaskStatus): string {
  const isFeature = kind === 'feature'
  return isFeature
    ? `${handle} has no merged work yet; of a department: orch diff ${handle}.DEPARTMENT`
    : `${plainLine(branch)} changes nothing yet.`
}

function checkOptions(invocation: Invocation): void {
  for (const names of [
    ['stat', 'names', 'patch', 'json'],
    ['sideBySide', 'unified'],
  ]) {
    const given = names.filter((name) => flag(invocation, name))
    if (given.length > 1)
      throw usageFailure(`Give one of ${given.map((name) => `--${name === 'sideBySide' ? 'side-by-side' : name}`).join(', ')}.`)
  }
}

interface Shown {
  readonly patch: Patch
  /** Undefined for uncommitted work. */
  readonly span: Span | undefined
}

async function load(repository: Repository, task: TaskStatus, isUncommitted: boolean): Promise<Shown> {
  if (!isUncommitted) {
    const span = await spanOf(repository, task)
    return { patch: await repository.diff(span.from, span.to), span }
  }
  if (task.worktree === undefined) throw usageFailure(`${task.handle} has no worktree, so nothing of it is uncommitted.`)
  return { patch: await repository.diffUncommitted(task.worktree), span: undefined }
}

async function diffJson(task: TaskStatus, { patch, span }: Shown): Promise<unknown> {
  const [{ patchFiles }, { diffRows }] = await Promise.all([import('../../tui/diff/patch-files.ts'), import('../../tui/diff/rows.ts')])
  return {
    schema: 1,
    handle: task.handle,
    branch: task.branch,
    target: task.target,
    ...span,
    isUncommitted: span === undefined,
    isCut: patch.isCut,
    files: patchFiles(patch).map(({ text, ...file }) => ({
      ...file,
      ...(text !== undefined && { rows: diffRows({ ...file, text }) }),
    })),
  }
}

async function print(context: Context, invocation: Invocation, patch: Patch): Promise<void> {
  const { answers } = context.output
  const isColored = answers.isColored && !flag(invocation, 'plain')
  if (flag(invocation, 'patch')) return void answers.stream.write(answers.isTerminal ? plainBlock(patch.text) : patch.text)
  const [{ paint }, { changeLetter, fileName, statLines }] = await Promise.all([
    import('../../tui/text/paint.ts'),
    import('../../tui/diff/titles.ts'),
  ])
  if (flag(invocation, 'names')) return patch.files.forEach((file) => context.output.answer(`${changeLetter(file)}  ${fileName(file)}`))
  if (flag(invocation, 'stat'))
    return statLines(patch.files, widthOf(context, invocation) ?? 100).forEach((line) => context.output.answer(paint(line, isColored)))
  const { printPatch } = await import('../../tui/diff/print.ts')
  const look = { ...layoutOf(context, invocation), isColored }
  for await (const lines of printPatch(patch, look)) context.output.answer(lines.map((line) => paint(line, isColored)).join('\n'))
}

/** From so many columns on, both sides have room for the lines of most programs. */
const WIDE = 160

function layoutOf(context: Context, invocation: Invocation): { layout: 'unified' | 'side-by-side'; width: number | undefined } {
  const width = widthOf(context, invocation)
  const isWide = width !== undefined && width >= WIDE && !flag(invocation, 'unified')
  return flag(invocation, 'sideBySide') || isWide
    ? { layout: 'side-by-side', width: width ?? context.output.answers.columns }
    : { layout: 'unified', width }
}

/** Undefined where nobody reads lines of a terminal: then they are as long as they are. */
function widthOf(context: Context, invocation: Invocation): number | undefined {
  const { answers } = context.output
  return whole(invocation, 'width', 40, 1000) ?? (answers.isTerminal ? answers.columns : undefined)
}

function noteUncommitted(context: Context, { handle }: TaskStatus, paths: readonly string[] | undefined): void {
  if (paths === undefined || paths.length === 0) return
  const count = `${paths.length} ${paths.length === 1 ? 'file is' : 'files are'}`
  context.output.note(`orch: ${count} not committed: \`orch diff ${handle} --uncommitted\` shows them.`)
}
