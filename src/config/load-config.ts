import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure, failureCode } from '../foundation/failure.ts'
import type { OptionName } from './options.ts'
import type { ConfigProblem, FileValues, ResolvedConfig } from './resolve-config.ts'
import { resolveConfig } from './resolve-config.ts'

export interface ConfigSources {
  /** `$ORCH_HOME`, for its config.yaml. */
  readonly home: string
  /** Root of the main worktree, for its orch.yaml; undefined outside of a repository. */
  readonly root?: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly flags?: Readonly<Partial<Record<OptionName, string>>>
}

export const PROJECT_FILE = 'orch.yaml'
export const USER_FILE = 'config.yaml'

/** Failures: `bad-config` with all problems as facts, `unreadable-config`. */
export async function loadConfig({ home, root, environment, flags = {} }: ConfigSources): Promise<ResolvedConfig> {
  const user = await loadFile(join(home, USER_FILE), 'user')
  const project = root === undefined ? undefined : await loadFile(join(root, PROJECT_FILE), 'project')
  const files = [user, project].filter((file) => file !== undefined)
  const { config, origins, problems } = resolveConfig({ files, environment, flags })
  const all: ConfigProblem[] = [...files.flatMap((file) => file.problems), ...problems]
  if (all.length === 0) return { config, origins }
  throw new Failure('bad-config', all.map(({ where, message }) => `${where}: ${message}`).join('\n'), {
    facts: { problems: all },
    safe: 'nothing was started',
    next: 'mend the line; docs/guide/configuration.md and `orch config schema` name every option',
  })
}

/** YAML and the schema library are loaded only when there is a file to read. */
async function loadFile(path: string, scope: 'project' | 'user'): Promise<(FileValues & { problems: ConfigProblem[] }) | undefined> {
  const text = await readText(path)
  if (text === undefined) return undefined
  const { parseConfigFile } = await import('./config-file.ts')
  return parseConfigFile(text, path, scope)
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new Failure(
      'unreadable-config',
      `${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? failureCode(error) ?? 'unknown'})`,
      { cause: error, facts: { path } },
    )
  }
}
