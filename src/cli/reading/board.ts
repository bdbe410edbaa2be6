import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { boardFolder } from '../../config/home.ts'
import { Failure } from '../../foundation/failure.ts'
import { plainLine } from '../../foundation/text.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { flag, text } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { safeJson } from '../output.ts'
import { loadBoard, type ShownMessage } from '../tasks/board-files.ts'
import { projectsOf } from '../tasks/projects-of.ts'
import { repositoryOf } from '../tasks/repository-of.ts'
import { loadStatuses } from '../tasks/status-files.ts'
import { boardPage } from '../view/board-page.ts'
import { watchPage } from '../view/watched-page.ts'

/** From files alone: what was said stays to be read when no daemon runs. */
export async function board(context: Context, invocation: Invocation): Promise<number> {
  const projects = projectsOf(context.home, flag(invocation, 'all') ? undefined : repositoryOf(context.cwd))
  const feature = text(invocation, 'feature')
  if (feature !== undefined) requireKnown(context, feature)
  const shown = (): readonly ShownMessage[] => {
    const all = projects.flatMap((project) => loadBoard(context.home, project))
    return feature === undefined ? all : all.filter(({ message }) => isOf(message.feature, feature))
  }
  const json = () => ({ schema: 1, messages: shown().map(({ message, receipts }) => ({ ...message, receipts })) })
  const { answers } = context.output
  const page = (): string =>
    flag(invocation, 'json')
      ? safeJson(json())
      : boardPage(shown(), { now: context.now(), styles: answers.styles, columns: answers.columns, ended: endedTasks(context.home) })
  if (flag(invocation, 'follow')) return watchPage(context, page, watchedFolder(context.home, projects))
  if (flag(invocation, 'json')) context.output.json(json())
  else context.output.answer(page())
  return EXIT.done
}

/** Nothing said in a feature is one thing, no such feature another. */
function requireKnown({ home }: Context, typed: string): void {
  if (loadStatuses(home).tasks.some(({ kind, handle }) => kind === 'feature' && isOf(handle, typed))) return
  throw new Failure('unknown-feature', `there is no feature called "${plainLine(typed)}"`, {
    next: '`orch list` shows those of this repository',
  })
}

/** A feature is meant by its handle, or by what comes after the project's name in it. */
function isOf(feature: string | undefined, typed: string): boolean {
  return feature !== undefined && (feature === typed || feature.slice(feature.indexOf('.') + 1) === typed)
}

function endedTasks(home: string): ReadonlySet<string> {
  const { tasks } = loadStatuses(home)
  return new Set(tasks.filter(({ status }) => status === 'Merged' || status === 'Archived').map(({ handle }) => handle))
}

/** One project's messages, made if they are to come; with several the page is looked at by the clock. */
function watchedFolder(home: string, projects: readonly string[]): string {
  const [only, ...others] = projects
  if (only === undefined || others.length > 0) return join(home, 'sessions')
  const folder = join(boardFolder({ root: home }, only), 'messages')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return folder
}
