import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { GitCall } from '../../fixtures/git-call.ts'

/** Undefined when the process was killed. */
export function callGit(call: GitCall): Promise<{ count: number; failures: readonly string[] } | undefined> {
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
      else if (code === 0) resolve(JSON.parse(output) as { count: number; failures: readonly string[] })
      else reject(new Error(`the call ended with ${code}`))
    })
  })
}
