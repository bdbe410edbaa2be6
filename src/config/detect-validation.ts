/** The files at the root of a repository that tell how it is built: their text, or '' where only their presence matters. */
export type RootFiles = Readonly<Record<string, string | undefined>>

export interface Detected {
  readonly command: string
  /** The file that says so. */
  readonly because: string
}

/** The command that most likely checks this repository, for `orch init` to propose. */
export function detectValidation(files: RootFiles): Detected | undefined {
  const makefile = ['Makefile', 'makefile', 'GNUmakefile'].find((name) => files[name] !== undefined)
  return (
    fromScripts(files) ??
    present(files, 'Cargo.toml', 'cargo test') ??
    present(files, 'go.mod', 'go vet ./... && go test ./...') ??
    present(files, 'pyproject.toml', 'python -m pytest') ??
    (makefile !== undefined && hasTarget(files[makefile] ?? '', 'test') ? { command: 'make test', because: makefile } : undefined)
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

function fromScripts(files: RootFiles): Detected | undefined {
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
  return wanted.length === 0 ? undefined : { command: wanted.map((name) => `${runner} run ${name}`).join(' && '), because: 'package.json' }
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

function present(files: RootFiles, name: string, command: string): Detected | undefined {
  return files[name] === undefined ? undefined : { command, because: name }
}

function hasTarget(makefile: string, target: string): boolean {
  return makefile.split('\n').some((line) => line.startsWith(`${target}:`) && !line.startsWith(`${target}:=`))
}
