import { join } from 'node:path'
import { loadConfig } from '../../config/load-config.ts'
import { defaultConfig } from '../../config/options.ts'
import { plainLine } from '../../foundation/text.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { flag } from '../invocation.ts'
import { withTerminalNotices } from '../notify/terminal-notices.ts'
import type { Invocation } from '../invocation.ts'
import { repositoryOf } from '../tasks/repository-of.ts'
import type { Warnings } from '../view/urgency.ts'
import { watchPage } from '../view/watched-page.ts'
import { shownTasks } from './shown-tasks.ts'

export async function monitor(context: Context, invocation: Invocation): Promise<number> {
  const isAll = flag(invocation, 'all')
  const warnings = await loadWarnings(context)
  if (flag(invocation, 'json')) {
    const [{ flagsOf }, { byUrgency }] = await Promise.all([import('../view/urgency.ts'), import('../../protocol/urgency.ts')])
    const { suggestion } = await import('../view/monitor-page.ts')
    const tasks = byUrgency(shownTasks(context, isAll).tasks)
    const now = context.now()
    context.output.json({
      schema: 1,
      at: new Date(now).toISOString(),
      tasks: tasks.map((task) => ({ ...task, flags: flagsOf(task, now, warnings) })),
      suggestion: suggestion(tasks, now, warnings),
    })
    return EXIT.done
  }
  const { monitorPage } = await import('../view/monitor-page.ts')
  const { answers } = context.output
  const page = () =>
    monitorPage(shownTasks(context, isAll).tasks, { columns: answers.columns, now: context.now(), styles: answers.styles, warnings })
  if (!flag(invocation, 'watch')) {
    context.output.answer(page())
    return EXIT.done
  }
  return withTerminalNotices(context, () => watchPage(context, page, join(context.home, 'sessions')))
}

/** A configuration that cannot be read must not hide the table. */
async function loadWarnings(context: Context): Promise<Warnings> {
  const root = repositoryOf(context.cwd)
  const config = await loadConfig({ home: context.home, environment: context.environment, ...(root !== undefined && { root }) }).then(
    (loaded) => loaded.config,
    (error: unknown) => {
      context.output.note(
        `orch: the settings cannot be read, so warnings are the default ones: ${plainLine(error instanceof Error ? error.message : String(error))}`,
      )
      return defaultConfig()
    },
  )
  return { idleMs: config.idleWarningMs, worktreeAgeMs: config.worktreeAgeWarningMs }
}
