import type { Random } from '../../../test/support/fleet/random.ts'
import { checksOf } from '../project/make-project.ts'
import { type FunctionRef, type Project, findDependents, findFunction, findNeighbours } from '../project/model.ts'
import type { BranchKind, BranchPlan, Slots } from './plan.ts'

export type BadKind = Exclude<BranchKind, 'good'>

/** Adds to a branch what makes it fail by itself. */
export function spoil(random: Random, slots: Slots, plan: BranchPlan, kind: BadKind): void {
  plan.kind = kind
  plan.edits.push(spoilers[kind](random, slots))
}

const spoilers: Readonly<Record<BadKind, (random: Random, slots: Slots) => (draft: Project) => void>> = {
  /** Touches the test that then fails. */
  'own-test': (random, slots) => {
    const ref = slots.take(() => [])
    return (draft) => {
      const one = findFunction(draft, ref)
      one.factor += 1
      one.checks = one.checks.slice(0, 1).map((check) => ({ ...check, expected: check.expected + 1 + random.between(1, 5) * 1000 }))
    }
  },
  /** Its own tests are right; those of a module that calls it, which the branch does not touch, are not any more. */
  'untouched-test': (_, slots) => {
    const ref = takeCalled(slots)
    return (draft) => {
      const one = findFunction(draft, ref)
      one.factor += 2
      one.checks = checksOf(
        draft,
        one,
        one.checks.map(({ amount }) => amount),
      )
    }
  },
  'removed-export': (_, slots) => {
    const ref = takeCalled(slots)
    return (draft) => {
      findFunction(draft, ref).isGone = true
    }
  },
  /** Nothing that imports the module can be loaded: it hides whatever else fails there. */
  syntax: (_, slots) => {
    const ref = slots.take(() => [])
    return (draft) => {
      findFunction(draft, ref).blemish = 'syntax'
    }
  },
  /** Fails in a step before the tests, which then do not run at all. */
  lint: (_, slots) => {
    const ref = slots.take(() => [])
    return (draft) => {
      findFunction(draft, ref).blemish = 'debugger'
    }
  },
}

/** A function that another module calls. Its neighbours are claimed as well: one that is taken away leaves no line between them. */
function takeCalled(slots: Slots): FunctionRef {
  return slots.take((ref) => {
    const isCalled = findDependents(slots.project, ref).some(({ module }) => module !== ref.module)
    return isCalled ? findNeighbours(slots.project, ref) : undefined
  })
}
