import { spawnSync } from 'node:child_process'
import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryTree } from '../../test/support/temporary.ts'

const root = join(import.meta.dirname, '../..')

test('an unused export, an unused file and an unused dependency are found', () => {
  const folder = temporaryTree({
    'knip.json': readFileSync(join(root, 'knip.json'), 'utf8'),
    'package.json': '{ "name": "planted", "type": "module", "dependencies": { "yaml": "2", "hono": "4" } }',
    'tsconfig.json': readFileSync(join(root, 'tsconfig.json'), 'utf8'),
    'src/main.ts': "import { parse } from 'yaml'\nimport { used } from './workflows/a.ts'\nparse(used)\n",
    'src/workflows/a.ts': "export const used = '1'\nexport const unused = '2'\n",
    'src/workflows/forgotten.ts': 'export const a = 1\n',
  })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  const run = spawnSync(process.execPath, [join(root, 'node_modules/knip/bin/knip.js'), '--no-progress', '--no-config-hints'], {
    cwd: folder,
    encoding: 'utf8',
  })
  expect(run.status).toBe(1)
  expect(run.stdout).toMatch(/Unused files \(1\)\nsrc\/workflows\/forgotten\.ts/)
  expect(run.stdout).toMatch(/Unused dependencies \(1\)\nhono /)
  expect(run.stdout).toMatch(/Unused exports \(1\)\nunused /)
})
