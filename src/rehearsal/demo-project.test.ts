import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { pieces } from './demo/pieces.ts'
import { demoScript, demoTasks, makeDemoProject } from './demo-project.ts'
import { parseScript } from './script/script.ts'

const folders: string[] = []
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })))

function newFolder(): string {
  folders.push(mkdtempSync(join(tmpdir(), 'demo-project-')))
  return folders.at(-1) ?? ''
}

function writePiece(repository: string, id: string): void {
  for (const file of pieces.find((piece) => piece.id === id)?.files ?? []) {
    mkdirSync(dirname(join(repository, file.path)), { recursive: true })
    writeFileSync(join(repository, file.path), file.content)
  }
}

const exits = (repository: string, argv: readonly string[]) =>
  spawnSync(argv[0] ?? '', argv.slice(1), { cwd: repository, encoding: 'utf8', env: { PATH: process.env.PATH } }).status

test('the repository is clean and green before the first task', async () => {
  const demo = await makeDemoProject(newFolder())
  expect(execFileSync('git', ['status', '--porcelain'], { cwd: demo.repository, encoding: 'utf8' })).toBe('')
  expect(demo.proofs.map((proof) => exits(demo.repository, proof))).toEqual([0, 1])
})

test('the pieces in order of their needs keep the tests green, and only all six give the proof', { timeout: 60_000 }, async () => {
  const demo = await makeDemoProject(newFolder())
  for (const [index, id] of demo.taskIds.entries()) {
    writePiece(demo.repository, id)
    expect(exits(demo.repository, ['node', '--test']), id).toBe(0)
    expect(exits(demo.repository, ['node', 'acceptance.js']), id).toBe(index === 5 ? 0 : 1)
  }
})

test.each(pieces.map((piece) => piece.id))('without %s the merged repository fails its proof', { timeout: 30_000 }, async (missing) => {
  const demo = await makeDemoProject(newFolder())
  for (const id of demo.taskIds) if (id !== missing) writePiece(demo.repository, id)
  expect(exits(demo.repository, ['node', 'acceptance.js'])).toBe(1)
})

test('every task has a session in the script, and six entries stand in the backlog', async () => {
  const demo = await makeDemoProject(newFolder())
  const parsed = parseScript(readFileSync(demo.scriptFile, 'utf8'))
  if (parsed.kind !== 'script') throw new Error(JSON.stringify(parsed.problems))
  expect(parsed.script.sessions.map((session) => session.match.task)).toEqual(demo.taskIds)
  expect(demoTasks().match(/^- \[ \] /gm)).toHaveLength(6)
  expect(demoScript()).toContain('content: |')
})
