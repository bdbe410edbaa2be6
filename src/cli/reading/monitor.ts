import { mkdirSync, watch } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../../config/load-config.ts'
import { defaultConfig } from '../../config/options.ts'
import { plainLine } from '../../foundation/text.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { flag } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { repositoryOf } from '../tasks/repository-of.ts'
import type { Warnings } from '../view/urgency.ts'
import { shownTasks } from './shown-tasks.ts'

export async function monitor(context: Context, invocation: Invocation): Promise<number> {
  const isAll = flag(invocation, 'all')
  const warnings = await loadWarnings(context)
  if (flag(invocation, 'json')) {
    const { flagsOf, byUrgency } = await import('../view/urgency.ts')
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
  return watchPage(context, page)
}

/** A configuration that cannot be read must not hide the table. */
async function loadWarnings(context: Context): Promise<Warnings> {
  const root = repositoryOf(context.cwd)
  const config = await loadConfig({ home: context.home, environment: context.environment, ...(root !== undefined && { root }) }).then(
    (loaded) => loaded.config,
    (error: unknown) => {
      context.output.note(`orch: default warnings: ${plainLine(error instanceof Error ? error.message : String(error))}`)
      return defaultConfig()
    },
  )
  return { idleMs: config.idleWarningMs, worktreeAgeMs: config.worktreeAgeWarningMs }
}

const REDRAW_MS = 1000

/** Redraws every second for the ages, and as soon as a status file changes; from files only, so it needs no daemon. */
async function watchPage(context: Context, page: () => string): Promise<number> {
  const interruption = context.interruption()
  const { stream, isTerminal } = context.output.answers
  const draw = await drawing(stream, isTerminal)
  const sessions = join(context.home, 'sessions')
  mkdirSync(sessions, { recursive: true, mode: 0o700 })
  let shown = ''
  const redraw = () => {
    const next = page()
    if (isTerminal || next !== shown) draw.show(next)
    shown = next
  }
  redraw()
  const watcher = watch(sessions, redraw)
  const timer = setInterval(redraw, REDRAW_MS)
  await new Promise<void>((resolve) => interruption.addEventListener('abort', () => resolve(), { once: true }))
  clearInterval(timer)
  watcher.close()
  draw.end()
  return interruption.reason === 'SIGTERM' ? EXIT.terminated : EXIT.interrupted
}

async function drawing(stream: NodeJS.WriteStream, isTerminal: boolean): Promise<{ show(text: string): void; end(): void }> {
  if (!isTerminal) return { show: (text) => void stream.write(`${text}\n\n`), end: () => {} }
  const [{ createLogUpdate }, { fit }] = await Promise.all([import('log-update'), import('../view/fit.ts')])
  const screen = createLogUpdate(stream)
  return { show: (text) => screen(cropped(text, stream, fit)), end: () => screen.done() }
}

/** More lines than the terminal has cannot be redrawn in place; the most urgent stand at the top. */
function cropped(text: string, { rows, columns }: NodeJS.WriteStream, fit: (line: string, width: number) => string): string {
  const lines = text.split('\n')
  const hidden = lines.length - rows + 2
  const shown =
    lines.length < rows ? lines : [...lines.slice(0, rows - 2), `… ${hidden} more lines: \`orch monitor\` without --watch shows all`]
  // A line that wraps would be two; those with colours fit already.
  return shown.map((line) => fit(line, columns)).join('\n')
}
