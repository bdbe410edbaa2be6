import type { RadarRequest } from '../../protocol/requests.ts'
import type { RadarResponse } from '../../protocol/radar-report.ts'
import type { RequestParts } from './parts.ts'

export async function sweepRadar(parts: RequestParts, { cwd, isAll }: RadarRequest): Promise<RadarResponse> {
  const places = isAll === true ? allPlaces(parts) : [await placeOf(parts, cwd)]
  return { reports: await Promise.all(places.map(({ project, root }) => parts.radars.sweep(project, root))) }
}

async function placeOf(parts: RequestParts, cwd: string): Promise<{ project: string; root: string }> {
  const { root } = await parts.git.open(cwd)
  return { project: await parts.projects.nameOf(root), root }
}

/** Those that have tasks: where there is none, there is nothing to be seen. */
function allPlaces(parts: RequestParts): { project: string; root: string }[] {
  return [...new Map(parts.roster.statuses().map(({ project, repository }) => [project, repository]))].map(([project, root]) => ({
    project,
    root,
  }))
}
