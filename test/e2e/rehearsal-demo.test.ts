import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { claudePrograms, newClaudeFolder, runClaude } from '../support/claude/claude-run.ts'
import { makeDemoProject } from '../../src/rehearsal/demo-project.ts'
import { startModelServer } from '../../src/rehearsal/model-server.ts'
import { parseScript } from '../../src/rehearsal/script/script.ts'

test.for(claudePrograms.slice(0, 1))(
  'the demo’s six sessions, played by Claude Code ($name), give a proven library',
  { timeout: 120_000 },
  async ({ program }, context) => {
    const { home, worktree, remove } = newClaudeFolder()
    const demo = await makeDemoProject(dirname(worktree))
    const parsed = parseScript(readFileSync(demo.scriptFile, 'utf8'))
    if (parsed.kind !== 'script') throw new Error(JSON.stringify(parsed.problems))
    const server = await startModelServer({ script: parsed.script })
    context.onTestFinished(async () => {
      await server.stop()
      remove()
    })
    const bin = standInForOrch(dirname(worktree))
    for (const task of demo.taskIds) {
      const run = runClaude({
        program,
        home,
        worktree: demo.repository,
        url: server.url,
        messages: [`[orch task ${task}]\nRead TASK.md.`],
        args: ['--tools', 'Bash,Read,Edit,Write'],
        environment: { PATH: `${bin}:${process.env.PATH}` },
      })
      context.onTestFinished(() => run.stop())
      expect(await run.exitCode, task).toBe(0)
      expect(
        run.lines.filter((line) => line.type === 'result'),
        task,
      ).toMatchObject([{ is_error: false, terminal_reason: 'completed' }])
    }
    expect(
      demo.proofs.map(
        (proof) => spawnSync(proof[0] ?? '', proof.slice(1), { cwd: demo.repository, env: { PATH: process.env.PATH } }).status,
      ),
    ).toEqual([0, 0])
    expect(execFileSync('git', ['log', '--oneline'], { cwd: demo.repository, encoding: 'utf8' }).trim().split('\n')).toHaveLength(7)
    expect(execFileSync('git', ['status', '--porcelain'], { cwd: demo.repository, encoding: 'utf8' })).toBe('')
    expect(readFileSync(join(bin, 'calls'), 'utf8').trim().split('\n')).toHaveLength(6)
  },
)

// Notes its calls; what the real one does is not this test's matter.
function standInForOrch(folder: string): string {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'orch'), `#!/bin/sh\necho "$@" >> "${bin}/calls"\n`)
  chmodSync(join(bin, 'orch'), 0o755)
  return bin
}
