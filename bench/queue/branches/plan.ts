import type { Random } from '../../../test/support/fleet/random.ts'
import { shuffle } from '../sets/chance.ts'
import { type FunctionRef, type ModuleFunction, type Project, findFunction } from '../project/model.ts'

/** Why a branch can or cannot land; `good` ones may still be part of a pair. */
export type BranchKind = 'good' | 'own-test' | 'untouched-test' | 'removed-export' | 'syntax' | 'lint'

/** A branch before it has a name: edits of the project at base. */
export interface BranchPlan {
  kind: BranchKind
  subject: string
  readonly edits: ((draft: Project) => void)[]
}

/** Hands out functions such that no two branches come near each other but where that is meant. */
export class Slots {
  readonly project: Project
  readonly #random: Random
  readonly #claimed = new Set<string>()
  #added = 0

  constructor(random: Random, project: Project) {
    this.#random = random
    this.project = project
  }

  /** Claims a function for which `needs` gives all that is touched with it; undefined: not this one. */
  take(needs: (ref: FunctionRef, one: ModuleFunction) => readonly FunctionRef[] | undefined): FunctionRef {
    for (const ref of shuffle(this.#random, this.#all())) {
      const also = this.isClaimed(ref) ? undefined : needs(ref, findFunction(this.project, ref))
      if (also === undefined || also.some((one) => this.isClaimed(one))) continue
      for (const one of [ref, ...also]) this.#claimed.add(key(one))
      return ref
    }
    throw new Error('the project has too few functions for so many branches: raise --modules')
  }

  isClaimed(ref: FunctionRef): boolean {
    return this.#claimed.has(key(ref))
  }

  /** A document that no other branch touches. */
  takePage(): string {
    const path = shuffle(this.#random, Object.keys(this.project.files)).find((one) => !this.#claimed.has(one))
    if (path === undefined) throw new Error('the project has too few documents for so many textual pairs')
    this.#claimed.add(path)
    return path
  }

  /** A name that no other branch takes. */
  freshName(word: string): string {
    this.#added += 1
    return `${word}${this.#added}`
  }

  #all(): FunctionRef[] {
    return this.project.modules.flatMap(({ name, functions }) => functions.map(({ id }) => ({ module: name, function: id })))
  }
}

function key(ref: FunctionRef): string {
  return `${ref.module} ${ref.function}`
}
