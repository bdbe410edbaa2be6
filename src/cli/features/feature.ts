import { randomUUID } from 'node:crypto'
import { plainLine } from '../../foundation/text.ts'
import type { FeatureRequest } from '../../protocol/requests.ts'
import type { FeatureResponse, PlannedPart } from '../../protocol/responses.ts'
import type { Context } from '../context.ts'
import { wholeEnvironment } from '../context.ts'
import { ask } from '../daemon-client/client.ts'
import { EXIT, usageFailure } from '../failures.ts'
import { amount, flag, listed, oneOf, text } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { followToEnd } from '../fleet/run.ts'
import { rememberTask } from '../tasks/last-task.ts'

const PHASES = ['foundation', 'discovery', 'reviews', 'integration'] as const

export async function feature(context: Context, invocation: Invocation): Promise<number> {
  const response = await begin(context, invocation)
  const { task, isDryRun } = response
  if (!isDryRun) rememberTask(context, task.handle)
  if (flag(invocation, 'json')) context.output.json({ schema: 1, ...response })
  else for (const line of lines(response)) context.output.answer(line)
  for (const note of response.notes) context.output.note(plainLine(note))
  if (!isDryRun) context.output.note(`\`orch monitor\` shows it, \`orch wait ${plainLine(task.task)}\` waits for it.`)
  return EXIT.done
}

/** Begins one and shows it to its end: of a rehearsal, in which nobody waits elsewhere. */
export async function featureToEnd(context: Context, invocation: Invocation, whenInterrupted: string): Promise<number> {
  const interruption = context.interruption()
  const response = await begin(context, invocation)
  for (const line of [...lines(response), ...response.notes.map((note) => plainLine(note))]) context.output.note(line)
  return followToEnd(context, invocation, new Set([response.task.handle]), { interruption, whenInterrupted })
}

function begin(context: Context, invocation: Invocation): Promise<FeatureResponse> {
  const [goal = ''] = invocation.words
  if (goal.trim() === '') throw usageFailure('A feature needs a goal.', 'orch feature "Add payments" -d backend,frontend')
  return ask<FeatureResponse>(
    context,
    { method: 'POST', path: '/v1/feature', body: requestOf(context, invocation, goal), isRepeatable: true },
    'beginning the feature',
  )
}

function requestOf(context: Context, invocation: Invocation, goal: string): FeatureRequest {
  const [name, base, model, validate] = ['name', 'base', 'model', 'validate'].map((option) => text(invocation, option))
  const budgetUsd = amount(invocation, 'budget')
  const land = oneOf(invocation, 'land', ['auto', 'review'])
  const departments = listed(invocation, 'departments')
  if (departments.length === 0 && text(invocation, 'departments') !== undefined)
    throw usageFailure('--departments names none.', 'orch feature "…" -d backend,frontend')
  const without = listed(invocation, 'without').map(phaseNamed)
  return {
    cwd: context.cwd,
    text: goal,
    ...(name !== undefined && { name }),
    ...(departments.length > 0 && { departments: [...departments] }),
    ...(without.length > 0 && { without }),
    ...(base !== undefined && { base }),
    ...(land !== undefined && { land }),
    ...(model !== undefined && { model }),
    ...(validate !== undefined && { validate }),
    ...(budgetUsd !== undefined && { budgetUsd }),
    environment: wholeEnvironment(context),
    id: randomUUID(),
    ...(flag(invocation, 'dryRun') && { isDryRun: true }),
  }
}

function phaseNamed(written: string): (typeof PHASES)[number] {
  const phase = PHASES.find((known) => known === written)
  if (phase === undefined) throw usageFailure(`--without takes phases of ${PHASES.join(', ')}, not "${written}".`)
  return phase
}

/** What begins when, on which branch, whose files, and who looks at it. */
function lines({ task, parts, phases, gates, land, isDryRun }: FeatureResponse): string[] {
  const steps = parts.map(
    (part, at) => `${step(parts, at)} ${part.department.padEnd(width(parts))}  ${plainLine(part.branch)}${about(part)}`,
  )
  const discovery = phases.discovery ? ['Each writes its plan and its contract to the board before it edits.'] : []
  const asked = gates.length > 0 ? [`You are asked at the gates ${gates.map((gate) => plainLine(gate)).join(', ')}.`] : []
  const end = land === 'auto' ? 'When it is ready it lands by itself.' : `When it is ready: orch merge ${plainLine(task.task)}`
  return [
    `${plainLine(task.handle)}: ${isDryRun ? 'would start' : 'started'} with ${parts.length} department${parts.length === 1 ? '' : 's'}`,
    ...steps,
    ...discovery,
    ...asked,
    end,
  ]
}

/** Those of one phase begin together. */
function step(parts: readonly PlannedPart[], at: number): string {
  const phases = [...new Set(parts.map(({ phase }) => phase))]
  const phase = parts[at]?.phase
  return parts.findIndex((part) => part.phase === phase) === at ? `${phases.findIndex((one) => one === phase) + 1}.` : '  '
}

function width(parts: readonly PlannedPart[]): number {
  return Math.max(...parts.map(({ department }) => department.length))
}

function about({ owns, reviewers, model, budgetUsd }: PlannedPart): string {
  const facts = [
    ...(owns.length > 0 ? [`owns ${owns.map((glob) => plainLine(glob)).join(', ')}`] : []),
    ...(reviewers.length > 0 ? [`reviewed by ${reviewers.join(', ')}`] : []),
    ...(model === undefined ? [] : [plainLine(model)]),
    ...(budgetUsd === undefined ? [] : [`$${budgetUsd.toFixed(2)}`]),
  ]
  return facts.length === 0 ? '' : `  (${facts.join('; ')})`
}
