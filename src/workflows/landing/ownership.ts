import { hasLimits, trespassPrompt, trespassSummary, whose, type Bounds, type Trespass } from '../../domain/features/ownership.ts'
import { askPerson } from '../gates/ask-person.ts'
import type { TaskLife } from '../life/task-life.ts'
import type { TaskInput } from '../task-input.ts'
import type { Clearance } from './clearance.ts'

/**
 * What this task may change; undefined where nothing limits it. Foundation and integration without `owns` of their own work while no other
 * department does, so nothing is anybody else's then.
 */
export function boundsOf({ task, part, settings, kind }: TaskInput): Bounds | undefined {
  if (part === undefined) {
    // What a person does by hand is theirs.
    if (kind === 'manual' || settings.ownership === undefined || task.owns.length === 0) return undefined
    return { mode: settings.ownership, owns: task.owns, others: [], contracts: [] }
  }
  const { department, departments, contracts, phase } = part
  if (phase !== 'departments' && department.owns.length === 0) return undefined
  const others = departments.filter(({ name }) => name !== department.name)
  const bounds = { mode: part.ownership, owns: department.owns, department: department.name, others, contracts }
  return hasLimits(bounds) ? bounds : undefined
}

/** Whether the commit keeps to what its task may change, whoever or whatever wrote it. */
export async function withinOwnership(life: TaskLife, commit: string): Promise<Clearance> {
  const bounds = boundsOf(life.input)
  if (bounds === undefined) return { kind: 'clear' }
  const { run, input, services, base, permitted } = life
  const found = await run.step('ownership', async () => [...(await services.ownerships.trespasses(input, base, commit))])
  const trespasses = found.filter(({ path }) => !permitted.has(path))
  if (trespasses.length === 0) return { kind: 'clear' }
  switch (bounds.mode) {
    case 'deny':
      return objection(life, bounds, trespasses)
    case 'ask':
      return askAbout(life, bounds, trespasses, commit)
    case 'warn':
      life.note({ message: { at: await run.step('trespass', () => services.now()), kind: 'note', text: trespassSummary(trespasses) } })
      return { kind: 'clear' }
  }
}

function objection({ input, base }: TaskLife, bounds: Bounds, trespasses: readonly Trespass[], words = ''): Clearance {
  const prompt = trespassPrompt(input.task.id, base, bounds, trespasses)
  return { kind: 'objection', prompt: words === '' ? prompt : `${prompt}\n\n${words}`, reason: trespassSummary(trespasses) }
}

const GATE = 'ownership'

async function askAbout(life: TaskLife, bounds: Bounds, trespasses: readonly Trespass[], commit: string): Promise<Clearance> {
  const [paths, why] = [trespasses.map(({ path }) => path), trespassSummary(trespasses)]
  const feature = life.input.part?.feature
  const text = [`May this land? ${why}.`, ...trespasses.map((trespass) => `- ${whose(bounds, trespass)}`)].join('\n')
  const answer = await askPerson(life, {
    key: `ownership ${commit}`,
    message: { text, about: { commit, paths }, options: ['approve', 'deny'], gate: GATE, ...(feature !== undefined && { feature }) },
    stage: (id) => ({ kind: 'at-gate', asks: [{ id, gate: GATE, why }] }),
  })
  if (answer.kind !== 'answered') return answer
  if (answer.decision !== 'approve') return objection(life, bounds, trespasses, answer.text === '' ? '' : `The person says: ${answer.text}`)
  for (const path of paths) life.permitted.add(path)
  return { kind: 'clear' }
}
