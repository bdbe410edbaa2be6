/**
 * Whether the line does nothing but install what the lock file says. Nothing is chained or expanded, and no package is named. Not pnpm:
 * the programs that it makes hold the absolute path of their worktree.
 */
export function isPlainInstall(line: string): boolean {
  const plain = line.trim().replaceAll(/[ \t]+/g, ' ')
  return PLAIN.test(plain) && !plain.split(' ').some((word) => /lock/.test(word) && !HEEDS_LOCK.has(word))
}

const PLAIN = /^(?:npm (?:ci|install|i)|yarn(?: install)?)(?: --?[A-Za-z][A-Za-z0-9-]*(?:=[A-Za-z0-9_.,:@/+-]+)?)*$/

const HEEDS_LOCK: ReadonlySet<string> = new Set(['--frozen-lockfile', '--pure-lockfile'])
