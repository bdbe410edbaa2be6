import { spawnSync } from 'node:child_process'
import { commandLine } from '../../domain/queue/step.ts'
import { existsSync, statfsSync, statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { loadConfig } from '../../config/load-config.ts'
import { Failure } from '../../foundation/failure.ts'
import { lockState } from '../../platform/generation-lock.ts'
import type { AgentProbe } from '../../ports/agent.ts'
import type { LandingObstacle } from '../../ports/git-landings.ts'
import type { RepositoryFacts, RepositoryTrouble, UnknownFilter } from '../../ports/git.ts'
import type { Context } from '../context.ts'
import { wholeEnvironment } from '../context.ts'
import { isAlive, loadEndpoint } from '../daemon-client/endpoint.ts'
import { repositoryOf } from '../tasks/repository-of.ts'

/** `bad` is something orch cannot work without. */
export interface Check {
  readonly name: string
  readonly state: 'good' | 'warning' | 'bad'
  readonly found: string
  /** One line each, below. */
  readonly details?: readonly string[]
  readonly mend?: string
}

export function machineChecks(context: Context): readonly Check[] {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const isNodeNew = major > 20 || (major === 20 && minor >= 19)
  const endpoint = loadEndpoint(context.home)
  const isStale = endpoint !== undefined && !isAlive(endpoint.pid)
  return [
    verdict('node', isNodeNew, process.versions.node, 'install Node 20.19 or newer'),
    diskCheck(context.home),
    limitCheck('open files', 'ulimit -n', 1024),
    limitCheck('processes', 'ulimit -u', 1024),
    homeCheck(context.home),
    {
      name: 'daemon',
      ...(isStale
        ? {
            state: 'warning',
            found: `daemon.json names process ${endpoint.pid}, which is gone`,
            mend: 'nothing to do: the next command starts a new one',
          }
        : { state: 'good', found: endpoint === undefined ? 'not running' : `process ${endpoint.pid}` }),
    },
    {
      name: 'tmux',
      state: 'good',
      found:
        spawnSync('tmux', ['-V'], { encoding: 'utf8' }).stdout?.trim() || 'absent; only --tmux of `orch spawn` and `orch attach` needs it',
    },
  ]
}

export async function gitChecks(context: Context): Promise<readonly Check[]> {
  try {
    const repository = await (await context.services()).git.open(context.cwd)
    const facts = await repository.describe()
    const troubles = (await repository.diagnose()).map(troubleCheck)
    return [
      { name: 'git', state: 'good', found: facts.gitVersion },
      verdict(
        'git identity',
        facts.identity === 'present',
        facts.identity,
        'git config --global user.name "…" && git config --global user.email "…"',
      ),
      repositoryCheck(facts),
      ...(troubles.length === 0 ? [{ name: 'worktrees', state: 'good', found: 'no stale locks, none half made' } as const] : troubles),
      ...(await lockChecks(join(repository.commonDir, 'orch', 'locks'))),
      ...(await repository.unknownFilters()).map(filterCheck),
      ...(await repository.landingObstacles()).map(obstacleCheck),
    ]
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return [{ name: 'repository', state: 'bad', found: error.message, mend: error.next ?? 'stand in a git repository, or git init' }]
  }
}

/** What the user set up for their own merges and a landing cannot heed, or heeds in its own way. */
function obstacleCheck({ kind, what, effect }: LandingObstacle): Check {
  const found = `${what}: ${effect}`
  if (kind === 'signing') return { name: 'landing', state: 'good', found }
  return kind === 'signing-refused'
    ? { name: 'landing', state: 'bad', found, mend: `git config --unset ${what}, and say in your own configuration how to sign` }
    : { name: 'landing', state: 'warning', found, mend: 'put the check into validate:, or orch config set hooks refuse' }
}

export async function agentChecks(context: Context): Promise<readonly Check[]> {
  const root = repositoryOf(context.cwd)
  try {
    const { config } = await loadConfig({ home: context.home, environment: context.environment, ...(root !== undefined && { root }) })
    const line = commandLine(config.validate)
    const validation: Check =
      line === undefined
        ? {
            name: 'validation',
            state: 'warning',
            found: 'none configured: finished work waits for your review instead of landing',
            mend: 'orch config set validate "npm test"',
          }
        : { name: 'validation', state: 'good', found: line }
    return [agentCheck(await (await context.services()).probeAgent(config, wholeEnvironment(context))), validation]
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return [{ name: 'configuration', state: 'bad', found: error.message, mend: error.next ?? 'orch config list' }]
  }
}

function agentCheck(probe: AgentProbe): Check {
  switch (probe.kind) {
    case 'ready':
      return { name: 'agent', state: 'good', found: `${probe.program} ${probe.version}${probe.login === 'present' ? ', logged in' : ''}` }
    case 'missing':
      return {
        name: 'agent',
        state: 'bad',
        found: `${probe.program} is not there`,
        mend: 'npm install -g @anthropic-ai/claude-code, or set claude-path',
      }
    case 'unsupported':
      return { name: 'agent', state: 'bad', found: `${probe.program} ${probe.version}`, mend: `update it to ${probe.oldest} or newer` }
    case 'not-logged-in':
      return {
        name: 'agent',
        state: 'bad',
        found: `${probe.program} ${probe.version}, not logged in`,
        mend: `run \`${probe.program}\` once and log in, or set ANTHROPIC_API_KEY`,
      }
  }
}

function repositoryCheck(facts: RepositoryFacts): Check {
  if (facts.isUnborn) return { name: 'repository', state: 'bad', found: 'has no commit yet', mend: 'git commit --allow-empty -m "Begin"' }
  const notes = [facts.isBare ? 'bare' : '', facts.isShallow ? 'shallow' : '', facts.hasSubmodules ? 'with submodules' : ''].filter(
    (note) => note !== '',
  )
  return { name: 'repository', state: 'good', found: [facts.headBranch ?? 'detached HEAD', ...notes].join(', ') }
}

function troubleCheck({ kind, path }: RepositoryTrouble): Check {
  switch (kind) {
    case 'stale-lock':
      return {
        name: 'stale lock',
        state: 'bad',
        found: `${path} is left from a git that was killed`,
        mend: `rm '${path}'   (if no git command is running)`,
      }
    case 'half-made-worktree':
      return { name: 'half-made worktree', state: 'warning', found: path, mend: 'nothing to do: the next task that starts takes it away' }
    case 'lost-worktree':
      return { name: 'lost worktree', state: 'warning', found: `${path} is gone, but git still lists it`, mend: 'git worktree prune' }
  }
}

function filterCheck({ id, name, settings }: UnknownFilter): Check {
  return {
    name: 'git filter',
    state: 'warning',
    found: `${JSON.stringify(name)} came into this repository's configuration after orch began here, and orch does not run it: a session can write there`,
    details: shownSettings(settings),
    mend: `if you know this program as your own: orch doctor --accept-filter ${id}`,
  }
}

/** In JSON's quotes, so that no escape sequence hides a part of what would run. */
export function shownSettings(settings: readonly string[]): readonly string[] {
  return settings.map((setting) => {
    const [key = '', ...value] = setting.split('\n')
    return `${JSON.stringify(key).slice(1, -1)} = ${JSON.stringify(value.join('\n'))}`
  })
}

/** orch's own locks between processes: what a dead one left is free for the next, so there is nothing to mend, only to know. */
async function lockChecks(folder: string): Promise<readonly Check[]> {
  const names = await readdir(folder).catch(() => [])
  const states = await Promise.all(names.map(async (name) => ({ name, state: await lockState(join(folder, name)) })))
  return states.flatMap(({ name, state }): Check[] => {
    if (state.kind === 'free') return []
    if (state.kind === 'held') return [{ name: 'lock', state: 'good', found: `${name} is held by process ${state.pid}` }]
    return [
      {
        name: 'lock',
        state: 'warning',
        found: `${name} was held by process ${state.pid}, which is gone`,
        mend: 'nothing to do: the next one takes it over',
      },
    ]
  })
}

function diskCheck(home: string): Check {
  try {
    const { bavail, bsize } = statfsSync(nearestFolder(home))
    const freeGb = (bavail * bsize) / 1e9
    return {
      name: 'disk',
      state: freeGb < 0.2 ? 'bad' : freeGb < 2 ? 'warning' : 'good',
      found: `${freeGb.toFixed(1)} GB free`,
      ...(freeGb < 2 && { mend: 'make room, e.g. orch cleanup' }),
    }
  } catch (error) {
    return { name: 'disk', state: 'warning', found: `free space unknown: ${String(error)}` }
  }
}

function nearestFolder(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestFolder(dirname(path))
}

function limitCheck(name: string, command: string, least: number): Check {
  const found = spawnSync('bash', ['-c', command], { encoding: 'utf8' }).stdout?.trim() || 'unknown'
  return Number(found) < least
    ? { name, state: 'warning', found, mend: `${command} ${least * 4} in the shell that starts orch` }
    : { name, state: 'good', found }
}

function homeCheck(home: string): Check {
  const mode = statSync(home, { throwIfNoEntry: false })?.mode
  if (mode === undefined) return { name: 'home', state: 'good', found: `${home} (not made yet)` }
  const isOpen = (mode & 0o077) !== 0
  return {
    name: 'home',
    state: isOpen ? 'bad' : 'good',
    found: `${home} ${(mode & 0o777).toString(8)}`,
    ...(isOpen && { mend: `chmod 700 ${join(home)}` }),
  }
}

function verdict(name: string, isGood: boolean, found: string, mend: string): Check {
  return { name, state: isGood ? 'good' : 'bad', found, ...(!isGood && { mend }) }
}
