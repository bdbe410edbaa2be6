import { runCommand } from '../../platform/run-command.ts'
import { Failure } from '../../foundation/failure.ts'

/**
 * Copies a folder to a new name with links, modes and times as they are; without taking space where the file system can share blocks. By a process
 * of its own: tens of thousands of files would keep the daemon's few threads for files from its journal. Failure `copy-failed`.
 */
export async function copyTree(from: string, to: string, options: { marker: string; signal: AbortSignal }): Promise<void> {
  const program = process.platform === 'darwin' ? ['cp', '-cRp'] : ['cp', '-a', '--reflink=auto']
  const outcome = await runCommand({ argv: [...program, '--', from, to], cwd: '/', environment: plain(), timeoutMs: 600_000, ...options })
  if (outcome.kind === 'exited' && outcome.code === 0) return
  throw new Failure('copy-failed', `${to} could not be copied: ${outcome.stderr.trim().slice(0, 300) || outcome.kind}`)
}

/** Whether a file below the folder holds one of these texts. */
export async function holdsText(
  folder: string,
  texts: readonly string[],
  options: { marker: string; signal: AbortSignal },
): Promise<boolean> {
  const argv = ['grep', '-rqF', ...texts.flatMap((text) => ['-e', text]), '--', folder]
  const outcome = await runCommand({ argv, cwd: '/', environment: plain(), timeoutMs: 600_000, ...options })
  if (outcome.kind === 'exited' && outcome.code <= 1) return outcome.code === 0
  throw new Failure('copy-failed', `${folder} could not be read: ${outcome.stderr.trim().slice(0, 300) || outcome.kind}`)
}

function plain(): Record<string, string | undefined> {
  return { PATH: process.env.PATH, LC_ALL: 'C' }
}
