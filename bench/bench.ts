import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { measureDependencies } from './dependencies.ts'
import { type Figure, judge } from './figure.ts'
import { measureIdleFleet } from './idle-fleet.ts'
import { measureMakespan, measureMakespanWithClaude } from './makespan.ts'
import { measureMessages } from './messages/measure-messages.ts'
import { currentCommit, lookAtMachine, renderTable, saveReport, type Report } from './report.ts'
import { measureRadar } from './radar.ts'
import { measureRequestSize } from './request-size.ts'
import { measureSpawn } from './spawn-latency.ts'
import { measureStatus } from './status-latency.ts'
import { measureUi } from './ui/measure-ui.ts'
import { measureWorktreeMaking } from './worktree-making.ts'

/** Each takes the number of runs; the second number is what it takes unless `--runs` says otherwise. */
const measurements: Readonly<Record<string, readonly [(runs: number) => Promise<readonly Figure[]>, number]>> = {
  spawn: [measureSpawn, 7],
  status: [measureStatus, 11],
  idle: [measureIdleFleet, 5],
  makespan: [measureMakespan, 5],
  'makespan-claude': [measureMakespanWithClaude, 1],
  worktree: [measureWorktreeMaking, 5],
  dependencies: [measureDependencies, 3],
  bytes: [measureRequestSize, 1],
  radar: [measureRadar, 5],
  messages: [measureMessages, 20],
  ui: [measureUi, 7],
}

const usage = `npm run bench [-- --only ${Object.keys(measurements).join(',')}] [--runs N] [--check]
--check ends with 1 when a goal is missed or a measurement broke off.`

process.exitCode = await main(process.argv.slice(2))

async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { only: { type: 'string' }, runs: { type: 'string' }, check: { type: 'boolean' }, help: { type: 'boolean' } },
  })
  const names = values.only?.split(',') ?? Object.keys(measurements)
  const runs = values.runs === undefined ? undefined : Number(values.runs)
  const isUnderstood =
    names.every((name) => measurements[name] !== undefined) && (runs === undefined || (Number.isInteger(runs) && runs > 0))
  if (values.help === true || !isUnderstood) {
    console.log(usage)
    return values.help === true ? 0 : 2
  }
  const root = resolve(import.meta.dirname, '..')
  const report = await measure(root, names, runs)
  console.log(renderTable(report.figures))
  for (const { measurement, reason } of report.broken) console.log(`${measurement} broke off: ${reason}`)
  const { machine } = report
  console.log(
    `\n${machine.cores} cores (${machine.processor}), load ${machine.loadBefore} before; node ${machine.node}, git ${machine.git}`,
  )
  console.log(saveReport(root, report))
  const isMissed = report.broken.length > 0 || report.figures.some(({ verdict }) => verdict === 'miss')
  return values.check === true && isMissed ? 1 : 0
}

async function measure(root: string, names: readonly string[], runs: number | undefined): Promise<Report> {
  const machine = lookAtMachine()
  const figures: Figure[] = []
  const broken: { measurement: string; reason: string }[] = []
  for (const name of names) {
    const [work, ownRuns] = measurements[name] ?? []
    if (work === undefined) continue
    const startedAt = performance.now()
    try {
      figures.push(...(await work(runs ?? ownRuns ?? 5)))
    } catch (error) {
      broken.push({ measurement: name, reason: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
    process.stderr.write(`${name}: measured in ${((performance.now() - startedAt) / 1000).toFixed(0)} s\n`)
  }
  return { schema: 1, at: new Date().toISOString(), commit: currentCommit(root), machine, figures: figures.map(judge), broken }
}
