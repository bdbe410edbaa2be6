import { beforeAll, expect, test } from 'vitest'
import { lintPlanted, type Complaint } from './planted.ts'

interface Case {
  readonly name: string
  readonly file: string
  readonly text: string
  /** What must complain, and nothing else. */
  readonly rules: readonly string[]
  readonly message?: string
}

const one = 'export const a = 1\n'
const long = one + '// line\n'.repeat(300)
const sleeps = [
  'export const a = (b: () => void) => setTimeout(b, 1)\n',
  "import * as timers from 'node:timers/promises'\nexport const a = timers\n",
  'export const a = (sleep: (ms: number) => void) => sleep(100)\n',
  "export const a = (b: { execFileSync(name: string, args: string[]): void }) => b.execFileSync('sleep', ['1'])\n",
]

const cases: readonly Case[] = [
  ...planted('src/workflows/refused', {
    any: ['typescript(no-explicit-any)', 'export const a = (b: any) => String(b)\n'],
    'non-null': ['typescript(no-non-null-assertion)', 'export const a = (b: string[]) => b[0]!\n'],
    'floating-promise': ['typescript(no-floating-promises)', 'export function a(): void {\n  Promise.resolve(1)\n}\n'],
    'promise-condition': ['typescript(no-misused-promises)', 'export const a = (b: Promise<1>) => (b ? 1 : 2)\n'],
    'forgotten-case': [
      'typescript(switch-exhaustiveness-check)',
      "export function a(b: 'x' | 'y'): void {\n  switch (b) {\n    case 'x':\n      return\n  }\n}\n",
    ],
    'default-export': ['import(no-default-export)', 'export default 1\n'],
    console: ['eslint(no-console)', `console.log('x')\n${one}`],
    'unused-disable': ['', `// oxlint-disable-next-line no-console -- nothing here\n${one}`],
    cycle: ['import(no-cycle)', "import { b } from './cycle-back.ts'\nexport const a = (): number => b()\n"],
    'cycle-back': ['import(no-cycle)', "import { a } from './cycle.ts'\nexport const b = (): number => a()\n"],
    'long-file': ['eslint(max-lines)', long],
    camelCase: ['unicorn(filename-case)', one],
    'merge-helper': ['orch(plain-names)', one],
    utils: ['orch(plain-names)', one],
    'watched-process': ['orch(plain-names)', one],
    'class-name': ['orch(plain-names)', 'export class SessionManager {\n  a = 1\n}\n'],
    'interface-name': ['orch(plain-names)', 'export interface TaskData {\n  a: 1\n}\n'],
    'type-name': ['orch(plain-names)', 'export type HTTPHandler = 1\n'],
  }),
  ...planted('src/domain/tasks', {
    'node-path': ['orch(purity)', "import { join } from 'node:path'\nexport const a = join('a', 'b')\n", 'no node:path: '],
    'bare-path': ['orch(purity)', "import { join } from 'path'\nexport const a = join('a', 'b')\n", 'no path: '],
    now: ['orch(purity)', 'export const a = () => Date.now()\n', 'no Date.now: take the time as an argument'],
    date: ['orch(purity)', 'export const a = () => new Date()\n', 'no new Date(): '],
    random: ['orch(purity)', 'export const a = () => Math.random()\n', 'no Math.random: '],
    environment: ['orch(purity)', 'export const a = () => process.env.HOME\n', 'no process.env: '],
    uuid: ['orch(purity)', 'export const a = () => crypto.randomUUID()\n', 'no crypto.randomUUID: '],
    timer: ['orch(purity)', 'export const a = (b: () => void) => setTimeout(b, 1)\n', 'no setTimeout: '],
    network: ['orch(purity)', "export const a = () => fetch('http://x')\n", 'no fetch: '],
    pure: [
      undefined,
      "import { parse } from 'yaml'\nexport const a = (process: { env: string }, at: number) => [process.env, new Date(at), parse('a'), Math.max(1, at)]\n",
    ],
  }),
  ...planted('src/platform', {
    clock: [undefined, 'export const now = () => Date.now()\n'],
    processes: [undefined, 'export interface ProcessExit {\n  a: 1\n}\n'],
    'watched-process': [undefined, 'export class WatchedProcess {\n  a = 1\n}\n'],
    'process-manager': ['orch(plain-names)', one],
    'shipped-timer': [undefined, sleeps[0] ?? ''],
  }),
  ...planted('src/foundation', {
    brand: [undefined, 'export type Handle = 1\n'],
    database: [undefined, 'export class Database {\n  a = 1\n}\n'],
  }),
  ...planted('src/rehearsal', { main: [undefined, `console.log('x')\n${one}`] }),
  ...planted('src/cli', { table: [undefined, `console.log('x')\n${one}`] }),
  ...planted('.', { 'some.config': [undefined, 'export default 1\n'] }),
  ...planted('src/workflows', { 'run-task.contract': [undefined, one], 'long.test': [undefined, long] }),
  ...sleeps.flatMap((text, at) => [
    ...planted('src/workflows', { [`sleep-${at}.test`]: ['orch(no-sleeps)', text, 'wait for the event'] }),
    ...planted('test/e2e', { [`sleep-${at}.test`]: ['orch(no-sleeps)', text] }),
  ]),
  ...planted('test/support', { eventually: [undefined, sleeps[0] ?? ''] }),
]

/** `name: [the rule that must complain, text, its message]`; a rule of '' stands for a complaint without one. */
function planted(folder: string, files: Record<string, readonly [rule: string | undefined, text: string, message?: string]>): Case[] {
  return Object.entries(files).map(([name, [rule, text, message]]) => {
    const file = folder === '.' ? `${name}.ts` : `${folder}/${name}.ts`
    const outcome = rule === undefined ? 'is fine' : `is refused by ${rule || 'the linter'}`
    return { name: `${file} ${outcome}`, file, text, rules: rule === undefined ? [] : [rule], ...(message !== undefined && { message }) }
  })
}

let complaints: readonly Complaint[]
beforeAll(() => {
  complaints = lintPlanted(Object.fromEntries(cases.map(({ file, text }) => [file, text])))
})

test.each(cases)('$name', ({ file, rules, message }) => {
  const found = complaints.filter((complaint) => complaint.file === file)
  expect(found.map(({ rule }) => rule)).toEqual(rules)
  if (message !== undefined) expect(found[0]?.message).toContain(message)
})

test('the length of a file is a warning only', () => {
  expect(complaints.filter(({ severity }) => severity === 'warning').map(({ file }) => file)).toEqual([
    'src/workflows/refused/long-file.ts',
  ])
})
