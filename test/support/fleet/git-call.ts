import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { GitCall } from '../../fixtures/git-call.ts'

/** `outcomes`: kinds of the landings. */
export interface GitCallEnd {
  readonly count: number
  readonly failures: readonly string[]
  readonly outcomes: readonly string[]
}

/** Undefined when the process was killed. */
export function callGit(call: GitCall): Promise<GitCallEnd | undefined> {
  const script = fileURLToPath(new URL('../../fixtures/git-call.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), script, JSON.stringify(call)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve(undefined)
      else if (code === 0) resolve(JSON.parse(output) as GitCallEnd)
      else reject(new Error(`the call ended with ${code}`))
    })
  })
}
