import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type AnswerKey, informationBound, isGreen, isInnocent, maxLandable } from './answer-key.ts'
import { Grounds } from './policies/grounds.ts'
import type { Policy, PolicyResult } from './policies/policy.ts'
import { git } from './repository.ts'
import { plainEnvironment } from './run-program.ts'

export interface Scene {
  readonly name: string
  readonly seed: number
  readonly repository: string
  readonly key: AnswerKey
}

/** What one policy made of one set. Times in milliseconds; the words are those of `shared/reference`: see README.md beside this file. */
export interface Measured {
  readonly set: string
  readonly seed: number
  readonly policy: string
  readonly branches: number
  readonly landable: number
  readonly landed: number
  /** Full runs count 1, runs of a part their share of the suite's time, known answers nothing. */
  readonly suiteEquivalents: number
  /** The same by the witness in the tests, whatever else the machine does: processor time of the test files / that of the suite. */
  readonly witnessed?: number
  /** Tests that ran / tests of the suite. */
  readonly testShare?: number
  readonly runs: number
  readonly rho: number
  readonly kappa: number
  readonly bound: number
  readonly lambda: number
  readonly omega: number
  readonly wallMs: number
  readonly suiteMs: number
  /** Positions of the target, of all that its reflog names, that are red by the key. */
  readonly redTargets: number
  readonly positions: number
  /** Positions on which the real suite fails, with no test flaky: of all when they are few, else of the last. */
  readonly failingTargets: number
  readonly innocentsEvicted: readonly string[]
  /** Of the landable, those that neither landed nor were evicted. */
  readonly forgotten: readonly string[]
  /** Tests that failed by bad luck. */
  readonly flaked?: number
  readonly result: PolicyResult
}

export async function measure(scene: Scene, name: string, policy: Policy, folder: string, slots: number): Promise<Measured> {
  const { key } = scene
  mkdirSync(folder, { recursive: true })
  const repository = await clone(scene, join(folder, 'repository'))
  const { suiteMs, suiteCpuMs } = await timeSuite(repository, folder, key)
  const start = await git(repository, ['rev-parse', `refs/heads/${key.target}`])
  const witness = join(folder, 'witness')
  const work = join(folder, 'work')
  mkdirSync(work)
  const environment = { ...plainEnvironment(), MQ_WITNESS: witness }
  const result = await policy({ repository, folder: work, key, environment, suiteMs, slots })
  const positions = await positionsOf(repository, key.target, start)
  const landed = await contained(repository, key)
  const members = await Promise.all(positions.map((commit) => contained(repository, key, commit)))
  const failingTargets = await countFailing(repository, folder, key, positions.length > 12 ? positions.slice(-1) : positions)
  rmSync(repository, { recursive: true, force: true })
  const suiteEquivalents = result.runs.reduce((sum, { share }) => sum + share, 0)
  const landable = maxLandable(key).length
  const ideal = suiteMs * (landable < key.branches.length ? 2 : 1)
  const bound = informationBound(key)
  return {
    set: scene.name,
    seed: scene.seed,
    policy: name,
    branches: key.branches.length,
    landable,
    landed: landed.size,
    suiteEquivalents: round(suiteEquivalents),
    ...witnessed(readWitness(witness), suiteCpuMs, key),
    runs: result.runs.filter(({ share }) => share > 0).length,
    rho: round(suiteEquivalents / Math.max(1, landed.size)),
    kappa: round(suiteEquivalents / bound),
    bound,
    lambda: round(landed.size / Math.max(1, landable)),
    omega: round(result.wallMs / ideal),
    wallMs: Math.round(result.wallMs),
    suiteMs: Math.round(suiteMs),
    redTargets: members.filter((one) => !isGreen(key, one)).length,
    positions: positions.length,
    failingTargets,
    innocentsEvicted: evicted(result).filter((branch) => !landed.has(branch) && isInnocent(key, branch, landed)),
    forgotten: maxLandable(key).filter((branch) => !landed.has(branch) && !evicted(result).includes(branch)),
    result,
  }
}

async function clone({ repository, key }: Scene, folder: string): Promise<string> {
  await git(repository, ['clone', '-q', '--no-checkout', '--', repository, folder])
  await git(folder, ['fetch', '-q', '--update-head-ok', 'origin', '+refs/heads/*:refs/heads/*'])
  await git(folder, ['remote', 'remove', 'origin'])
  await git(folder, ['checkout', '-qf', key.target])
  return folder
}

/** The second of two runs of the target: the first warms the disk. */
async function timeSuite(repository: string, folder: string, key: AnswerKey): Promise<{ suiteMs: number; suiteCpuMs: number | undefined }> {
  const grounds = await Grounds.open(repository, join(folder, 'timed'), key, { ...plainEnvironment(), ...key.steady })
  const target = await grounds.commitOf(key.target)
  await grounds.test(target)
  const path = join(folder, 'suite-witness')
  const { isGreen, durationMs, step, output } = await grounds.test(target, { MQ_WITNESS: path })
  await grounds.close()
  if (!isGreen) throw new Error(`the target itself fails in ${step}:\n${output.slice(-2000)}`)
  return { suiteMs: durationMs, suiteCpuMs: readWitness(path)?.cpuMs }
}

async function countFailing(repository: string, folder: string, key: AnswerKey, commits: readonly string[]): Promise<number> {
  const grounds = await Grounds.open(repository, join(folder, 'after'), key, { ...plainEnvironment(), ...key.steady })
  let failing = 0
  for (const commit of commits) if (!(await grounds.test(commit)).isGreen) failing += 1
  await grounds.close()
  return failing
}

/** Where the target stood after the start, the oldest first. */
async function positionsOf(repository: string, target: string, start: string): Promise<string[]> {
  const lines = (await git(repository, ['reflog', 'show', '--format=%H', `refs/heads/${target}`])).split('\n').toReversed()
  return lines.slice(lines.lastIndexOf(start) + 1)
}

/** By ancestry; a queue that squashes or rebases is not measured here. */
async function contained(repository: string, key: AnswerKey, commit = `refs/heads/${key.target}`): Promise<Set<string>> {
  const merged = await git(repository, ['for-each-ref', '--format=%(refname:lstrip=2)', `--merged=${commit}`, 'refs/heads/'])
  return new Set(merged.split('\n').filter((name) => key.branches.includes(name)))
}

function evicted({ entries }: PolicyResult): string[] {
  return entries.filter(({ outcome }) => ['sent-back', 'refused', 'void'].includes(outcome)).map(({ branch }) => branch)
}

interface Witness {
  readonly tests: number
  readonly flaked: number
  readonly cpuMs: number
}

/** Undefined where no test says anything. */
function readWitness(path: string): Witness | undefined {
  if (!existsSync(path)) return undefined
  const lines = readFileSync(path, 'utf8').trim().split('\n')
  const sum = (column: number): number => lines.reduce((total, line) => total + Number(line.split(' ')[column]), 0)
  return { tests: sum(0), flaked: sum(1), cpuMs: sum(2) }
}

function witnessed(
  found: Witness | undefined,
  suiteCpuMs: number | undefined,
  { tests }: AnswerKey,
): Pick<Measured, 'witnessed' | 'testShare' | 'flaked'> {
  if (found === undefined || suiteCpuMs === undefined) return {}
  const share = tests === undefined ? {} : { testShare: round(found.tests / tests) }
  return { witnessed: round(found.cpuMs / suiteCpuMs), flaked: found.flaked, ...share }
}

function round(value: number): number {
  return Number(value.toFixed(3))
}
