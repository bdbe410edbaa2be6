import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Random } from '../../test/support/fleet/random.ts'
import { makeFolder, removeFolder } from '../../test/support/temporary.ts'
import { currentCommit, lookAtMachine } from '../report.ts'
import { type Measured, type Scene, measure } from './measure.ts'
import { type BenchOptions, parseOptions, usage } from './options.ts'
import { runBors } from './policies/bors.ts'
import type { Policy } from './policies/policy.ts'
import { runQueue } from './policies/queue.ts'
import { runSequential } from './policies/sequential.ts'
import { prepareSet } from './sets/prepare-set.ts'
import { readForeign } from './foreign.ts'
import { judgeQueue, legend, renderMeans, renderTable } from './table.ts'
import { verifyKey } from './sets/verify.ts'

const policies: Readonly<Record<string, Policy>> = { sequential: runSequential, bors: runBors, queue: runQueue }

const root = resolve(import.meta.dirname, '../..')

process.exitCode = await main(process.argv.slice(2))

async function main(argv: readonly string[]): Promise<number> {
  const options = parseOptions(argv, Object.keys(policies))
  if (options.kind !== 'options') {
    console.log(options.kind === 'help' ? usage : `${options.problem}\n${usage}`)
    return options.kind === 'help' ? 0 : 2
  }
  const folder = makeFolder('orch-mq-')
  try {
    return await run(options, folder)
  } finally {
    if (options.isKept) process.stderr.write(`kept: ${folder}\n`)
    else removeFolder(folder)
  }
}

async function run(options: BenchOptions, folder: string): Promise<number> {
  const machine = lookAtMachine()
  const all: Measured[] = []
  let wrong = 0
  for (const scene of scenesOf(options, folder)) {
    const made = await scene()
    if (options.isVerified) wrong += await verify(made, folder)
    for (const name of options.policies) {
      const policy = policies[name]
      if (policy === undefined) continue
      const own = join(folder, `${made.name}-${made.seed}-${name}`)
      all.push(await measure(made, name, policy, own, options.slots))
      process.stderr.write(`${renderTable(all.slice(-1)).split('\n')[1]}\n`)
      if (!options.isKept) rmSync(own, { recursive: true, force: true })
    }
  }
  const goals = judgeQueue(all)
  const report = { schema: 1, at: new Date().toISOString(), commit: currentCommit(root), machine, measured: all, goals }
  const path = save(report)
  console.log(options.isJson ? JSON.stringify(report, undefined, 2) : renderTable(all))
  if (!options.isJson) {
    console.log(renderMeans(all))
    for (const { what, isMet } of goals) console.log(`${isMet ? 'pass' : 'MISS'}  ${what}`)
    console.log(`\n${legend}\n${machine.cores} cores, load ${machine.loadBefore} before; node ${machine.node}, git ${machine.git}\n${path}`)
  }
  return wrong > 0 || goals.some(({ isMet }) => !isMet) ? 1 : 0
}

function scenesOf({ sets, runs, foreign }: BenchOptions, folder: string): (() => Promise<Scene>)[] {
  if (foreign !== undefined) return [() => readForeign(foreign, join(folder, 'foreign'))]
  return sets.flatMap((set) =>
    Array.from({ length: runs }, (_, run) => async (): Promise<Scene> => {
      const seed = set.seed + run
      const { repository, key } = await prepareSet({ ...set, seed }, join(folder, `${set.name}-${seed}`))
      return { name: set.name, seed, repository, key }
    }),
  )
}

async function verify({ name, seed, repository, key }: Scene, folder: string): Promise<number> {
  const areAllPairs = key.branches.length <= 12
  const random = new Random(seed)
  const { checked, wrong } = await verifyKey(repository, join(folder, `verify-${name}-${seed}`), key, { random, samples: 8, areAllPairs })
  process.stderr.write(`${name} #${seed}: ${checked} subsets tested, ${wrong.length} are not as the key says\n${wrong.join('\n')}`)
  return wrong.length
}

function save(report: { readonly at: string }): string {
  const folder = join(root, 'bench', 'results')
  mkdirSync(folder, { recursive: true })
  const path = join(folder, `queue-${report.at.replace(/[:.]/g, '-')}.json`)
  writeFileSync(path, `${JSON.stringify(report, undefined, 2)}\n`)
  return path
}
