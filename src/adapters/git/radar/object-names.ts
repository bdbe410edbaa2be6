import { parseSha, type Sha } from '../../../foundation/brand.ts'
import { invariant } from '../../../foundation/invariant.ts'
import type { Scratch } from '../scratch.ts'

/** Which object each name (`<commit>^{tree}`, `<commit>:<path>`) stands for, by one process; undefined where there is none. Bytes, as latin1, without line ends. */
export async function resolveNames(scratch: Scratch, names: readonly string[]): Promise<(Sha | undefined)[]> {
  if (names.length === 0) return []
  const input = Buffer.from(names.map((name) => `${name}\n`).join(''), 'latin1')
  const { stdout } = await scratch.git(['cat-file', '--batch-check=%(objectname)'], { input })
  const lines = stdout.toString('latin1').split('\n').slice(0, -1)
  invariant(lines.length === names.length, 'cat-file did not answer for every name')
  return lines.map(parseSha)
}
