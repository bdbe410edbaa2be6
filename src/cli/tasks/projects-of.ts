import { join } from 'node:path'
import { namesIn, textOf } from './plain-files.ts'

/** Names of the projects that this repository is known by; of all where none is given. */
export function projectsOf(home: string, repository: string | undefined): readonly string[] {
  const projects = namesIn(join(home, 'projects'))
  if (repository === undefined) return projects
  return projects.filter((project) => {
    try {
      const known: unknown = JSON.parse(textOf(join(home, 'projects', project, 'project.json')))
      return (known as { repository?: unknown }).repository === repository
    } catch {
      return false
    }
  })
}
