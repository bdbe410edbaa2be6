import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { runToEnd } from '../../test/support/orch.ts'
import type { Command, Step } from './read-document.ts'

export interface Stage {
  /** The root of this repository, where tests named by `test=` are. */
  readonly root: string
  /** The scratch repository; every fence starts in it. */
  readonly folder: string
  /** With `orch` on its PATH. */
  readonly environment: Readonly<Record<string, string>>
}

/** Does what a document says, in order; returns what went otherwise than it says. Stops at the first fence that fails: the rest would only echo it. */
export async function runDocument(steps: readonly Step[], stage: Stage): Promise<string[]> {
  const refusals = steps.flatMap((step) => (step.kind === 'refused' ? [`line ${step.line}: ${step.reason}`] : []))
  if (refusals.length > 0) return refusals
  for (const step of steps) {
    const problems = await runStep(step, stage)
    if (problems.length > 0) return problems.map((problem) => `line ${step.line}: ${problem}`)
  }
  return []
}

async function runStep(step: Step, stage: Stage): Promise<string[]> {
  switch (step.kind) {
    case 'refused':
      return [step.reason]
    case 'file':
      mkdirSync(dirname(join(stage.folder, step.path)), { recursive: true })
      writeFileSync(join(stage.folder, step.path), step.text)
      return []
    case 'tested':
      return findUntested(step.test, step.lines, stage.root)
    case 'commands':
      for (const command of step.commands) {
        const problem = await runCommand(command, stage)
        if (problem !== undefined) return [problem]
      }
      return []
  }
}

/** The named test must hold each line word for word: a document that changes without its test is found. */
function findUntested(test: string, lines: readonly string[], root: string): string[] {
  if (!/^(?:src|test|tooling)\/.+\.test\.ts$/.test(test) || !existsSync(join(root, test)))
    return [`${test} is not a test of this repository`]
  const text = readFileSync(join(root, test), 'utf8')
  return lines.filter((line) => !text.includes(line)).map((line) => `${test} does not hold "${line}"`)
}

async function runCommand({ script, exit, output }: Command, { folder, environment }: Stage): Promise<string | undefined> {
  // Node's pipes are sockets, which bash takes for a remote login and reads bashrc.
  const { code, stdout, stderr } = await runToEnd('bash', ['--norc', '-euo', 'pipefail', '-c', script], {
    cwd: folder,
    environment,
    deadlineMs: 120_000,
  })
  const said = `${stdout}${stderr}`
  if (code !== exit) return `"${script}" ended with ${code}, not ${exit}:\n${said}`
  const missing = findMissing(output, said.split('\n'))
  return missing === undefined ? undefined : `"${script}" did not print "${missing}":\n${said}`
}

/** The first expected line that does not follow the ones before it. */
function findMissing(expected: readonly string[], actual: readonly string[]): string | undefined {
  let from = 0
  for (const line of expected) {
    const pattern = new RegExp(
      `^${line
        .split('…')
        .map((part) => part.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&'))
        .join('.*')}$`,
    )
    const found = actual.findIndex((candidate, at) => at >= from && pattern.test(candidate.trim()))
    if (found === -1) return line
    from = found + 1
  }
  return undefined
}
