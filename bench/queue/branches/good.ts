import type { Random } from '../../../test/support/fleet/random.ts'
import { pick } from '../sets/chance.ts'
import { checksOf, makeFunction } from '../project/make-project.ts'
import { type FunctionRef, type Module, type Project, evaluate, findFunction, findModule } from '../project/model.ts'
import { areas } from '../project/words.ts'
import type { BranchPlan, Slots } from './plan.ts'

type Addition = (random: Random, slots: Slots, plan: BranchPlan) => void

/** One to three changes that break nothing, alone or with others. */
export function planGood(random: Random, slots: Slots): BranchPlan {
  const plan: BranchPlan = { kind: 'good', subject: '', edits: [] }
  const count = random.between(1, 3)
  for (let change = 0; change < count; change++) pick(random, [restyle, addFunction, addModule, addCheck, addPage])(random, slots, plan)
  return plan
}

/** A package of the repository's own: without an install of its own the branch fails. */
export function planPackage(random: Random, slots: Slots, beside: string): BranchPlan {
  const name = `${beside}-kit`
  const module = freshModule(random, slots, undefined)
  const plan: BranchPlan = { kind: 'good', subject: `Depend on ${name}`, edits: [] }
  plan.edits.push((draft) => {
    draft.packages.push(name)
    draft.modules.push({ ...module, package: name })
  })
  return plan
}

/** The same value, written otherwise. */
export function restyleOf(ref: FunctionRef, style: number): (draft: Project) => void {
  return (draft) => {
    findFunction(draft, ref).style = style
  }
}

const restyle: Addition = (random, slots, plan) => {
  const ref = slots.take(() => [])
  plan.subject ||= `Write ${ref.function} more clearly`
  plan.edits.push(restyleOf(ref, random.between(1, 9)))
}

/** Behind the function that it claims, and near to the one that follows. */
const addFunction: Addition = (random, slots, plan) => {
  const after = slots.take(({ module, function: id }) => {
    const { functions } = findModule(slots.project, module)
    const next = functions[functions.findIndex((one) => one.id === id) + 1]
    return next === undefined ? [] : [{ module, function: next.id }]
  })
  const made = makeFunction(random, slots.project, slots.freshName('extra'), false)
  plan.subject ||= `Add ${made.name} to ${after.module}`
  plan.edits.push((draft) => {
    const { functions } = findModule(draft, after.module)
    functions.splice(functions.findIndex(({ id }) => id === after.function) + 1, 0, structuredClone(made))
  })
}

/** Calls a function that nobody else changes. */
const addModule: Addition = (random, slots, plan) => {
  const module = freshModule(
    random,
    slots,
    slots.take(() => []),
  )
  plan.subject ||= `Add ${module.name}`
  plan.edits.push((draft) => draft.modules.push(structuredClone(module)))
}

const addCheck: Addition = (random, slots, plan) => {
  const ref = slots.take(() => [])
  const amount = random.between(41, 90)
  plan.subject ||= `Test ${ref.function} with ${amount}`
  plan.edits.push((draft) => {
    const one = findFunction(draft, ref)
    one.checks = [...one.checks, { amount, expected: evaluate(slots.project, findFunction(slots.project, ref), amount) }]
  })
}

const addPage: Addition = (_, slots, plan) => {
  const page = slots.freshName('page')
  plan.subject ||= `Describe ${page}`
  plan.edits.push((draft) => {
    draft.files[`docs/${page}.md`] = `# ${page}\n\nWhat it is about.\n`
  })
}

export function freshModule(random: Random, slots: Slots, calls: FunctionRef | undefined): Module {
  const name = slots.freshName('part')
  const made = makeFunction(random, slots.project, slots.freshName('sumOfPart'), false)
  if (calls !== undefined) made.calls = calls
  made.checks = checksOf(slots.project, made, [2, random.between(5, 30)])
  return { area: pick(random, areas), name, functions: [made] }
}
