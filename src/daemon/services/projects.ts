import { createHash } from 'node:crypto'
import { basename, join } from 'node:path'
import * as v from 'valibot'
import { slug } from '../../foundation/text.ts'
import { ensurePrivateDirectory, loadJson, replaceFile } from '../../platform/files.ts'
import { type Home, projectFolder } from '../../config/home.ts'

const Project = v.object({ repository: v.string() })

/** A repository's short name on this machine: its folder's, with a digest when two folders are called the same. */
export class Projects {
  readonly #home: Home

  constructor(home: Home) {
    this.#home = home
  }

  async nameOf(repository: string): Promise<string> {
    const plain = slug(basename(repository).replace(/\.git$/, '')) || 'project'
    const digest = createHash('sha256').update(repository).digest('hex').slice(0, 6)
    for (const name of [plain, `${plain}-${digest}`]) {
      const file = join(projectFolder(this.#home, name), 'project.json')
      const known = await loadJson(file, (value) => v.parse(Project, value))
      if (known?.repository === repository) return name
      if (known !== undefined) continue
      await ensurePrivateDirectory(projectFolder(this.#home, name))
      await replaceFile(file, `${JSON.stringify({ repository })}\n`)
      return name
    }
    return `${plain}-${digest}`
  }
}
