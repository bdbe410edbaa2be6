import { readFile } from 'node:fs/promises'
import { isAbsolute, relative, resolve } from 'node:path'
import { Failure } from '../../foundation/failure.ts'
import { loadConfig } from '../../config/load-config.ts'
import { planBacklog } from '../../domain/backlog/backlog-plan.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { flag, listed, whole } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { shownTasks } from '../reading/shown-tasks.ts'
import { repositoryOf } from '../tasks/repository-of.ts'
import { planLines } from '../view/plan-lines.ts'

/** The plan that `orch run` would carry out, made here from files: it starts nothing, not even the daemon. */
export async function plan(context: Context, invocation: Invocation): Promise<number> {
  const root = repositoryOf(context.cwd)
  const { config } = await loadConfig({ home: context.home, environment: context.environment, ...(root !== undefined && { root }) })
  const path = invocation.words[0] === undefined ? resolve(root ?? context.cwd, config.backlog) : resolve(context.cwd, invocation.words[0])
  if (root === undefined && invocation.words[0] === undefined)
    throw new Failure('not-a-repository', `${context.cwd} is in no git repository`, {
      next: 'go to your repository, or name a file: orch plan <file>',
    })
  const max = whole(invocation, 'max', 1, 500) ?? config.max
  const merged = new Set(
    root === undefined
      ? []
      : shownTasks(context, false)
          .tasks.filter((task) => task.status === 'Merged')
          .map((task) => task.task),
  )
  const made = planBacklog(await loadBacklog(path), nameOf(path, root ?? context.cwd), {
    only: listed(invocation, 'only'),
    max,
    isLanded: (id) => merged.has(id),
  })
  if (flag(invocation, 'json')) context.output.json({ schema: 1, backlog: path, ...made })
  else for (const line of planLines(made)) context.output.answer(line)
  return EXIT.done
}

function loadBacklog(path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause: unknown) => {
    throw new Failure('no-backlog', `${path} could not be read`, { cause, next: '`orch init` writes one; or `orch plan <file>`' })
  })
}

function nameOf(path: string, root: string): string {
  const name = relative(root, path)
  return name.startsWith('..') || isAbsolute(name) ? path : name
}
