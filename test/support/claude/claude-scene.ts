import { randomUUID } from 'node:crypto'
import { mkdirSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { SessionSpec } from '../../../src/ports/agent.ts'
import { startModelServer, type ModelServer } from '../../../src/rehearsal/model-server.ts'
import { parseScript } from '../../../src/rehearsal/script/script.ts'
import { endSessions } from '../end-sessions.ts'
import { makeFolder, removeFolder } from '../temporary.ts'

const require = createRequire(import.meta.url)
const platformPackage = `@anthropic-ai/claude-code-${process.platform}-${process.arch}/claude`
const oldest = dirname(require.resolve('claude-code-oldest/package.json'))

/** The real programs: the newest and the oldest supported. */
export const claudePrograms = {
  newest: require.resolve(platformPackage),
  oldest: createRequire(realpathSync(join(oldest, 'package.json'))).resolve(platformPackage),
}

/** A temporary home and worktrees, and scripted models on loopback; nothing here reaches a network or a real key. */
export class ClaudeScene {
  readonly folder = makeFolder('orch claude ')
  readonly #servers = new Map<string, Promise<ModelServer>>()
  readonly #specs: SessionSpec[] = []

  model(script: string): Promise<ModelServer> {
    const running = this.#servers.get(script) ?? startScripted(script)
    this.#servers.set(script, running)
    return running
  }

  async newSpec(script: string, changes: Partial<SessionSpec> = {}): Promise<SessionSpec> {
    const number = this.#specs.length
    const worktree = join(this.folder, `wt ${number}`)
    mkdirSync(worktree, { recursive: true })
    mkdirSync(join(this.folder, 'home'), { recursive: true })
    const spec: SessionSpec = {
      folder: join(this.folder, 'sessions', `demo.task-${number}`, '1.1'),
      conversationId: randomUUID(),
      begin: 'new',
      handle: `demo.task-${number}`,
      worktree,
      branchRef: 'refs/heads/feature/x',
      protectedPaths: [join(this.folder, 'main (1)')],
      environment: {
        PATH: process.env.PATH ?? '',
        HOME: join(this.folder, 'home'),
        ANTHROPIC_BASE_URL: (await this.model(script)).url,
        ANTHROPIC_API_KEY: 'sk-ant-fake',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        IS_SANDBOX: '1',
      },
      instructions: '',
      permissions: { allow: ['Bash(node:*)', 'Bash(echo:*)'], ask: [], deny: ['Bash(git push:*)'] },
      ...changes,
    }
    return this.remember(spec)
  }

  resumedSpec(spec: SessionSpec): SessionSpec {
    return this.remember({ ...spec, folder: `${spec.folder}.2`, begin: 'resume' })
  }

  remember(spec: SessionSpec): SessionSpec {
    this.#specs.push(spec)
    return spec
  }

  async close(): Promise<void> {
    await endSessions(this.#specs.map((spec) => spec.folder))
    for (const server of this.#servers.values()) await (await server).stop()
    removeFolder(this.folder)
  }
}

async function startScripted(text: string): Promise<ModelServer> {
  const parsed = parseScript(text)
  if (parsed.kind === 'refused') throw new Error(parsed.problems.map((problem) => problem.message).join('; '))
  return startModelServer({ script: parsed.script })
}
