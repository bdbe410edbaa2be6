import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryTree } from '../../../test/support/temporary.ts'
import { homeAt } from '../../config/home.ts'
import { Brain } from './brain.ts'

const task = { id: 'api', title: 'Make the cache faster', body: '', needs: [], owns: ['src/cache/**'] }

test('what two sessions learned comes together without a conflict, and reaches who it concerns', async () => {
  const root = temporaryTree({
    'a/.planning/brain/cache.md': '---\npaths: [src/cache/**]\n---\n# Keys hold the tenant\n\nElse tenants meet. And more, at length.\n',
    'a/.planning/brain/empty.md': '\n',
    'b/.planning/brain/note.md': '# Keys hold the tenant\n\nElse tenants meet.  And more, at length.\n',
    'b/.planning/brain/other.md': 'The port is taken.\n',
    'repo/.planning/brain/own.md': '# Faster means p95\n',
    secret: 'secret',
  })
  symlinkSync(join(root, 'secret'), join(root, 'b/.planning/brain/secret.md'))
  mkdirSync(join(root, 'c/.planning'), { recursive: true })
  symlinkSync(join(root, 'a/.planning/brain'), join(root, 'c/.planning/brain'))
  const brain = new Brain(homeAt(join(root, 'home')))
  for (const name of ['a', 'b', 'b', 'c']) await brain.keep({ project: 'shop', worktree: join(root, name), handle: `shop.${name}` })
  const folder = join(root, 'home/projects/shop/brain')
  expect(readdirSync(folder).map((name) => name.replace(/-[0-9a-f]{12}\.md$/, ''))).toEqual(['keys-hold-the-tenant', 'other'])
  expect(readFileSync(join(folder, readdirSync(folder)[0] ?? ''), 'utf8')).toContain('from: "shop.a"\n')

  const chosen = await brain.chosenFor({ project: 'shop', repository: join(root, 'repo'), task })
  expect(chosen.map(({ learning }) => learning.title)).toEqual(['Keys hold the tenant', 'Faster means p95', 'other'])
  expect(await brain.chosenFor({ project: 'none', repository: join(root, 'none'), task })).toEqual([])
})
