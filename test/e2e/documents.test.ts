import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { readDocument } from '../../tooling/documents/read-document.ts'
import { runDocument } from '../../tooling/documents/run-document.ts'
import { startModelServer } from '../../src/rehearsal/model-server.ts'
import { defaultScript } from '../../src/rehearsal/script/script.ts'
import { claudeProgram } from '../support/fleet/fleet.ts'
import { orchProgram, orchTest, type OrchFixture } from '../support/orch.ts'

// Every command that a document shows is run: a document is a test (see tooling/documents/read-document.ts for the fences).
const root = join(import.meta.dirname, '../..')
const documents = execFileSync(
  'git',
  [
    'ls-files',
    '--cached',
    '--others',
    '--exclude-standard',
    '--',
    '*.md',
    ':!test',
    ':!src',
    ':!prompts',
    ':!bench',
    ':!examples',
    ':!plugin',
  ],
  {
    cwd: root,
    encoding: 'utf8',
  },
)
  .split('\n')
  .filter((path) => path !== '')

orchTest('a reader has orch on the path and a repository with a commit', async ({ orch }) => {
  const planted = ['```console', '$ command -v orch', '…/bin/orch', '$ git log --format=%s', 'Begin', '$ orch --no-such-flag', '```'].join(
    '\n',
  )
  expect(await follow(planted, orch)).toEqual([expect.stringMatching(/^line 1: "orch --no-such-flag" ended with \d+, not 0/)])
})

test('documents speak of npm scripts that exist', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
  const spoken = documents.flatMap((path) =>
    [...readFileSync(join(root, path), 'utf8').matchAll(/\bnpm run (?:--\S+ )?([\w:]+)/g)].map(([, name]) => name ?? ''),
  )
  expect(spoken.filter((name) => !(name in scripts))).toEqual([])
})

test('every dependency has its reason in the decision about them', () => {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: Record<string, string> }
  const rows = readFileSync(join(root, 'docs/adr/0004-dependencies.md'), 'utf8').matchAll(/^\| ([^|]+) \|/gm)
  const named = [...rows].flatMap(([, names = '']) => names.split(', '))
  expect(Object.keys(dependencies).filter((name) => !named.includes(name))).toEqual([])
})

test('documents name files and pages that exist', () => {
  expect(findMissing('See `src/gone.ts`, `test/e2e`, [a](docs/gone.md) and [b](https://example.com/x).', '.')).toEqual([
    'src/gone.ts',
    'docs/gone.md',
  ])
  expect(
    documents.flatMap((path) => findMissing(readFileSync(join(root, path), 'utf8'), dirname(path)).map((gone) => `${path}: ${gone}`)),
  ).toEqual([])
})

for (const path of documents) {
  orchTest(`what ${path} tells the reader to do, works`, async ({ orch }) => {
    expect(await follow(readFileSync(join(root, path), 'utf8'), orch)).toEqual([])
  })
}

/** Paths of this repository in code spans, and relative links. */
function findMissing(markdown: string, folder: string): string[] {
  const named = [...markdown.matchAll(/`((?:src|test|tooling|docs|bench|bin|\.ci)\/[\w./-]*\w)`/g)].map(([, path = '']) => path)
  const linked = [...markdown.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = '']) => join(folder, path))
  return [...named, ...linked].filter((path) => !existsSync(join(root, path)))
}

/** With the reader's tools: orch, and a real Claude Code whose model is a script, so that `orch run` in a document runs. */
async function follow(markdown: string, orch: OrchFixture): Promise<string[]> {
  const model = await startModelServer({ script: defaultScript() })
  try {
    // A session that falls silent is reminded before the reader's patience ends.
    const environment = { ...environmentWithOrch(orch), ANTHROPIC_BASE_URL: model.url, ORCH_NUDGE_AFTER: '3s' }
    return await runDocument(readDocument(markdown), { root, folder: scratchRepository(orch), environment })
  } finally {
    await model.stop()
  }
}

/** A repository with one commit, as a reader would have. */
function scratchRepository(orch: OrchFixture): string {
  const folder = join(orch.folder, 'project')
  mkdirSync(folder)
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, env: orch.environment })
  git('init', '--quiet', '--initial-branch=main')
  git('commit', '--quiet', '--allow-empty', '--message=Begin')
  return folder
}

function environmentWithOrch(orch: OrchFixture): Record<string, string> {
  const bin = join(orch.home, 'bin')
  mkdirSync(bin)
  symlinkSync(orchProgram, join(bin, 'orch'))
  symlinkSync(claudeProgram('newest'), join(bin, 'claude'))
  return { ...orch.environment, TMPDIR: orch.folder, PATH: `${bin}:${orch.environment.PATH}` }
}
