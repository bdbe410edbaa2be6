import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type Context, wholeEnvironment } from '../context.ts'

/** Everything by which a session could reach a real model or the person's own account. */
const REAL = /^(ANTHROPIC_|CLAUDE|AWS_|GOOGLE_|VERTEX|ORCH_)/

/** The person's environment with an empty home, a key that opens nothing, and the scripted model. */
export async function rehearsalEnvironment(context: Context, folder: string, modelUrl: string): Promise<Record<string, string>> {
  const kept = Object.entries(wholeEnvironment(context)).filter(([name]) => !REAL.test(name))
  const claude = bundledClaude()
  return {
    ...Object.fromEntries(kept),
    ...(await gitIdentity(context.cwd)),
    HOME: join(folder, 'home'),
    ANTHROPIC_BASE_URL: modelUrl,
    ANTHROPIC_API_KEY: 'sk-ant-rehearsal',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    IS_SANDBOX: '1',
    ...(context.environment['ORCH_CLAUDE'] !== undefined
      ? { ORCH_CLAUDE: context.environment['ORCH_CLAUDE'] }
      : claude !== undefined && { ORCH_CLAUDE: claude }),
  }
}

/** The Claude Code that comes with a checkout of orch; the person's own where there is none. */
function bundledClaude(): string | undefined {
  try {
    const require = createRequire(import.meta.url)
    const program = join(dirname(require.resolve(`@anthropic-ai/claude-code-${process.platform}-${process.arch}/package.json`)), 'claude')
    return existsSync(program) ? program : undefined
  } catch {
    return undefined
  }
}

/** The empty home has no git configuration, so the person's name comes along. */
async function gitIdentity(cwd: string): Promise<Record<string, string>> {
  const read = async (key: string): Promise<string | undefined> =>
    promisify(execFile)('git', ['config', '--get', key], { cwd }).then(
      ({ stdout }) => stdout.trim() || undefined,
      () => undefined,
    )
  const [name, email] = [(await read('user.name')) ?? 'Rehearsal', (await read('user.email')) ?? 'rehearsal@localhost']
  return { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email }
}
