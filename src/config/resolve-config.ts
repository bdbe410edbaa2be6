import type { Config, OptionName } from './options.ts'
import { optionNames, optionOf } from './options.ts'

export type Origin =
  | { readonly kind: 'default' }
  | { readonly kind: 'file'; readonly path: string; readonly line: number }
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'flag'; readonly flag: string }

export interface ConfigProblem {
  readonly message: string
  /** A file's path and line, an environment variable or a flag. */
  readonly where: string
  readonly suggestion?: string
}

/** What one orch.yaml says. */
export interface FileValues {
  readonly path: string
  readonly values: Readonly<Partial<Record<OptionName, unknown>>>
  readonly lines: Readonly<Partial<Record<OptionName, number>>>
}

export interface ResolvedConfig {
  readonly config: Config
  readonly origins: Readonly<Record<OptionName, Origin>>
}

/** Flags win over the environment, that over files, later files over earlier ones, those over defaults. An empty variable counts as unset. */
export function resolveConfig(sources: {
  files?: readonly FileValues[]
  environment?: Readonly<Record<string, string | undefined>>
  flags?: Readonly<Partial<Record<OptionName, string>>>
}): ResolvedConfig & { problems: ConfigProblem[] } {
  const problems: ConfigProblem[] = []
  const settled = optionNames.map((name) => {
    const option = optionOf(name)
    let [value, origin]: [unknown, Origin] = [option.default, { kind: 'default' }]
    for (const file of sources.files ?? []) {
      if (file.values[name] !== undefined)
        [value, origin] = [file.values[name], { kind: 'file', path: file.path, line: file.lines[name] ?? 1 }]
    }
    const overrides: [string | undefined, Origin, string][] = [
      [sources.environment?.[option.env] || undefined, { kind: 'env', name: option.env }, option.env],
      [sources.flags?.[name], { kind: 'flag', flag: flagOf(name) }, flagOf(name)],
    ]
    for (const [written, from, where] of overrides) {
      const reading = written === undefined ? undefined : option.kind.read(option.kind.fromText(written))
      if (reading?.kind === 'read') [value, origin] = [reading.value, from]
      if (reading?.kind === 'wrong') problems.push({ where, message: reading.message })
    }
    return [name, value, origin] as const
  })
  const config = Object.fromEntries(settled.map(([name, value]) => [name, value])) as unknown as Config
  const origins = Object.fromEntries(settled.map(([name, , origin]) => [name, origin])) as Record<OptionName, Origin>
  return { ...withSetupStep({ config, origins }, problems), problems }
}

/** A step `setup` in front of the others is the option `setup`, said in another place. */
function withSetupStep({ config, origins }: ResolvedConfig, problems: ConfigProblem[]): ResolvedConfig {
  const [first, ...rest] = config.validate ?? []
  if (first?.name !== 'setup') return { config, origins }
  if (config.setup !== undefined) {
    const where = `${placeOf(origins.validate)} and ${placeOf(origins.setup)}`
    problems.push({ where, message: 'the set-up is given twice, as the option "setup" and as a step of "validate"; take one away' })
  }
  const setup = { setup: first.run, ...(first.timeoutMs !== undefined && { setupTimeoutMs: first.timeoutMs }) }
  return { config: { ...config, ...setup, validate: rest }, origins: { ...origins, setup: origins.validate } }
}

function placeOf(origin: Origin): string {
  switch (origin.kind) {
    case 'default':
      return 'the default'
    case 'file':
      return `${origin.path}:${origin.line}`
    case 'env':
      return origin.name
    case 'flag':
      return origin.flag
  }
}

export interface ConfigEntry {
  readonly key: string
  /** As orch.yaml would say it; null when unset. */
  readonly value: unknown
  readonly origin: Origin
  readonly doc: string
}

/** For `orch config list`. */
export function configEntries({ config, origins }: ResolvedConfig): ConfigEntry[] {
  return optionNames.map((name) => {
    const { path, doc, kind } = optionOf(name)
    const value: unknown = config[name]
    return { key: path, value: value === undefined || value === null ? null : kind.write(value), origin: origins[name], doc }
  })
}

export function optionNamed(key: string): OptionName | undefined {
  return optionNames.find((name) => optionOf(name).path === key)
}

function flagOf(name: OptionName): string {
  const { flag, path } = optionOf(name)
  return flag?.split(' ', 1)[0] ?? `--${path}`
}
