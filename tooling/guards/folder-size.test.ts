import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findCrowdedFolders } from './folder-size.ts'

const root = join(import.meta.dirname, '../..')

test('a thirteenth source file is one too many; tests, contracts and other folders do not count', () => {
  const dozen = Array.from({ length: 12 }, (_, at) => `src/domain/tasks/t${at}.ts`)
  expect(findCrowdedFolders([...dozen, 'src/domain/tasks/a.test.ts', 'src/domain/tasks/a.contract.ts', 'src/domain/tasks/x/a.ts'])).toEqual(
    [],
  )
  expect(findCrowdedFolders([...dozen, 'src/domain/tasks/a.ts'])).toEqual([{ folder: 'src/domain/tasks', files: 13 }])
})

test('no folder of this repository is crowded', () => {
  const paths = ['src', 'test', 'tooling', 'bench'].flatMap(sourcesUnder)
  expect(paths).toContain('src/foundation/failure.ts')
  expect(findCrowdedFolders(paths)).toEqual([])
})

function sourcesUnder(top: string): string[] {
  try {
    return readdirSync(join(root, top), { recursive: true, encoding: 'utf8' }).map((path) => `${top}/${path.replaceAll('\\', '/')}`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
