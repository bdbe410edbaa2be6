import { loadConfig } from '../../config/load-config.ts'
import type { RequestParts } from './parts.ts'
import { requirePlace, type Place } from './task-inputs.ts'

export async function openPlace(parts: RequestParts, cwd: string, environment: Readonly<Record<string, string>> = {}): Promise<Place> {
  const repository = await parts.git.open(cwd)
  const [standing, project, { config }] = await Promise.all([
    repository.standing(),
    parts.projects.nameOf(repository.root),
    loadConfig({ home: parts.home.root, root: repository.root, environment }),
  ])
  return requirePlace(repository, standing, project, config)
}
