import { join } from 'node:path'
import { namesIn, textOf } from './plain-files.ts'

/** Names of the projects that this repository is known by; of all where none is given. */
export function projectsOf(home: string, repository: string | undefined): readonly string[] {
  if (repository === undefined) return namesIn(join(home, 'projects'))
  return knownRepositories(home).flatMap((known) => (known.repository === repository ? [known.project] : []))
}

/** Every project of this home, and where its main worktree is. */
export function knownRepositories(home: string): readonly { readonly project: string; readonly repository: string }[] {
  return namesIn(join(home, 'projects')).flatMap((project) => {
    try {
      const known: unknown = JSON.parse(textOf(join(home, 'projects', project, 'project.json')))
      const { repository } = known as { repository?: unknown }
      return typeof repository === 'string' ? [{ project, repository }] : []
    } catch {
      return []
    }
  })
}
