import type { Random } from '../../../test/support/fleet/random.ts'
import { pick } from '../sets/chance.ts'
import { checksOf } from '../project/make-project.ts'
import { findDependents, findFunction, findNeighbours, importPath, sourcePath } from '../project/model.ts'
import { freshModule, restyleOf } from './good.ts'
import type { BranchPlan, Slots } from './plan.ts'

type Pairing = (random: Random, slots: Slots, a: BranchPlan, b: BranchPlan) => void

/** The two change the same lines, add the same file, or one takes away what the other changes. */
export const pairTextually: Pairing = (random, slots, a, b) => pick(random, [sameLines, sameLines, sameFile, goneFile])(random, slots, a, b)

const sameLines: Pairing = (_, slots, a, b) => {
  const ref = slots.take(() => [])
  a.edits.push(restyleOf(ref, 11))
  b.edits.push(restyleOf(ref, 12))
}

const sameFile: Pairing = (_, slots, a, b) => {
  const path = `docs/${slots.freshName('guide')}.md`
  for (const [plan, text] of [
    [a, 'First look.'],
    [b, 'Second thoughts.'],
  ] as const)
    plan.edits.push((draft) => {
      draft.files[path] = `# Guide\n\n${text}\n`
    })
}

const goneFile: Pairing = (_, slots, a, b) => {
  const path = slots.takePage()
  a.edits.push((draft) => {
    delete draft.files[path]
  })
  b.edits.push((draft) => {
    draft.files[path] = (draft.files[path] ?? '').replace('None known.', 'Amounts below nine billion.')
  })
}

/** Each is green alone, the two together are red, and no line is shared. */
export function pairSemantically(random: Random, slots: Slots, a: BranchPlan, b: BranchPlan, mayDemand: boolean): void {
  pick(random, mayDemand ? [rename, contract, demand] : [rename, contract])(random, slots, a, b)
}

/** A renames a function and all its callers, B adds a caller. */
const rename: Pairing = (random, slots, a, b) => {
  const ref = slots.take((one) => [...findNeighbours(slots.project, one), ...findDependents(slots.project, one, true)])
  a.edits.push((draft) => {
    const one = findFunction(draft, ref)
    one.name = `${one.name}InCents`
  })
  const module = { ...freshModule(random, slots, ref), isFrozen: true }
  b.edits.push((draft) => draft.modules.push(structuredClone(module)))
}

/** A changes what a function gives and every test of it, B relies on what it gave. */
const contract: Pairing = (random, slots, a, b) => {
  const ref = slots.take((one) => findDependents(slots.project, one))
  const dependents = findDependents(slots.project, ref)
  a.edits.push((draft) => {
    findFunction(draft, ref).offset += 100
    for (const one of [ref, ...dependents].map((found) => findFunction(draft, found)))
      one.checks = checksOf(
        draft,
        one,
        one.checks.map(({ amount }) => amount),
      )
  })
  const module = freshModule(random, slots, ref)
  b.edits.push((draft) => draft.modules.push(structuredClone(module)))
}

/** A adds a test over all modules, B a module that does not do as the test demands. At most one in a set: it judges every branch. */
const demand: Pairing = (random, slots, a, b) => {
  const { shape } = slots.project
  const path = shape.layout === 'beside' ? `packages/about.test.${shape.extension}` : `test/about.test.${shape.extension}`
  const folder = sourcePath(slots.project, { area: '.', name: 'x' }).split('/')[0] ?? ''
  a.edits.push((draft) => {
    draft.files[path] = demandText(importPath(path, 'tooling/work.mjs'), folder, shape.work)
  })
  const module = { ...freshModule(random, slots, undefined), isSilent: true }
  b.edits.push((draft) => draft.modules.push(structuredClone(module)))
}

function demandText(work: string, folder: string, rounds: number): string {
  return `import test from 'node:test'
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { work } from '${work}'

test('every module says what it is about', () => {
  work(${rounds})
  const modules = readdirSync('${folder}', { recursive: true }).filter((name) => /\\.m?js$/.test(name) && !name.includes('.test.'))
  const silent = modules.filter((name) => !readFileSync('${folder}/' + name, 'utf8').includes('export const about'))
  assert.deepEqual(silent, [])
})
`
}
