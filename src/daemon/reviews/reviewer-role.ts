import type { Sha } from '../../foundation/brand.ts'
import type { Department } from '../../domain/features/department.ts'
import type { Repository } from '../../ports/git.ts'

const LONGEST = 64 * 1024

/** The department's template as it was before the work that is reviewed; empty where it has none of its own. */
export async function reviewerRole(repository: Pick<Repository, 'readFile'>, { prompt }: Department, base: Sha): Promise<string> {
  if (prompt === undefined) return ''
  const bytes = await repository.readFile(base, prompt)
  return bytes === undefined ? '' : Buffer.from(bytes).subarray(0, LONGEST).toString('utf8')
}
