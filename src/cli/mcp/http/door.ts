import { createMcpHandler } from '@modelcontextprotocol/server'
import { ownVersion } from '../../../config/version.ts'
import { Failure } from '../../../foundation/failure.ts'
import { deniedAccess, type Access } from '../../../platform/loopback/access.ts'
import type { Context } from '../../context.ts'
import { makeServer } from '../server.ts'
import { isFolder, siteIn } from '../site.ts'

export const PATH = '/mcp'
/** Where the client stands: a folder. */
const REPOSITORY_HEADER = 'orch-repository'
/** Who the client is: `person`, or else a session, to which the words of the person are refused. */
const CLIENT_HEADER = 'orch-client'
const PERSON = 'person'

const LARGEST_BODY_BYTES = 1_000_000

export interface Door {
  readonly fetch: (request: Request) => Promise<Response>
  close(): Promise<void>
}

/** Answers each request by itself and keeps nothing between two of them. */
export function openDoor(context: Context, access: () => Access): Door {
  const running = ownVersion()
  const served = createMcpHandler(
    ({ requestInfo }) => {
      const header = (name: string): string => requestInfo?.headers.get(name) ?? ''
      return makeServer({
        site: () => siteIn(inNameOf(context, header(CLIENT_HEADER)), () => folderSaid(header(REPOSITORY_HEADER))),
        running,
        versionNow: ownVersion,
        // Nobody would start it again.
        onReplaced: () => undefined,
      })
    },
    { maxRequestBodySize: LARGEST_BODY_BYTES },
  )
  return {
    fetch: async (request) => {
      const header = (name: string): string | undefined => request.headers.get(name) ?? undefined
      const denial = deniedAccess(access(), header)
      if (denial !== undefined) return refusal(403, denial, 'access denied')
      if (new URL(request.url).pathname !== PATH) return refusal(404, 'unknown-path', `only ${PATH} is served here`)
      if ((header(CLIENT_HEADER) ?? '') === '')
        return refusal(400, 'no-client', `the header ${CLIENT_HEADER} is missing: \`orch mcp --http\` prints the configuration`)
      return served.fetch(request)
    },
    close: () => served.close(),
  }
}

function refusal(status: number, code: string, message: string): Response {
  return Response.json({ error: { code, message } }, { status })
}

/** Whoever does not say that it is the person's client is taken for a session: no word of the person is taken from it. */
function inNameOf(context: Context, client: string): Context {
  return client === PERSON ? context : { ...context, environment: { ...context.environment, ORCH_SESSION: client } }
}

function folderSaid(folder: string): Promise<string> {
  if (isFolder(folder)) return Promise.resolve(folder)
  const failure = new Failure(
    'unknown-repository',
    folder === '' ? 'The client did not say where it stands.' : 'There is no folder where the client says that it stands.',
    {
      safe: 'nothing was done.',
      next: `name the project in \`repository\`, or its folder in the header ${REPOSITORY_HEADER}`,
    },
  )
  return Promise.reject(failure)
}
