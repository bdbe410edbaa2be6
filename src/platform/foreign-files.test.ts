import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryTree } from '../../test/support/temporary.ts'
import { loadForeignFolder, loadForeignText } from './foreign-files.ts'

const bounds = { ending: '.md', files: 3, bytes: 4 }

test('of a foreign folder only plain files are read, few and their beginning', async () => {
  const root = temporaryTree({
    'secret.md': 'secret',
    'a/b/1.md': 'onetwo',
    'a/b/2.txt': '',
    'a/b/.3.md': 'x',
    'a/b/5.md': '5',
    'a/b/9.md': '9',
  })
  symlinkSync(join(root, 'secret.md'), join(root, 'a/b/3.md'))
  mkdirSync(join(root, 'a/b/4.md'))
  expect(await loadForeignFolder(root, ['a', 'b'], { ...bounds, files: 4 })).toEqual([
    { name: '1.md', text: 'onet', changedAt: expect.any(Number) },
    { name: '5.md', text: '5', changedAt: expect.any(Number) },
  ])
  symlinkSync(join(root, 'a'), join(root, 'c'))
  expect(await loadForeignFolder(root, ['c', 'b'], bounds)).toEqual([])
  expect(await loadForeignFolder(root, ['gone'], bounds)).toEqual([])
})

test('a pipe makes nobody wait', async () => {
  const root = temporaryTree({})
  execFileSync('mkfifo', [join(root, 'pipe')])
  expect(await loadForeignText(join(root, 'pipe'), 10)).toBeUndefined()
})
