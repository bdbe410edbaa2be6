import type { Sha } from '../../../foundation/brand.ts'
import { invariant } from '../../../foundation/invariant.ts'
import { requireSha } from '../git-command.ts'
import type { Scratch } from '../scratch.ts'

/** A commit on `head` with these files in place of its own. Paths are bytes, as latin1. */
export interface Import {
  readonly head: Sha
  readonly files: readonly ImportedFile[]
}

export type ImportedFile = { readonly path: string } & (
  | { readonly kind: 'gone' }
  | { readonly kind: 'content'; readonly mode: '100644' | '100755' | '120000'; readonly content: Buffer }
  | { readonly kind: 'object'; readonly mode: '100644' | '100755'; readonly sha: Sha }
)

export interface Imported {
  readonly commit: Sha
  readonly tree: Sha
}

/** All by one process. The same files on the same head give the same commit. */
export async function importCommits(scratch: Scratch, imports: readonly Import[]): Promise<Imported[]> {
  if (imports.length === 0) return []
  const input = Buffer.concat([...imports.flatMap((one, at) => toStream(one, at + 1)), line('done\n')])
  const { stdout } = await scratch.git(['fast-import', '--quiet', '--force', '--done', '--date-format=raw'], { input })
  const lines = stdout.toString('latin1').split('\n').slice(0, -1)
  invariant(lines.length === 2 * imports.length, 'fast-import did not answer for every commit')
  return imports.map((_, at) => {
    const [commit = '', listed = ''] = lines.slice(2 * at)
    // `040000 tree <sha><TAB>`
    return { commit: requireSha(commit), tree: requireSha(listed.split(/[ \t]/)[2] ?? '') }
  })
}

function toStream({ head, files }: Import, mark: number): Uint8Array[] {
  const parts: Uint8Array[] = [
    Buffer.from(`commit refs/radar/${mark}\nmark :${mark}\ncommitter orch <orch@localhost> 0 +0000\ndata 0\nfrom ${head}\n`),
  ]
  // Removals first: a file that became a folder must leave before what is in the folder comes.
  for (const file of files) if (file.kind === 'gone') parts.push(line(`D ${quoted(file.path)}\n`))
  for (const file of files) {
    if (file.kind === 'object') parts.push(line(`M ${file.mode} ${file.sha} ${quoted(file.path)}\n`))
    if (file.kind === 'content') {
      parts.push(line(`M ${file.mode} inline ${quoted(file.path)}\ndata ${file.content.length}\n`), file.content, line('\n'))
    }
  }
  parts.push(line(`\nget-mark :${mark}\nls :${mark} ""\n`))
  return parts
}

function line(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}

/** As git unquotes: every byte that could mean something is an octal escape. */
function quoted(path: string): string {
  const escape = (byte: string): string => `\\${byte.charCodeAt(0).toString(8).padStart(3, '0')}`
  // oxlint-disable-next-line no-control-regex -- control characters are what is escaped
  return `"${path.replace(/["\\\u0000-\u001f\u007f-\u00ff]/g, escape)}"`
}
