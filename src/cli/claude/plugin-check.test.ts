import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryTree } from '../../../test/support/temporary.ts'
import { ownVersion } from '../../config/version.ts'
import { pluginCheck } from './plugin-check.ts'

const installed = (version: string) => JSON.stringify({ version: 2, plugins: { 'orch@orch': [{ scope: 'user', version }] } })
const on = JSON.stringify({ enabledPlugins: { 'orch@orch': true } })
const off = JSON.stringify({ enabledPlugins: { 'orch@orch': false } })

function checked(files: Record<string, string>) {
  const folder = temporaryTree({ 'repo/a.txt': '', ...files })
  mkdirSync(join(folder, 'repo/.git'))
  return pluginCheck({ cwd: join(folder, 'repo'), environment: { HOME: folder } })
}

test.each([
  ['nothing', {}, 'good', 'not installed; orch init --claude says how'],
  ['what nobody understands', { '.claude/plugins/installed_plugins.json': '[]' }, 'good', 'not installed; orch init --claude says how'],
  ['the plugin', { '.claude/plugins/installed_plugins.json': installed(ownVersion()), '.claude/settings.json': on }, 'good', ownVersion()],
  [
    'an older one',
    { '.claude/plugins/installed_plugins.json': installed('0.0.1'), '.claude/settings.json': on },
    'good',
    `0.0.1; claude plugin update orch@orch makes it ${ownVersion()}`,
  ],
  [
    'one that is off in this repository',
    { '.claude/plugins/installed_plugins.json': installed('0.0.1'), '.claude/settings.json': on, 'repo/.claude/settings.local.json': off },
    'good',
    '0.0.1, switched off here',
  ],
  [
    'no hooks',
    {
      '.claude/plugins/installed_plugins.json': installed('0.0.1'),
      '.claude/settings.json': on,
      'repo/.claude/settings.json': '{ "disableAllHooks": true }',
    },
    'warning',
    expect.stringContaining('runs no hooks here'),
  ],
])('a Claude Code with %s', (_, files, state, found) => {
  expect(checked(files)).toMatchObject({ state, found })
})
