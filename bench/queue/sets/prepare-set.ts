import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { AnswerKey } from '../answer-key.ts'
import { type GeneratedSet, generateSet } from './generate.ts'
import { findConflicts, writeRepository } from '../repository.ts'
import type { SetOptions } from './named-sets.ts'

/** Writes the set as a repository in `<folder>/repository`, and makes sure that git conflicts exactly where the key says so. */
export async function prepareSet(options: SetOptions, folder: string): Promise<{ readonly repository: string; readonly key: AnswerKey }> {
  const repository = join(folder, 'repository')
  const scratch = join(folder, 'scratch')
  let told = ''
  for (let attempt = 0; attempt < 10; attempt++) {
    const set: GeneratedSet = generateSet(options, attempt)
    await writeRepository(repository, set)
    const found = sorted(await findConflicts(repository, scratch, set.key))
    rmSync(scratch, { recursive: true, force: true })
    if (found === sorted(set.key.textual)) return { repository, key: set.key }
    told += `attempt ${attempt}: ${found} instead of ${sorted(set.key.textual)}\n`
    rmSync(repository, { recursive: true, force: true })
  }
  throw new Error(`no set of seed ${options.seed} conflicts where it should:\n${told}`)
}

function sorted(pairs: readonly (readonly string[])[]): string {
  return pairs
    .map((pair) => pair.toSorted().join('+'))
    .toSorted()
    .join(' ')
}
