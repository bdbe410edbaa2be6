import type { Breakage } from '../entry.ts'
import type { Probe, Tree } from './inquiry.ts'
import { MembersGone } from './interruption.ts'
import type { Settlement } from './settlement.ts'
import type { FailedRun, Symptom } from './symptom.ts'
import { findTransitions } from './transition.ts'
import type { Unit } from '../units.ts'

/** On what has landed so far the symptoms are not shown, and with this unit they are. */
export type Case = { readonly unit: Unit; readonly symptoms: readonly Symptom[]; readonly partners: readonly Unit[] }
/** A case of which the run says that it is no accident. */
export type Proof = Case & { readonly run: FailedRun }

/** More reruns where one says too little. */
const EXTRA = 2

/** Accused units against what has landed meanwhile: those that break it go back, the others are free of the accusation. */
export async function judgeAccused(s: Settlement): Promise<void> {
  const accused = [...s.accused].filter(([unit]) => s.isReady(unit))
  const probes = accused.map(([unit, { symptoms }]): Probe => ({ ...withUnit(s, unit), symptoms, why: 'alone' }))
  const shown = await s.inquiry.ask(probes)
  const cases = accused.flatMap(([unit, { symptoms, partners }], at): readonly Case[] => {
    const red = symptoms.filter(({ key }) => shown[at]?.has(key))
    return red.length > 0 ? [{ unit, symptoms: red, partners }] : []
  })
  s.accused.clear()
  for (const proof of await confirm(s, cases)) await condemn(s, proof)
}

/**
 * A test that fails in one run of twenty for no reason has by now failed in the whole run, in its rerun and with the unit alone; here at least once
 * more, while the base passes it again: 0.05⁴ for an innocent. A test that was seen to come and go, and a line of one, where the whole and alone
 * are the same run, take more.
 */
export async function confirm(s: Settlement, cases: readonly Case[]): Promise<readonly Proof[]> {
  let proofs = await confirmOnce(s, cases)
  const isDoubtful = ({ symptoms }: Case) => s.line.length === 1 || symptoms.some(({ key }) => s.inquiry.isFlaky(key))
  for (let more = EXTRA; more > 0; more--) {
    const settled = proofs.filter((proof) => !isDoubtful(proof))
    proofs = [...settled, ...(await confirmOnce(s, proofs.filter(isDoubtful)))]
  }
  return proofs
}

/** One more run of each case, and one of the base for all of them. */
async function confirmOnce(s: Settlement, cases: readonly Case[]): Promise<readonly Proof[]> {
  const bases = byStep(cases.flatMap(({ symptoms }) => symptoms)).map((symptoms): Probe => ({ ...bare(s), symptoms, why: 'confirm' }))
  const probes = cases.map(({ unit, symptoms }): Probe => ({ ...withUnit(s, unit), symptoms, why: 'confirm' }))
  const answers = await s.inquiry.askAgain([...bases, ...probes])
  const onBase = new Set(answers.slice(0, bases.length).flatMap((shown) => [...shown.keys()]))
  return cases.flatMap((found, at) => {
    const shown = answers[bases.length + at]
    const symptoms = found.symptoms.filter(({ key }) => shown?.has(key) === true && !onBase.has(key))
    const run = symptoms.flatMap(({ key }) => shown?.get(key) ?? [])[0]
    return run === undefined ? [] : [{ ...found, symptoms, run }]
  })
}

/** Each once. */
function byStep(symptoms: readonly Symptom[]): readonly (readonly Symptom[])[] {
  const steps = new Map<string, Map<string, Symptom>>()
  for (const symptom of symptoms) steps.set(symptom.step, (steps.get(symptom.step) ?? new Map()).set(symptom.key, symptom))
  return [...steps.values()].map((byKey) => [...byKey.values()])
}

export async function condemn(s: Settlement, proof: Proof): Promise<void> {
  const { unit, run } = proof
  const culprit = await culpritOf(s, proof)
  const partner = await partnerOf(s, proof)
  const { step, failures, summary, tail, log } = run
  const breakage: Breakage & { kind: 'fails' } = { kind: 'fails', base: s.base, step, failures, summary, tail, log }
  await s.sendBack(unit, culprit, partner === undefined ? breakage : { ...breakage, with: s.nameOf(partner) })
}

/** Of a group the member at which the first symptom appears. */
export async function culpritOf(s: Settlement, { unit, symptoms }: Proof): Promise<string> {
  const [first = ''] = unit.members
  if (unit.members.length === 1) return first
  const treeOf = (length: number) => ({ base: s.base, members: unit.members.slice(0, length) })
  const row = { length: unit.members.length, treeOf, why: 'search' as const }
  const places = await findTransitions(s.inquiry, s.batch.slots, row, symptoms.slice(0, 1))
  return unit.members[[...places.values()][0] ?? 0] ?? first
}

/** Who landed in this batch and without whom the unit is no trouble: the last of the fewest with whom it is. */
export async function partnerOf(s: Settlement, { unit, symptoms, partners }: Proof): Promise<string | undefined> {
  const symptom = symptoms.slice(0, 1)
  if (s.landed.length === 0) return undefined
  const isShown = async (row: readonly Unit[]) => {
    const [shown] = await s.inquiry.ask([{ ...amid(s, row, unit), symptoms: symptom, why: 'partner' }])
    return (shown?.size ?? 0) > 0
  }
  try {
    if (await isShown(s.landed.filter((other) => unit.needs.has(other)))) return undefined
    const near = s.landed.filter((other) => partners.includes(other))
    const row = near.length > 0 && near.length < s.landed.length && (await isShown(near)) ? near : s.landed
    const prefix = { length: row.length, treeOf: (length: number) => amid(s, row.slice(0, length), unit), why: 'partner' as const }
    const places = await findTransitions(s.inquiry, s.batch.slots, prefix, symptom)
    return row[[...places.values()][0] ?? 0]?.members.at(-1)
  } catch (error) {
    // Parts of what landed need not merge in another company. The name is a courtesy; the breakage stands without it.
    if (error instanceof MembersGone) return undefined
    throw error
  }
}

function bare(s: Settlement): Tree {
  return { base: s.base, members: [] }
}

function withUnit(s: Settlement, unit: Unit): Tree {
  return { base: s.base, members: s.membersOf([unit]) }
}

/** The target of the batch's beginning with some of what landed since. */
function amid(s: Settlement, landed: readonly Unit[], unit: Unit): Tree {
  const needed = s.landed.filter((other) => unit.needs.has(other))
  return { base: s.batch.target, members: s.membersOf([...needed, ...landed, unit]) }
}
