import { join } from 'node:path'
import { loadConfig } from '../../config/load-config.ts'
import { defaultConfig } from '../../config/options.ts'
import { plainLine } from '../../foundation/text.ts'
import type { ForeignSession } from '../foreign/foreign-output.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { flag } from '../invocation.ts'
import { withTerminalNotices } from '../notify/terminal-notices.ts'
import type { Invocation } from '../invocation.ts'
import { repositoryOf } from '../tasks/repository-of.ts'
import type { Warnings } from '../view/urgency.ts'
import { watchPage } from '../view/watched-page.ts'
import { followForeign, shownForeign } from '../foreign/shown-foreign.ts'
import { shownTasks } from './shown-tasks.ts'

export async function monitor(context: Context, invocation: Invocation): Promise<number> {
  const isAll = flag(invocation, 'all')
  const { warnings, program } = await loadSettings(context)
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
      foreign: await shownForeign(context, isAll, program),
    })
    return EXIT.done
  }
  const { monitorPage } = await import('../view/monitor-page.ts')
  const { answers } = context.output
  const page = () =>
    monitorPage(shownTasks(context, isAll).tasks, { columns: answers.columns, now: context.now(), styles: answers.styles, warnings })
  const { foreignLines } = await import('../foreign/foreign-lines.ts')
  const apart = (foreign: readonly ForeignSession[]): string => foreignLines(foreign, context.now()).join('\n')
  if (!flag(invocation, 'watch')) {
    context.output.answer(page())
    // Behind the page, which need not wait for it.
    const foreign = apart(await shownForeign(context, isAll, program))
    if (foreign !== '') context.output.answer(`\n${foreign}`)
    return EXIT.done
  }
  const seen = followForeign(
    () => shownForeign(context, isAll, program),
    () => context.now(),
  )
  const whole = (): string => [page(), apart(seen())].filter((block) => block !== '').join('\n\n')
  return withTerminalNotices(context, () => watchPage(context, whole, join(context.home, 'sessions')))
}

/** A configuration that cannot be read must not hide the table. */
export async function loadSettings(context: Context): Promise<{ warnings: Warnings; program?: string }> {
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
  const warnings = { idleMs: config.idleWarningMs, worktreeAgeMs: config.worktreeAgeWarningMs }
  return { warnings, ...(config.claudePath !== 'claude' && { program: config.claudePath }) }
}
