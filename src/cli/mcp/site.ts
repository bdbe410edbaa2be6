import { statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Server } from '@modelcontextprotocol/server'
import { Failure } from '../../foundation/failure.ts'
import { plainLine } from '../../foundation/text.ts'
import type { Context } from '../context.ts'
import { knownRepositories } from '../tasks/projects-of.ts'
import { repositoryOf } from '../tasks/repository-of.ts'
import type { Site } from './tools/call-tool.ts'

/**
 * Where a call stands: in the folder of its client, or in another repository that orch knows. A model names no other folder: git is run there, and what a
 * folder's configuration says could run with it. Failure: `unknown-repository`.
 */
export function siteIn(context: Context, clientFolder: () => Promise<string>): Site {
  return async (repository) => {
    if (repository === undefined) return { ...context, cwd: await clientFolder() }
    return { ...context, cwd: knownRepository(context.home, repository) ?? (await ownRepository(context.home, repository, clientFolder)) }
  }
}

const ROOTS_WITHIN_MS = 2_000

/** Of a client that started this process: what it says in its environment, or when asked, or the folder that it started us in. */
export function folderOfClient({ environment, cwd }: Context, server: Server): () => Promise<string> {
  const said = environment['CLAUDE_PROJECT_DIR'] ?? ''
  let roots: Promise<string> | undefined
  return () => {
    if (isFolder(said)) return Promise.resolve(said)
    return (roots ??= firstRoot(server).then((root) => root ?? cwd))
  }
}

/** Only the clients of 2025 can be asked. */
async function firstRoot(server: Server): Promise<string | undefined> {
  if (server.getClientCapabilities()?.roots === undefined) return undefined
  try {
    const { roots } = await server.listRoots(undefined, { timeout: ROOTS_WITHIN_MS })
    return roots.map(({ uri }) => fileURLToPath(uri)).find(isFolder)
  } catch {
    return undefined
  }
}

function knownRepository(home: string, asked: string): string | undefined {
  return knownRepositories(home).find(({ project, repository }) => asked === project || asked === repository)?.repository
}

/** One that orch does not know yet may be named by whoever stands in it. */
async function ownRepository(home: string, asked: string, clientFolder: () => Promise<string>): Promise<string> {
  const own = await clientFolder().then(repositoryOf, () => undefined)
  if (own === asked) return own
  const known = knownRepositories(home).map(({ project }) => project)
  throw new Failure('unknown-repository', `orch knows no repository called "${plainLine(asked)}"`, {
    safe: 'nothing was done.',
    next: known.length === 0 ? 'leave `repository` out' : `one of ${plainLine(known.join(', '), 500)}`,
  })
}

export function isFolder(path: string): boolean {
  return path !== '' && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}
