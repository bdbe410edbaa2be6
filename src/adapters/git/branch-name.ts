import { Failure } from '../../foundation/failure.ts'

/** The full ref of a short branch name; refuses with `bad-branch-name` what git, a file system or an option parser could take for something else. */
export function branchRef(name: string): string {
  const reason = whyNotABranch(name)
  if (reason !== undefined)
    throw new Failure('bad-branch-name', `${JSON.stringify(name)} cannot be a branch name: ${reason}`, { facts: { name, reason } })
  return `refs/heads/${name}`
}

/** The rules of git-check-ref-format, and ours: no leading dash, no name that reads as a full ref, components that fit a file name with `.lock`. */
export function whyNotABranch(name: string): string | undefined {
  if (name === '') return 'it is empty'
  if (name.startsWith('-')) return 'it begins with a dash'
  if (name === 'HEAD' || name === '@' || name.startsWith('refs/')) return 'git gives it another meaning'
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused
  if (/[\u0000-\u0020\u007f~^:?*[\\]/.test(name)) return 'it has a space, a control character or one of ~^:?*[\\'
  if (name.includes('..') || name.includes('@{')) return 'it has ".." or "@{"'
  if (name.endsWith('.')) return 'it ends with a dot'
  if (/\p{Cs}/u.test(name)) return 'it is not valid text'
  return name
    .split('/')
    .map(whyNotAComponent)
    .find((reason) => reason !== undefined)
}

function whyNotAComponent(part: string): string | undefined {
  if (part === '') return 'it has an empty part'
  if (part.startsWith('.') || part.endsWith('.lock')) return 'a part begins with a dot or ends with ".lock"'
  return Buffer.byteLength(part) > 240 ? 'a part is longer than 240 bytes' : undefined
}
