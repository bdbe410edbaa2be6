import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeDemoProject } from '../../rehearsal/demo-project.ts'
import { type ModelServerChild, startModelServerChild } from '../../rehearsal/model-server-child.ts'
import type { Context } from '../context.ts'
import { followEvents } from '../daemon-client/event-stream.ts'
import { exchange } from '../daemon-client/exchange.ts'
import { loadEndpoint } from '../daemon-client/endpoint.ts'
import { untilGone } from '../daemon-client/daemon-start.ts'
import { loadStatuses } from '../tasks/status-files.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import { EXIT, exitCodeOf, usageFailure } from '../failures.ts'
import { featureToEnd } from '../features/feature.ts'
import { run } from '../fleet/run.ts'
import { flag, text, type Invocation } from '../invocation.ts'
import { narrated } from '../output.ts'
import { cloneForRehearsal } from './clone-repository.ts'
import { type Proof, proofsOf, runProofs } from './proofs.ts'
import { rehearsalEnvironment } from './rehearsal-environment.ts'

/** What is rehearsed: a repository of its own in a temporary folder, so that nothing of the user's is touched. */
export interface Stage {
  readonly repository: string
  readonly backlog?: string
  readonly scriptFile?: string
  readonly proofs: readonly Proof[]
}

/** `orch rehearse`: the whole machine against a scripted model on loopback, no key, no token, no network. */
export async function rehearse(context: Context, invocation: Invocation): Promise<number> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'orch-rehearsal-')))
  try {
    return await rehearseIn(context, invocation, folder)
  } catch (error) {
    // A backlog that cannot be run leaves nothing to look at.
    if (exitCodeOf(error) === EXIT.usage) await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    throw error
  }
}

async function rehearseIn(context: Context, invocation: Invocation, folder: string): Promise<number> {
  requireOneThing(invocation)
  const startedAt = context.now()
  const stage = await narrated(context.output, 'making the repository of the rehearsal', setStage(context, invocation, folder))
  const model = await startModelServerChild({
    ...(stage.scriptFile !== undefined && { scriptFile: stage.scriptFile }),
    recordFile: join(folder, 'requests.jsonl'),
  })
  try {
    context.output.note(`Rehearsal in ${folder}: real sessions, real git; the model is a script on ${model.url}.`)
    const rehearsed = await rehearsedContext(context, folder, stage, model)
    const code = await play(rehearsed, invocation, stage)
    const proven = code === EXIT.done && (await runProofs(rehearsed, stage))
    sayWhereToLook(context, folder, stage, context.now() - startedAt)
    return code === EXIT.done && !proven ? EXIT.failed : code
  } finally {
    await stopRehearsal(context, stage, join(folder, 'orch'))
    await model.stop()
  }
}

const INTERRUPTED = 'The rehearsal was interrupted; its sessions are being stopped …'

function play(context: Context, invocation: Invocation, stage: Stage): Promise<number> {
  const goal = text(invocation, 'feature')
  if (goal === undefined) return run(context, onStage(invocation, stage), INTERRUPTED)
  const { departments, name, without, land, json } = invocation.options
  return featureToEnd(context, { words: [goal], options: { departments, name, without, land: land ?? 'auto', json } }, INTERRUPTED)
}

async function setStage(context: Context, invocation: Invocation, folder: string): Promise<Stage> {
  await mkdir(join(folder, 'home'))
  const script = text(invocation, 'script')
  if (text(invocation, 'feature') !== undefined) return cloneForRehearsal(context, folder, undefined, script)
  if (!flag(invocation, 'demo')) return cloneForRehearsal(context, folder, { path: invocation.words[0] }, script)
  const demo = await makeDemoProject(folder)
  return { repository: demo.repository, scriptFile: script ?? demo.scriptFile, proofs: proofsOf(demo.proofs) }
}

async function rehearsedContext(context: Context, folder: string, stage: Stage, model: ModelServerChild): Promise<Context> {
  return {
    ...context,
    cwd: stage.repository,
    home: join(folder, 'orch'),
    environment: await rehearsalEnvironment(context, folder, model.url),
  }
}

/** What would otherwise be passed over in silence. */
function requireOneThing(invocation: Invocation): void {
  const given = (names: readonly string[]): string | undefined => names.find((name) => invocation.options[name] !== undefined)
  const goal = text(invocation, 'feature')
  const idle = goal === undefined ? given(['departments', 'name', 'without']) : given(['demo', 'only', 'max'])
  if (idle !== undefined)
    throw usageFailure(
      `--${idle} does not go ${goal === undefined ? 'without' : 'with'} --feature.`,
      'orch rehearse --feature "…" -d backend,frontend',
    )
  if (goal?.trim() === '') throw usageFailure('A feature needs a goal.', 'orch rehearse --feature "Add payments" -d backend,frontend')
  if (goal !== undefined && invocation.words.length > 0)
    throw usageFailure('A feature has no backlog.', `orch rehearse --feature "…", or orch rehearse ${invocation.words[0] ?? ''}`)
}

/** The run's own options; the backlog is the copy's. */
function onStage(invocation: Invocation, stage: Stage): Invocation {
  const { max, only, land, json } = invocation.options
  return { words: stage.backlog === undefined ? [] : [stage.backlog], options: { max: max ?? '6', only, land, json } }
}

function sayWhereToLook(context: Context, folder: string, stage: Stage, tookMs: number): void {
  const note = (line: string): void => context.output.note(line)
  note(
    `The rehearsal took ${(tookMs / 1000).toFixed(1)} s. Nothing was spent: the amounts are what its tokens would have cost. Look at it:`,
  )
  note(`  git -C ${stage.repository} log --graph --oneline`)
  note(`  cat ${join(folder, 'orch', 'sessions')}/*/status.json`)
  note(`  ${join(folder, 'requests.jsonl')} lists what the model was asked`)
  note(`Remove it: rm -rf ${folder}`)
}

const STOPPED_WITHIN_MS = 15_000

/** Sessions outlive their daemon, but nobody comes back to a rehearsal: what still runs is stopped before the daemon is. */
async function stopRehearsal(context: Context, stage: Stage, home: string): Promise<void> {
  const endpoint = existsSync(home) ? loadEndpoint(home) : undefined
  if (endpoint === undefined) return
  const running = loadStatuses(home).tasks.filter(({ status }) => status !== 'Merged' && status !== 'Archived')
  for (const { handle } of running)
    await exchange(endpoint, { method: 'POST', path: '/v1/stop', body: { cwd: stage.repository, name: handle } }).catch(() => undefined)
  const deadline = AbortSignal.timeout(STOPPED_WITHIN_MS)
  const left = new Set(running.map(({ handle }) => handle))
  for await (const event of left.size === 0 ? [] : followEvents({ ...context, home }, deadline)) {
    for (const task of event.kind === 'hello' ? event.tasks : event.kind === 'task' ? [event.task] : [])
      if (hasStopped(task)) left.delete(task.handle)
    if (left.size === 0) break
  }
  await exchange(endpoint, { method: 'POST', path: '/v1/daemon/stop', body: {} }).catch(() => undefined)
  await untilGone(home, endpoint)
}

function hasStopped({ status, isWaitingForHuman }: TaskStatus): boolean {
  return status === 'Merged' || status === 'Archived' || (isWaitingForHuman && status !== 'Needs you')
}
