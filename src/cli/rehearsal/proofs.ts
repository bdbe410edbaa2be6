import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type Context, wholeEnvironment } from '../context.ts'
import { narrated } from '../output.ts'
import type { Stage } from './rehearse.ts'

/** A command that must succeed in the merged repository. */
export interface Proof {
  readonly argv: readonly string[]
}

export function proofsOf(commands: readonly (readonly string[])[]): readonly Proof[] {
  return commands.map((argv) => ({ argv }))
}

/** Runs the merged repository's own tests; says each one's outcome. */
export async function runProofs(context: Context, stage: Stage): Promise<boolean> {
  let isProven = true
  for (const { argv } of stage.proofs) {
    const { code, output } = await narrated(context.output, `running ${argv.join(' ')}`, runIn(context, stage.repository, argv))
    context.output.note(`${code === 0 ? 'passed' : 'FAILED'}: ${argv.join(' ')} in the merged repository`)
    if (code === 0) continue
    context.output.note(output.slice(-2000))
    isProven = false
  }
  return isProven
}

async function runIn(context: Context, cwd: string, argv: readonly string[]): Promise<{ code: number | null; output: string }> {
  const [program = '', ...rest] = argv
  const child = spawn(program, rest, { cwd, env: wholeEnvironment(context), stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part: string) => (output += part))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output }
}
