import type { Tree } from './inquiry.ts'
import { BatchOver } from './interruption.ts'
import { confirm, condemn } from './judgement.ts'
import type { Accusation, Settlement } from './settlement.ts'
import type { Symptom } from './symptom.ts'
import { findTransitions } from './transition.ts'
import type { Unit } from '../units.ts'
import { withNeeds, without } from '../units.ts'

/** So many of the most suspected of each symptom are searched before all others. */
const SHORTLIST = 3
const TARGET_CONFIRMATIONS = 3

/**
 * `line` shows the symptoms. Afterwards the line without the accused and the sent back does not, so far as runs of only these tests tell.
 * Who is bad alone is sent back; who breaks something together with others is accused: the last of them in the order of the line.
 * The ranking decides only what is tried first.
 */
export async function isolate(s: Settlement, line: readonly Unit[], symptoms: readonly Symptom[]): Promise<void> {
  const before = await shownByTarget(s, symptoms)
  const suspects = await rankUnits(s, line, symptoms)
  const others = symptoms.filter((symptom) => !before.includes(symptom))
  await blame(s, line, others, suspects)
  if (before.length > 0) await outlastRedTarget(s, before, suspects, others)
}

/** Those that the target itself shows, each time: a queue is not stopped for a flaky test. */
async function shownByTarget(s: Settlement, symptoms: readonly Symptom[]): Promise<readonly Symptom[]> {
  const target = { base: s.base, members: [] }
  const [first] = await s.inquiry.ask([{ ...target, symptoms, why: 'target?' }])
  let red = symptoms.filter(({ key }) => first?.has(key))
  for (let times = 0; times < TARGET_CONFIRMATIONS && red.length > 0; times++) {
    const [again] = await s.inquiry.askAgain([{ ...target, symptoms: red, why: 'confirm' }])
    red = red.filter(({ key }) => again?.has(key))
  }
  return red
}

/** Nothing lands on a red target but what makes it green: one try without the suspects. */
async function outlastRedTarget(s: Settlement, before: readonly Symptom[], suspects: Suspects, others: readonly Symptom[]): Promise<void> {
  const doubtful = before.flatMap((symptom) => suspects.get(symptom)?.slice(0, 1) ?? [])
  const left = without(s.line, new Set(doubtful))
  const tree = { base: s.base, members: s.membersOf(left) }
  if (left.length === 0) throw await redTarget(s, before)
  const [shown] = await s.inquiry.ask([{ ...tree, symptoms: before, why: 'suspect' }])
  if (shown === undefined || shown.size > 0) throw await redTarget(s, before)
  for (const unit of doubtful) s.accused.set(unit, { symptoms: [...before, ...others], partners: [] })
}

async function redTarget(s: Settlement, symptoms: readonly Symptom[]): Promise<BatchOver> {
  const [known] = await s.inquiry.ask([{ base: s.base, members: [], symptoms, why: 'target?' }])
  const run = symptoms.flatMap(({ key }) => known?.get(key) ?? [])[0]
  const step = run?.step ?? symptoms[0]?.step ?? ''
  const tests = symptoms.flatMap(({ isStep, failure }) => (isStep ? [] : [failure.name]))
  const end = { kind: 'red-target', commit: s.base, step, tests, summary: run?.summary ?? '' } as const
  return new BatchOver(end, `the target fails ${step} without any of the entries`)
}

type Suspects = ReadonlyMap<Symptom, readonly Unit[]>

async function rankUnits(s: Settlement, line: readonly Unit[], symptoms: readonly Symptom[]): Promise<Suspects> {
  const rankings = await s.hands.rank({ base: s.base, members: s.membersOf(line), failures: symptoms.map(({ failure }) => failure) })
  const unitOf = new Map(line.flatMap((unit) => unit.members.map((member) => [member, unit] as const)))
  return new Map(
    symptoms.map((symptom) => {
      const ranking = rankings.find(({ test }) => test.name === symptom.failure.name && test.file === symptom.failure.file)
      const units = ranking?.suspects.flatMap(({ member }) => unitOf.get(member) ?? []) ?? []
      return [symptom, [...new Set(units)]]
    }),
  )
}

/** Until the line shows none of them any more. Each time round takes at least one unit out of it, or drops a symptom that turns out flaky. */
async function blame(s: Settlement, line: readonly Unit[], symptoms: readonly Symptom[], suspects: Suspects): Promise<void> {
  let red = await tryAlone(s, byFirstSuspect(symptoms, suspects), symptoms)
  red = s.line.length === line.length ? red : await shownByLine(s, red)
  while (red.length > 0 && s.line.length > 0) {
    const found = await search(s, s.line, red, suspects)
    const steady = await tryAlone(s, new Map([...found].map(([unit, { symptoms: own }]) => [unit, own])), red)
    for (const [unit, accusation] of found) if (s.open.includes(unit)) s.accused.set(unit, accusation)
    red = await shownByLine(s, steady)
  }
}

function byFirstSuspect(symptoms: readonly Symptom[], suspects: Suspects): ReadonlyMap<Unit, readonly Symptom[]> {
  const own = new Map<Unit, Symptom[]>()
  for (const symptom of symptoms) {
    const [first] = suspects.get(symptom) ?? []
    if (first !== undefined) own.set(first, [...(own.get(first) ?? []), symptom])
  }
  return own
}

async function shownByLine(s: Settlement, symptoms: readonly Symptom[]): Promise<readonly Symptom[]> {
  if (symptoms.length === 0 || s.line.length === 0) return []
  const [shown] = await s.inquiry.ask([{ ...treeOf(s, s.line), symptoms, why: 'suspect' }])
  return symptoms.filter(({ key }) => shown?.has(key))
}

/**
 * Sends back those that show a symptom of their own on the bare target, twice. Answers the symptoms that did not turn out flaky. Each is asked only
 * for what points at it: most are innocent, and all the symptoms of a batch are half a suite.
 */
async function tryAlone(
  s: Settlement,
  own: ReadonlyMap<Unit, readonly Symptom[]>,
  symptoms: readonly Symptom[],
): Promise<readonly Symptom[]> {
  const free = [...own].filter(([unit]) => unit.needs.size === 0 || s.isReady(unit))
  const shown = await s.inquiry.ask(free.map(([unit, asked]) => ({ ...treeOf(s, [unit]), symptoms: asked, why: 'alone' as const })))
  const cases = free.flatMap(([unit, asked], at) => {
    const red = asked.filter(({ key }) => shown[at]?.has(key))
    return red.length > 0 ? [{ unit, symptoms: red, partners: [] }] : []
  })
  const proofs = await confirm(s, cases)
  for (const proof of proofs) await condemn(s, proof)
  const lasting = new Set(proofs.flatMap(({ symptoms }) => symptoms))
  const flaky = new Set(cases.flatMap((suspect) => suspect.symptoms).filter((symptom) => !lasting.has(symptom)))
  return symptoms.filter((symptom) => !flaky.has(symptom))
}

/** At whom each symptom appears, and who stood before it there: its partners are among them. */
async function search(s: Settlement, line: readonly Unit[], red: readonly Symptom[], suspects: Suspects): Promise<Map<Unit, Accusation>> {
  const lists = shortlists(line, red, suspects)
  const shown = await s.inquiry.ask(lists.map(({ row, symptoms }) => ({ ...treeOf(s, row), symptoms, why: 'suspect' as const })))
  const found = new Map<Unit, Accusation>()
  const note = (unit: Unit, { symptoms, partners }: Accusation) =>
    found.set(unit, { symptoms: [...(found.get(unit)?.symptoms ?? []), ...symptoms], partners: found.get(unit)?.partners ?? partners })
  const placed = new Set<Symptom>()
  for (const [at, { row, symptoms }] of lists.entries()) {
    const inside = symptoms.filter(({ key }) => shown[at]?.has(key))
    for (const symptom of inside) placed.add(symptom)
    for (const [unit, accusation] of await searchRow(s, row, inside)) note(unit, accusation)
  }
  const others = red.filter((symptom) => !placed.has(symptom))
  for (const [unit, accusation] of await searchRow(s, line, others)) note(unit, accusation)
  return found
}

type Shortlist = { readonly row: readonly Unit[]; readonly symptoms: Symptom[] }

/** Symptoms with the same suspects share a row. */
function shortlists(line: readonly Unit[], red: readonly Symptom[], suspects: Suspects): readonly Shortlist[] {
  const lists = new Map<string, Shortlist>()
  for (const symptom of red) {
    const chosen = suspects.get(symptom)?.slice(0, SHORTLIST) ?? []
    const row = withNeeds(line, new Set(chosen.filter((unit) => line.includes(unit))))
    if (row.length < 2 || row.length > line.length / 2) continue
    const key = row.map(({ members }) => members[0]).join('\0')
    const list = lists.get(key) ?? { row, symptoms: [] }
    list.symptoms.push(symptom)
    lists.set(key, list)
  }
  return [...lists.values()]
}

async function searchRow(s: Settlement, row: readonly Unit[], symptoms: readonly Symptom[]): Promise<Map<Unit, Accusation>> {
  const prefix = { length: row.length, treeOf: (length: number) => treeOf(s, row.slice(0, length)), why: 'search' as const }
  const places = await findTransitions(s.inquiry, s.batch.slots, prefix, symptoms)
  const found = [...new Set(places.values())].sort((a, b) => a - b)
  return new Map(
    found.flatMap((at) => {
      const own = symptoms.filter(({ key }) => places.get(key) === at)
      return row.slice(at, at + 1).map((unit) => [unit, { symptoms: own, partners: row.slice(0, at) }] as const)
    }),
  )
}

function treeOf(s: Settlement, units: readonly Unit[]): Tree {
  return { base: s.base, members: s.membersOf(units) }
}
