import { parseArgs } from 'node:util'
import { SETS, type SetOptions } from './sets/named-sets.ts'

export interface BenchOptions {
  readonly kind: 'options'
  readonly sets: readonly SetOptions[]
  readonly runs: number
  readonly policies: readonly string[]
  readonly slots: number
  readonly isJson: boolean
  readonly isVerified: boolean
  readonly isKept: boolean
  readonly foreign?: ForeignOptions
}

/** A history that was not made here; README.md beside this file says what the files hold. */
export interface ForeignOptions {
  readonly repository: string
  readonly branches: string
  readonly key: string | undefined
  readonly target: string
}

export const usage = `npm run bench:queue [-- options]
--sets ${Object.keys(SETS).join('|')}|all   what to measure (small)
--n --bad --untouched --textual --semantic --flaky-tests --flaky-rate --lockfile --modules --work   change the sets
--seed N --runs N            first seed, and how many seeds
--policies a,b               of sequential, bors, queue
--slots N                    test runs at once, for the queue
--verify                     ask the real suite whether the key is right
--json --keep                the report on stdout; the repositories stay
--repository PATH --branches FILE --key FILE [--target main]   a history of your own: bench/queue/README.md`

const numbers = {
  n: 'n',
  bad: 'bad',
  untouched: 'untouched',
  textual: 'textual',
  semantic: 'semantic',
  'flaky-tests': 'flakyTests',
  'flaky-rate': 'flakyRate',
  lockfile: 'lockfile',
  modules: 'modules',
  work: 'work',
} as const

export function parseOptions(
  argv: readonly string[],
  policies: readonly string[],
): BenchOptions | { readonly kind: 'help' } | { readonly kind: 'wrong'; readonly problem: string } {
  try {
    const values = read(argv)
    if (values['help'] === true) return { kind: 'help' }
    return understand(values, policies)
  } catch (error) {
    return { kind: 'wrong', problem: error instanceof Error ? error.message : String(error) }
  }
}

type Values = Readonly<Record<string, string | boolean | undefined>>

function read(argv: readonly string[]): Values {
  const texts = [...Object.keys(numbers), 'sets', 'seed', 'runs', 'policies', 'slots', 'repository', 'branches', 'key', 'target']
  const flags = ['json', 'verify', 'keep', 'help']
  const { values } = parseArgs({
    args: [...argv],
    options: Object.fromEntries([
      ...texts.map((name) => [name, { type: 'string' as const }]),
      ...flags.map((name) => [name, { type: 'boolean' as const }]),
    ]),
  })
  return values as Values
}

function understand(values: Values, policies: readonly string[]): BenchOptions {
  const text = (name: string): string | undefined => (typeof values[name] === 'string' ? values[name] : undefined)
  const number = (name: string, fallback: number): number => {
    const value = Number(text(name) ?? fallback)
    if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} takes a number`)
    return value
  }
  const chosen = text('policies')?.split(',') ?? policies
  const unknown = chosen.find((name) => !policies.includes(name))
  if (unknown !== undefined) throw new Error(`no policy ${unknown}`)
  const [repository, branches] = [text('repository'), text('branches')]
  if ((repository === undefined) !== (branches === undefined)) throw new Error('--repository and --branches go together')
  return {
    kind: 'options',
    sets: chosenSets(text('sets') ?? 'small').map(([name, set]) => changed({ ...set, name, seed: number('seed', 1) }, values, number)),
    runs: number('runs', 1),
    policies: chosen,
    slots: number('slots', 1),
    isJson: values['json'] === true,
    isVerified: values['verify'] === true,
    isKept: values['keep'] === true,
    ...(repository === undefined || branches === undefined
      ? {}
      : { foreign: { repository, branches, key: text('key'), target: text('target') ?? 'main' } }),
  }
}

function chosenSets(names: string): [string, Omit<SetOptions, 'name' | 'seed'>][] {
  if (names === 'all') return Object.entries(SETS)
  return names.split(',').map((name) => {
    const set = SETS[name]
    if (set === undefined) throw new Error(`no set ${name}`)
    return [name, set]
  })
}

/** A set with other numbers is not the one with the goals any more. */
function changed(set: SetOptions, values: Values, number: (name: string, fallback: number) => number): SetOptions {
  const own = Object.entries(numbers).filter(([name]) => values[name] !== undefined)
  if (own.length === 0) return set
  const mine = { ...set, ...Object.fromEntries(own.map(([name, field]) => [field, number(name, 0)])), name: `${set.name}*` }
  return { ...mine, untouched: Math.min(mine.untouched, mine.bad) }
}
