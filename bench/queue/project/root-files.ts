import type { Project } from './model.ts'

export function manifestText({ shape, packages }: Project): string {
  const dependencies = Object.fromEntries(packages.toSorted().map((name) => [name, `file:vendor/${name}`]))
  const scripts = { lint: 'node tooling/lint.mjs', test: 'node --test' }
  return `${JSON.stringify({ name: shape.name, version: '1.0.0', private: true, type: 'module', scripts, dependencies }, undefined, 2)}\n`
}

export function lockfileText({ shape, packages }: Project): string {
  const sorted = packages.toSorted()
  const dependencies = Object.fromEntries(sorted.map((name) => [name, `file:vendor/${name}`]))
  const entries = {
    '': { name: shape.name, version: '1.0.0', dependencies },
    ...Object.fromEntries(sorted.map((name) => [`node_modules/${name}`, { resolved: `vendor/${name}`, link: true }])),
    ...Object.fromEntries(sorted.map((name) => [`vendor/${name}`, { version: '1.0.0' }])),
  }
  return `${JSON.stringify({ name: shape.name, version: '1.0.0', lockfileVersion: 3, requires: true, packages: entries }, undefined, 2)}\n`
}

export interface BenchStep {
  readonly name: string
  readonly run: string
  /** As orch.yaml has it: the tests build on nothing that the lint step makes. */
  readonly needs?: readonly string[]
}

export function stepsOf({ shape }: Pick<Project, 'shape'>): readonly BenchStep[] {
  return [
    { name: 'setup', run: 'npm ci --offline --ignore-scripts --no-audit --no-fund --loglevel=error' },
    { name: 'lint', run: 'node tooling/lint.mjs' },
    { name: 'test', run: shape.command, needs: [] },
  ]
}

/** Each step in JSON, which is YAML too. */
export function configText(steps: readonly BenchStep[]): string {
  return `validate:\n${steps.map(({ name, run, needs }) => `  - ${JSON.stringify({ [name]: run, ...(needs && { needs }) })}\n`).join('')}`
}

/** What a test costs, the witness that counts the tests that ran, and bad luck that no branch has to do with. */
export const workText = `import { createHash, randomInt } from 'node:crypto'
import { appendFileSync } from 'node:fs'

let tests = 0
let flaked = 0

/** Each test does some real work. */
export function work(rounds) {
  tests += 1
  let block = Buffer.alloc(262144, tests)
  for (let round = 0; round < rounds; round++) block = Buffer.concat([createHash('sha256').update(block).digest(), block.subarray(32)])
}

/** A server far away, which sometimes does not answer. */
export function ask(rate) {
  if (process.env.MQ_FLAKY === 'off' || randomInt(1_000_000) >= rate * 1_000_000) return
  flaked += 1
  throw new Error('connect ECONNRESET 192.0.2.7:443')
}

process.on('exit', () => {
  if (process.env.MQ_WITNESS === undefined || tests === 0) return
  const { user, system } = process.cpuUsage()
  appendFileSync(process.env.MQ_WITNESS, tests + ' ' + flaked + ' ' + Math.round((user + system) / 1000) + '\\n')
})
`

export const lintText = `import { readdirSync, readFileSync } from 'node:fs'

const folders = ['src', 'lib', 'packages', 'test']
const files = readdirSync('.', { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\\.m?js$/.test(entry.name))
  .map((entry) => (entry.path + '/' + entry.name).replace(/^\\.\\//, ''))
  .filter((path) => folders.includes(path.split('/')[0]))
  .sort()
let problems = 0
for (const path of files) {
  readFileSync(path, 'utf8').split('\\n').forEach((line, index) => {
    if (!/^\\s*debugger\\b/.test(line)) return
    problems += 1
    console.log(path + ':' + (index + 1) + ': debugger statement')
  })
}
if (problems > 0) console.log(problems + ' problems')
process.exitCode = problems > 0 ? 1 : 0
`
