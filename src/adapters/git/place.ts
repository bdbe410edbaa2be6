import { join } from 'node:path'
import { runGit, type GitOptions, type GitResult } from './git-command.ts'

/** Where a repository is: what every part of this adapter needs to know, settled once by `open`. */
export interface Place {
  /** Real path of the main worktree, or of the bare repository. */
  readonly root: string
  readonly commonDir: string
  readonly isBare: boolean
  readonly objectFormat: 'sha1' | 'sha256'
}

/** Runs git on the common directory itself: no worktree, no index, nothing discovered. */
export function onRepository(place: Place, args: readonly string[], options: Omit<GitOptions, 'cwd' | 'gitDir'> = {}): Promise<GitResult> {
  return runGit(args, { ...options, cwd: place.commonDir, gitDir: place.commonDir })
}

export function zeroSha(place: Place): string {
  return '0'.repeat(place.objectFormat === 'sha256' ? 64 : 40)
}

/** orch's own records about this repository (locks, intents): shared by all its worktrees, gone with it. */
export function orchDirectory(place: Place): string {
  return join(place.commonDir, 'orch')
}
