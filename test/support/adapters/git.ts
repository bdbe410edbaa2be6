import { systemGit } from '../../../src/adapters/git/repository.ts'
import type { Git } from '../../../src/ports/git.ts'

/** The git of this machine, for tests of parts that may not name an adapter. */
export function testGit(): Git {
  return systemGit
}
