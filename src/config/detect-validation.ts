import type { Step } from '../domain/queue/step.ts'

/** The files at the root of a repository that tell how it is built: their text, or '' where only their presence matters. */
export type RootFiles = Readonly<Record<string, string | undefined>>

export interface Detected {
  readonly command: string
  /** The file that says so. */
  readonly because: string
}

/** The steps that most likely check this repository, for `orch init` to propose. */
export function detectValidation(files: RootFiles): readonly Step[] | undefined {
  const makefile = ['Makefile', 'makefile', 'GNUmakefile'].find((name) => files[name] !== undefined)
  return (
    fromScripts(files) ??
    stepsIf(files, 'Cargo.toml', { test: 'cargo test' }) ??
    stepsIf(files, 'go.mod', { vet: 'go vet ./...', test: 'go test ./...' }) ??
    stepsIf(files, 'pyproject.toml', { test: 'python -m pytest' }) ??
    (makefile !== undefined && hasTarget(files[makefile] ?? '', 'test') ? [{ name: 'test', run: 'make test' }] : undefined)
  )
}

/** The command that installs what a fresh worktree needs. */
export function detectSetup(files: RootFiles): Detected | undefined {
  return (
    present(files, 'pnpm-lock.yaml', 'pnpm install --frozen-lockfile') ??
    present(files, 'yarn.lock', 'yarn install --frozen-lockfile') ??
    present(files, 'bun.lock', 'bun install --frozen-lockfile') ??
    present(files, 'bun.lockb', 'bun install --frozen-lockfile') ??
    present(files, 'package-lock.json', 'npm ci')
  )
}

function fromScripts(files: RootFiles): readonly Step[] | undefined {
  const scripts = scriptsOf(files['package.json'])
  const runner =
    files['pnpm-lock.yaml'] !== undefined
      ? 'pnpm'
      : files['yarn.lock'] !== undefined
        ? 'yarn'
        : files['bun.lock'] !== undefined || files['bun.lockb'] !== undefined
          ? 'bun'
          : 'npm'
  const wanted = ['lint', 'build', 'test'].filter((name) => isReal(scripts[name]))
  return wanted.length === 0 ? undefined : wanted.map((name) => ({ name, run: `${runner} run ${name}` }))
}

function scriptsOf(text: string | undefined): Record<string, unknown> {
  try {
    const scripts: unknown = (JSON.parse(text ?? '{}') as { scripts?: unknown } | null)?.scripts
    return typeof scripts === 'object' && scripts !== null ? (scripts as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** npm's own placeholder always fails. */
function isReal(script: unknown): boolean {
  return typeof script === 'string' && script !== '' && !script.includes('no test specified')
}

function stepsIf(files: RootFiles, name: string, lines: Readonly<Record<string, string>>): readonly Step[] | undefined {
  return files[name] === undefined ? undefined : Object.entries(lines).map(([step, run]) => ({ name: step, run }))
}

function present(files: RootFiles, name: string, command: string): Detected | undefined {
  return files[name] === undefined ? undefined : { command, because: name }
}

function hasTarget(makefile: string, target: string): boolean {
  return makefile.split('\n').some((line) => line.startsWith(`${target}:`) && !line.startsWith(`${target}:=`))
}
