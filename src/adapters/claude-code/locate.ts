import { execFile } from 'node:child_process'
import { access, constants, realpath, stat } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'
import { promisify } from 'node:util'
import type { AgentProbe } from '../../ports/agent.ts'
import { findLogin } from './login.ts'

/** The oldest Claude Code whose protocol was verified. */
const oldestVersion = '2.1.197'

/** The user's own `claude`: the configured path, else ORCH_CLAUDE, else the first on the PATH. */
export async function locateProgram(
  configured: string | undefined,
  environment: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const named = configured ?? environment.ORCH_CLAUDE ?? 'claude'
  if (named.includes('/')) return isAbsolute(named) && (await isProgram(named)) ? named : undefined
  const folders = (environment.PATH ?? '').split(delimiter).filter(isAbsolute)
  for (const folder of folders) if (await isProgram(join(folder, named))) return join(folder, named)
  return undefined
}

/** Never throws, and never calls a model. */
export async function probeProgram(configured: string | undefined, environment: Readonly<Record<string, string>>): Promise<AgentProbe> {
  const named = configured ?? environment.ORCH_CLAUDE ?? 'claude'
  const program = await locateProgram(configured, environment)
  if (program === undefined) return { kind: 'missing', program: named }
  const version = await loadVersion(program, environment)
  if (version === undefined) return { kind: 'missing', program }
  if (isOlder(version, oldestVersion)) return { kind: 'unsupported', program, version, oldest: oldestVersion }
  const login = await findLogin(environment)
  return login === 'absent' ? { kind: 'not-logged-in', program, version } : { kind: 'ready', program, version, login }
}

function isOlder(version: string, than: string): boolean {
  const [left, right] = [version, than].map((text) => text.split('.').map(Number))
  for (const place of [0, 1, 2]) {
    const difference = (left?.[place] ?? 0) - (right?.[place] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

const run = promisify(execFile)
const versions = new Map<string, Promise<string | undefined>>()

// Asking costs a start of the program (0.1 to 0.3 s); an update changes the file.
async function loadVersion(program: string, environment: Readonly<Record<string, string>>): Promise<string | undefined> {
  try {
    const file = await realpath(program)
    const key = `${file}\0${(await stat(file)).mtimeMs}`
    const known = versions.get(key) ?? askVersion(program, environment)
    versions.set(key, known)
    const version = await known
    if (version === undefined) versions.delete(key)
    return version
  } catch {
    return undefined
  }
}

async function askVersion(program: string, environment: Readonly<Record<string, string>>): Promise<string | undefined> {
  try {
    const { stdout } = await run(program, ['--version'], { env: { ...environment }, timeout: 20_000, killSignal: 'SIGKILL' })
    return /^\d+\.\d+\.\d+/.exec(stdout)?.[0]
  } catch {
    return undefined
  }
}
