import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { makeFolder, removeFolder } from '../../../test/support/temporary.ts'
import { ownsPath } from '../../domain/backlog/ownership.ts'
import { smallCommit } from './small-commit.ts'

test.each([
  ['nothing', [], 'rehearsal/pay.api.md'],
  ['a folder', ['api/**'], 'api/pay.api.md'],
  ['the first that has a star', ['package.json', 'src/**/*.test.{ts,tsx}'], 'src/rehearsal/pay.api.test.ts'],
  ['anywhere', ['!x/**', '**/LICEN[CS]E*'], undefined],
  ['a file that is not there', ['docs/api.md'], 'docs/api.md'],
  ['a folder that is there', ['there'], 'there/pay.api.md'],
  ['a file that is there', ['there/kept.txt'], ''],
  ['another place', ['../elsewhere/**'], 'rehearsal/pay.api.md'],
])('the small commit of a task that owns %s stays within it', (_, owns, expected) => {
  const folder = makeFolder('orch-small-commit-')
  onTestFinished(() => removeFolder(folder))
  mkdirSync(join(folder, 'there'))
  writeFileSync(join(folder, 'there/kept.txt'), 'kept\n')
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: folder, encoding: 'utf8' })
  git('init', '-q')
  git('add', '-A')
  const globs = owns.map((glob) => `- \`${glob}\`\n`).join('')
  writeFileSync(join(folder, 'TASK.md'), `# Pay\n\n- \`other/**\`\n\n## Yours to change\n${globs}\n## Beside you\n- \`web/**\`\n`)
  const command = smallCommit[1]?.bash?.replaceAll('{{task}}', 'pay.api') ?? ''
  execFileSync('sh', ['-e', '-c', command], { cwd: folder })
  const written = git('ls-files', '--others', '--exclude', 'TASK.md').trim()
  if (expected === undefined) expect(ownsPath(owns, written)).toBe(true)
  else expect(written).toBe(expected)
  expect(git('status', '--porcelain', 'there/kept.txt')).toBe('A  there/kept.txt\n')
})
