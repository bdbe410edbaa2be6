import { text as wholeText } from 'node:stream/consumers'
import { identityOf } from '../../../platform/process-identity.ts'
import type { Context } from '../../context.ts'
import { EXIT } from '../../failures.ts'
import { whole, type Invocation } from '../../invocation.ts'
import { projectsOf } from '../../tasks/projects-of.ts'
import { repositoryOf } from '../../tasks/repository-of.ts'
import { parseSessionInput, type SessionInput } from '../hook-input.ts'
import { leadsSince, orchestratorFolder } from './orchestrators.ts'
import { waitForNews, takeNews, type Listener } from './wait-for-news.ts'
import { takeWaitingPlace } from './waiting-place.ts'

/**
 * Behind a session of Claude Code, from its start, a prompt, or the end of a turn on (`asyncRewake`): once there is news it stands on stderr, and
 * `needsHuman` becomes a new turn. `done` when the session or its place is gone.
 */
export async function news(context: Context, invocation: Invocation): Promise<number> {
  const listener = await listenerOf(context, invocation, await sessionInput())
  if (listener === undefined) return EXIT.done
  const left = takeWaitingPlace(listener.folder, listener.claude)
  const gatherMs = whole(invocation, 'gather', 0, 60_000) ?? GATHER_MS
  const words = await waitForNews(listener, gatherMs, AbortSignal.any([left, context.interruption()]))
  // What watches still would keep the process.
  if (words === undefined) process.exit(EXIT.done)
  context.output.note(words)
  process.exit(EXIT.needsHuman)
}

/** With a prompt of the person's: what has come meanwhile, as context. */
export async function prompt(context: Context, invocation: Invocation): Promise<number> {
  const input = await sessionInput()
  const listener = isWakening(input) ? undefined : await listenerOf(context, invocation, input)
  const words = listener && (await takeNews(listener))
  if (words !== undefined) context.output.json({ hookSpecificOutput: { hookEventName: 'UserPromptSubmit', additionalContext: words } })
  return EXIT.done
}

/** A person sees one thing after the other; a fleet often has several to say at once. */
const GATHER_MS = 2000

async function sessionInput(): Promise<SessionInput> {
  return parseSessionInput(await wholeText(process.stdin))
}

async function listenerOf(context: Context, invocation: Invocation, input: SessionInput): Promise<Listener | undefined> {
  const folder = orchestratorFolder(context.home, input.session_id)
  if (folder === undefined || leadsSince(folder) === undefined) return undefined
  const pid = whole(invocation, 'claude', 1, 2 ** 31)
  return {
    home: context.home,
    folder,
    transcript: input.transcript_path,
    projects: () => projectsFor(context.home, input.cwd),
    claude: pid === undefined ? undefined : await identityOf(pid),
    now: () => context.now(),
  }
}

/** A turn that a hook has begun is submitted like a prompt, and has its news. */
function isWakening({ prompt: text = '' }: SessionInput): boolean {
  return text.startsWith('<task-notification>')
}

/** Of the repository where the session is; of all where that is none of orch's. */
function projectsFor(home: string, cwd: string): readonly string[] {
  const here = projectsOf(home, repositoryOf(cwd))
  return here.length > 0 ? here : projectsOf(home, undefined)
}
