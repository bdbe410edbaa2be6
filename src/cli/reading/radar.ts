import { join } from 'node:path'
import type { RadarReport, RadarResponse } from '../../protocol/radar-report.ts'
import type { Context } from '../context.ts'
import { isBroken } from '../daemon-client/client.ts'
import { isDaemon, loadEndpoint } from '../daemon-client/endpoint.ts'
import { exchange } from '../daemon-client/exchange.ts'
import { DaemonRefusal, EXIT } from '../failures.ts'
import { flag } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { narrated, safeJson } from '../output.ts'
import { loadRadarReports } from '../tasks/radar-files.ts'
import { repositoryOf } from '../tasks/repository-of.ts'
import { radarPage } from '../view/radar-page.ts'
import { watchPage } from '../view/watched-page.ts'

export async function radar(context: Context, invocation: Invocation): Promise<number> {
  const isAll = flag(invocation, 'all')
  if (invocation.options['sweep'] !== false) await sweep(context, isAll)
  const reports = () => shownReports(context, isAll)
  const { answers } = context.output
  const page = () =>
    flag(invocation, 'json')
      ? safeJson({ schema: 1, reports: reports() })
      : radarPage(reports(), { now: context.now(), styles: answers.styles, columns: answers.columns, hasHunks: flag(invocation, 'hunks') })
  if (flag(invocation, 'follow')) return watchPage(context, page, join(context.home, 'sessions'))
  if (flag(invocation, 'json')) context.output.json({ schema: 1, reports: reports() })
  else context.output.answer(page())
  return EXIT.done
}

/** Asks a daemon that runs, of any version; none is started, as without one there is nobody whose work would move. */
async function sweep(context: Context, isAll: boolean): Promise<void> {
  const endpoint = loadEndpoint(context.home)
  if (endpoint === undefined || !(await isDaemon(endpoint))) return
  const asked = exchange(endpoint, { method: 'POST', path: '/v1/radar', body: { cwd: context.cwd, ...(isAll && { isAll }) } })
  await narrated(context.output, 'looking at all worktrees', asked as Promise<RadarResponse>).catch((error: unknown) => {
    if (!isBroken(error) && !(error instanceof DaemonRefusal)) throw error
    context.output.note('orch: the daemon could not look again; this is what it saw last.')
  })
}

function shownReports(context: Context, isAll: boolean): readonly RadarReport[] {
  const repository = isAll ? undefined : repositoryOf(context.cwd)
  return loadRadarReports(context.home).filter((report) => repository === undefined || report.repository === repository)
}
