import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as v from 'valibot'
import { findLeftovers } from '../../../test/support/leftovers.ts'
import { configText } from '../project/root-files.ts'
import { git } from '../repository.ts'
import { runProgram } from '../run-program.ts'
import type { Policy, PolicyRequest, PolicyResult } from './policy.ts'

const program = resolve(import.meta.dirname, '../../../bin/orch')

/** Of `orch merge --json`: only what is measured. */
const responseSchema = v.object({
  schema: v.literal(2),
  isDone: v.boolean(),
  entries: v.array(v.object({ branch: v.string(), outcome: v.string(), reason: v.optional(v.string()) })),
  runs: v.array(
    v.object({
      why: v.string(),
      members: v.array(v.string()),
      outcome: v.string(),
      step: v.optional(v.string()),
      failed: v.optional(v.array(v.string())),
      scope: v.union([v.literal('all'), v.object({ step: v.string() })]),
      durationMs: v.number(),
      isCached: v.boolean(),
      share: v.number(),
    }),
  ),
})

/** The built orch, as a person would call it, with a home of its own. */
export const runQueue: Policy = async (request) => {
  const { repository, folder, key } = request
  const list = join(folder, 'branches.txt')
  writeFileSync(list, `${key.branches.join('\n')}\n`)
  await configure(request)
  const environment = environmentOf(request)
  const startedAt = performance.now()
  const ended = await runProgram(process.execPath, [program, 'merge', '--from-file', list, '--json'], {
    cwd: repository,
    environment,
    deadlineMs: 3_600_000,
  })
  const wallMs = performance.now() - startedAt
  await runProgram(process.execPath, [program, 'daemon', 'stop'], { cwd: repository, environment, deadlineMs: 60_000 })
  endLeftovers(environment['HOME'] ?? folder)
  return { ...understand(ended.stdout, ended.stderr, key.steps.at(-1)?.name), wallMs }
}

/** A history of one's own may have no orch.yaml: the steps of the key are its validation, and git does not see the file. */
async function configure({ repository, key }: PolicyRequest): Promise<void> {
  const path = join(repository, 'orch.yaml')
  if (existsSync(path)) return
  const exclude = resolve(repository, await git(repository, ['rev-parse', '--git-path', 'info/exclude']))
  mkdirSync(resolve(exclude, '..'), { recursive: true })
  writeFileSync(exclude, 'orch.yaml\n', { flag: 'a' })
  writeFileSync(path, configText(key.steps))
}

function environmentOf({ folder, environment, slots }: PolicyRequest): Record<string, string> {
  const home = join(folder, 'home')
  mkdirSync(home)
  return { ...environment, HOME: home, ORCH_HOME: join(home, 'orch'), ORCH_SLOTS: String(slots), NO_COLOR: '1' }
}

function understand(stdout: string, stderr: string, lastStep: string | undefined): Pick<PolicyResult, 'entries' | 'runs'> {
  let answer: unknown
  try {
    answer = JSON.parse(stdout)
  } catch (cause) {
    throw new Error(`orch merge --json said no JSON:\n${stdout.slice(-2000)}${stderr.slice(-2000)}`, { cause })
  }
  const parsed = v.safeParse(responseSchema, answer)
  if (!parsed.success) throw new Error(`orch merge --json said something else:\n${stdout.slice(0, 4000)}`)
  const { entries, runs } = parsed.output
  return {
    entries: entries.map(({ branch, outcome, reason }) => ({ branch, outcome, ...(reason === undefined ? {} : { reason }) })),
    runs: runs.map(({ why, members, durationMs, step, failed, outcome, ...cost }) => ({
      why,
      members,
      durationMs,
      share: shareOf({ ...cost, step: outcome === 'passed' ? lastStep : step }, lastStep),
      outcome: `${outcome}${step === undefined ? '' : ` in ${step}`}${failed === undefined ? '' : `: ${failed.slice(0, 5).join(', ')}`}`,
    })),
  }
}

interface RunCost {
  readonly scope: 'all' | { readonly step: string }
  readonly isCached: boolean
  readonly share: number
  readonly step: string | undefined
}

/** A whole run is one, however busy the machine was, as for the other policies. */
function shareOf({ scope, isCached, share, step }: RunCost, lastStep: string | undefined): number {
  if (isCached) return 0
  return scope === 'all' && step === lastStep ? 1 : Math.min(1, share)
}

/** Whatever the daemon left is ended before the next measurement. */
function endLeftovers(home: string): void {
  for (const { pid } of findLeftovers(home)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended while we looked.
    }
  }
}
