import { readFile, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { Failure } from '../../foundation/failure.ts'
import type { Git, Repository, RepositoryFacts, RepositoryStanding } from '../../ports/git.ts'
import { conflictHunks } from './conflicts/conflict-hunks.ts'
import { conflictsAmong } from './conflicts/conflicts-among.ts'
import { diagnose } from './diagnosis.ts'
import { freshBase, listRemotes } from './base.ts'
import { gitText, runGit } from './git-command.ts'
import { installGuard, removeGuard } from './protection/guard.ts'
import { acceptFilter, unknownFilters } from './protection/known-filters.ts'
import { hasIdentity } from './identity.ts'
import { landingObstacles } from './landings/obstacles.ts'
import { isLanded, lastLandings } from './landings/past-landings.ts'
import { buildRevert } from './landings/revert.ts'
import { buildCandidate, forecastMerge } from './merging/candidates.ts'
import { dropWaiting, land, landWaiting, targetTip } from './merging/landing.ts'
import { onRepository, type Place } from './place.ts'
import { commitsBetween, isAncestor, mergeBase } from './history.ts'
import { blameLines } from './reading/blame.ts'
import { changes } from './reading/changes.ts'
import { diffCommits, diffUncommitted } from './reading/diff.ts'
import { deleteRemoteBranch, resolveCommit, resolveRef, snapshotRefs } from './refs.ts'
import { sweepScratch } from './scratch.ts'
import { listFiles, readFile as readTreeFile, treeOf } from './tree.ts'
import { backupWorktree } from './worktrees/backup.ts'
import { ensureDetachedWorktree, ignoredPaths, removeDetachedWorktree } from './worktrees/detached.ts'
import { exists, listWorktrees, readHead } from './worktrees/entries.ts'
import { inspectWorktree } from './worktrees/inspect.ts'
import { tendPool } from './worktrees/pool.ts'
import { createBranch, deleteBranch, planRemoval, removeWorktree } from './worktrees/removal.ts'
import { ensureWorktree } from './worktrees/worktrees.ts'

export const systemGit: Git = {
  open: async (path) => toRepository(await placeAt(path)),
}

/** For other parts of this adapter: where the repository of `path` is. Failures as those of `open`. */
export async function placeAt(path: string): Promise<Place> {
  return (await knownPlace(path)) ?? openPlace(path)
}

/** Finding a repository takes four git processes, and every step of every task opens one: the answer holds while what it was read from stands as it was. */
const known = new Map<string, { readonly place: Place; readonly stamp: string }>()

async function knownPlace(path: string): Promise<Place | undefined> {
  const found = known.get(path)
  return found !== undefined && (await stampOf(path, found.place.commonDir)) === found.stamp ? found.place : undefined
}

/** Undefined for a folder inside of a worktree: a repository may begin on the way up to the one that was found. */
async function stampOf(path: string, commonDir: string): Promise<string | undefined> {
  const [door, config] = await Promise.all(
    [stat(path === commonDir ? path : join(path, '.git')), stat(join(commonDir, 'config'))].map((found) => found.catch(() => undefined)),
  )
  if (door === undefined || config === undefined) return undefined
  return [door.dev, door.ino, door.isFile() ? door.mtimeMs : '', config.ino, config.mtimeMs, config.size].join(' ')
}

async function openPlace(path: string): Promise<Place> {
  const place = await findPlace(path)
  const stamp = await stampOf(path, place.commonDir)
  if (stamp !== undefined) known.set(path, { place, stamp })
  return place
}

async function findPlace(path: string): Promise<Place> {
  if (
    !(await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    ))
  )
    throw notARepository(path, 'there is no such folder')
  await requireVersion(path)
  await sweepScratch()
  const found = await runGit(['rev-parse', '--path-format=absolute', '--git-common-dir', '--is-bare-repository', '--show-object-format'], {
    cwd: path,
    accept: [128],
  })
  const [common = '', , format] = found.stdout.toString('utf8').split('\n')
  if (found.exitCode !== 0 || common === '') throw notARepository(path, found.stderr.trim())
  const commonDir = await realpath(common)
  if (await exists(join(commonDir, 'reftable')))
    throw new Failure('unsupported-repository', `${path} stores its refs in a reftable, which orch cannot guard yet`, { facts: { path } })
  // Asked of the common directory: in a linked worktree of a bare repository the answer is about that worktree.
  const isBare = (await gitText(['rev-parse', '--is-bare-repository'], { cwd: commonDir, gitDir: commonDir })) === 'true'
  return { root: isBare ? commonDir : await mainRoot(commonDir), commonDir, isBare, objectFormat: format === 'sha256' ? 'sha256' : 'sha1' }
}

/** `.git` inside the root, or (a submodule, `--separate-git-dir`) where `core.worktree` says. */
async function mainRoot(commonDir: string): Promise<string> {
  const configured = await runGit(['config', '--get', 'core.worktree'], { cwd: commonDir, gitDir: commonDir, accept: [1] })
  const worktree = configured.stdout.toString('utf8').trim()
  if (worktree !== '') return realpath(resolve(commonDir, worktree))
  if (basename(commonDir) === '.git') return dirname(commonDir)
  throw new Failure('unsupported-repository', `${commonDir} does not say where its main worktree is`, {
    facts: { commonDir },
    next: 'Set core.worktree in it, or use a plain clone.',
  })
}

async function requireVersion(path: string): Promise<void> {
  const version = await gitVersion(path)
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > 2 || (major === 2 && minor >= 38)) return
  throw new Failure('git-too-old', `git ${version} is too old`, { facts: { version }, next: 'Install git 2.38 or newer.' })
}

let version: Promise<string> | undefined

/** Asked once: whoever updates git restarts the daemon at the latest with the machine. */
function gitVersion(cwd: string): Promise<string> {
  version ??= gitText(['version'], { cwd }).then((text) => /\d+\.\d+(\.\d+)?/.exec(text)?.[0] ?? '0.0')
  version.catch(() => (version = undefined))
  return version
}

function notARepository(path: string, why: string): Failure {
  return new Failure('not-a-repository', `${path} is in no git repository`, {
    facts: { path, why },
    next: 'go to your repository, or run `git init` and make a first commit',
  })
}

function toRepository(place: Place): Repository {
  return {
    root: place.root,
    commonDir: place.commonDir,
    describe: () => describe(place),
    standing: () => standingOf(place),
    freshBase: (branch) => freshBase(place, branch),
    resolve: (rev) => resolveCommit(place, rev),
    isAncestor: (ancestor, descendant) => isAncestor(place, ancestor, descendant),
    mergeBase: (a, b) => mergeBase(place, a, b),
    listWorktrees: () => listWorktrees(place),
    ensureWorktree: (request) => ensureWorktree(place, request),
    tendPool: (request) => tendPool(place, request),
    ensureDetachedWorktree: (path, commit, options) => ensureDetachedWorktree(place, path, commit, options?.keep),
    removeDetachedWorktree: (path) => removeDetachedWorktree(place, path),
    ignoredPaths: (path) => ignoredPaths(place, path),
    inspectWorktree: (path) => inspectWorktree(place, path),
    backupWorktree: (path, id) => backupWorktree(place, path, id),
    removeWorktree: (plan, trash) => removeWorktree(place, plan, trash),
    planRemoval: (path, branch, options) => planRemoval(place, path, branch, options),
    createBranch: (branch, commit) => createBranch(place, branch, commit),
    deleteBranch: (branch, expected, options) => deleteBranch(place, branch, expected, options),
    deleteRemoteBranch: (remote, branch, expected) => deleteRemoteBranch(place, remote, branch, expected),
    forecastMerge: (target, head) => forecastMerge(place, target, head),
    conflictsAmong: (target, heads) => conflictsAmong(place, target, heads),
    conflictHunks: (ours, theirs, files, maxBytes = 8192) => conflictHunks(place, ours, theirs, files, maxBytes),
    buildCandidate: (request) => buildCandidate(place, request),
    readFile: (commit, path) => readTreeFile(place, commit, path),
    diff: (from, to, options) => diffCommits(place, from, to, options),
    diffUncommitted: (path, options) => diffUncommitted(place, path, options),
    treeOf: (commit) => treeOf(place, commit),
    commitsBetween: (base, head, limit) => commitsBetween(place, base, head, limit),
    changes: (from, to) => changes(place, from, to),
    blameLines: (request) => blameLines(place, request),
    listFiles: (commit) => listFiles(place, commit),
    land: (request) => land(place, request),
    targetTip: (target) => targetTip(place, target),
    landWaiting: (target, allowDirty) => landWaiting(place, target, allowDirty),
    dropWaiting: (target, commit) => dropWaiting(place, target, commit),
    lastLandings: (target, limit) => lastLandings(place, target, limit),
    isLanded: (head, target, entry) => isLanded(place, head, target, entry),
    landingObstacles: () => landingObstacles(place),
    buildRevert: (request) => buildRevert(place, request),
    diagnose: () => diagnose(place),
    installGuard: () => installGuard(place),
    unknownFilters: () => unknownFilters(place),
    acceptFilter: (id, options) => acceptFilter(place, id, options),
    removeGuard: () => removeGuard(place),
    snapshotRefs: () => snapshotRefs(place),
  }
}

async function describe(place: Place): Promise<RepositoryFacts> {
  const [standing, modules, remotes, isIdentified, version, shallow] = await Promise.all([
    standingOf(place),
    onRepository(place, ['cat-file', '-e', 'HEAD:.gitmodules'], { accept: [1, 128] }),
    listRemotes(place),
    hasIdentity(place),
    gitVersion(place.commonDir),
    readFile(join(place.commonDir, 'shallow')).catch(() => undefined),
  ])
  return {
    ...standing,
    isBare: place.isBare,
    isShallow: shallow !== undefined && shallow.length > 0,
    hasSubmodules: modules.exitCode === 0,
    remotes,
    gitVersion: version,
    identity: isIdentified ? 'present' : 'missing',
  }
}

async function standingOf(place: Place): Promise<RepositoryStanding> {
  const [head, originHead, ...conventional] = await Promise.all([
    readHead(place.commonDir),
    originHeadOf(place),
    ...CONVENTIONAL.map((branch) => resolveRef(place, `refs/heads/${branch}`)),
  ])
  const headBranch = head !== undefined && 'branch' in head ? head.branch : undefined
  const defaultBranch = originHead ?? CONVENTIONAL.find((_branch, at) => conventional[at] !== undefined) ?? headBranch
  return {
    isUnborn: headBranch !== undefined && (await resolveRef(place, `refs/heads/${headBranch}`)) === undefined,
    ...(headBranch === undefined ? {} : { headBranch }),
    ...(defaultBranch === undefined ? {} : { defaultBranch }),
  }
}

const CONVENTIONAL = ['main', 'master']

/** A symbolic ref is always a file of its own. */
async function originHeadOf(place: Place): Promise<string | undefined> {
  const text = await readFile(join(place.commonDir, 'refs/remotes/origin/HEAD'), 'utf8').catch(() => '')
  return /^ref: refs\/remotes\/origin\/(.+)$/m.exec(text)?.[1]
}
