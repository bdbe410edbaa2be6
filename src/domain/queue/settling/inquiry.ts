import type { Sha } from '../../../foundation/brand.ts'
import type { Hands, Unbuildable, Why } from '../hands.ts'
import type { Scope, TestRun } from '../test-run.ts'
import { BatchOver, MembersGone } from './interruption.ts'
import type { FailedRun, Symptom } from './symptom.ts'
import { scopeOf, shownBy } from './symptom.ts'

export type Tree = { readonly base: Sha; readonly members: readonly string[] }
/** Symptoms of one step. */
export type Probe = Tree & { readonly symptoms: readonly Symptom[]; readonly why: Why }
/** Keys of the symptoms that the tree shows, each with the run that showed it. */
export type Shown = ReadonlyMap<string, FailedRun>
type EndedRun = Exclude<TestRun, { kind: 'stopped' }>

/**
 * Asks for runs and remembers per tree what they showed, so that nothing is asked twice except on purpose. At most `slots` runs go side by side;
 * the next begin when all of them have ended, so the order of the calls depends on answers only and not on who was first.
 */
export class Inquiry {
  readonly #hands: Hands
  readonly #slots: number
  /** How many there were. */
  runs = 0
  readonly #asked = new Set<string>()
  readonly #reruns = new Map<string, number>()
  readonly #known = new Map<string, Map<string, FailedRun | 'passes'>>()
  readonly #green = new Set<string>()
  readonly #flaky = new Set<string>()

  constructor(hands: Hands, slots: number) {
    this.#hands = hands
    this.#slots = Math.max(1, slots)
  }

  noteGreen(tree: Tree): void {
    this.#green.add(keyOf(tree))
  }

  isGreen(tree: Tree): boolean {
    return this.#green.has(keyOf(tree))
  }

  /** All steps, or one whole step. Asked again, it runs again. */
  async run(tree: Tree, scope: Scope, why: Why): Promise<EndedRun> {
    return requireBuilt(await this.#call(tree, scope, why, false))
  }

  /** Which symptoms each tree shows; what is known is not asked again. */
  async ask(probes: readonly Probe[]): Promise<readonly Shown[]> {
    const open = probes.map((probe) => ({ ...probe, symptoms: probe.symptoms.filter(({ key }) => this.#recall(probe, key) === undefined) }))
    const runs = await this.#wave(
      open.filter(({ symptoms }) => symptoms.length > 0),
      false,
    )
    for (const { probe, run } of runs) this.#learn(probe, run)
    return probes.map((probe) => this.#shown(probe))
  }

  /** Asks again what is known: which symptoms are shown now. Those that were shown or not shown before come and go on the same tree: flaky. */
  async askAgain(probes: readonly Probe[]): Promise<readonly Shown[]> {
    const runs = await this.#wave(probes, true)
    const answers: Shown[] = []
    for (const { probe, run } of runs) {
      const shown = shownBy(run, probe.symptoms)
      const wasShown = ({ key }: Symptom) => this.#recall(probe, key) !== 'passes'
      await this.#noteFlaky(probe.symptoms.filter((symptom) => shown.has(symptom.key) !== wasShown(symptom)))
      answers.push(new Map(run.kind === 'failed' ? [...shown].map((key) => [key, run]) : []))
    }
    return answers
  }

  isFlaky(key: string): boolean {
    return this.#flaky.has(key)
  }

  /** Of one step. */
  async #noteFlaky(symptoms: readonly Symptom[]): Promise<void> {
    const [first] = symptoms
    for (const { key } of symptoms) this.#flaky.add(key)
    if (first !== undefined) await this.#hands.noteFlaky(first.step, scopeOf(symptoms).tests)
  }

  /** Known without another run. */
  noteShown(tree: Tree, key: string, run: FailedRun): void {
    this.#of(tree).set(key, run)
  }

  async #wave(probes: readonly Probe[], isAgain: boolean): Promise<readonly { probe: Probe; run: EndedRun }[]> {
    const ended: { probe: Probe; run: EndedRun }[] = []
    for (let at = 0; at < probes.length; at += this.#slots) {
      const wave = probes.slice(at, at + this.#slots)
      const runs = await Promise.all(
        wave.map(async (probe) => ({ probe, run: await this.#call(probe, scopeOf(probe.symptoms), probe.why, isAgain) })),
      )
      ended.push(...runs.map(({ probe, run }) => ({ probe, run: requireBuilt(run) })))
    }
    return ended
  }

  /** An exact question that was answered before is asked anew: the product would repeat the answer otherwise. */
  #call({ base, members }: Tree, scope: Scope, why: Why, isAgain: boolean): Promise<TestRun | Unbuildable> {
    this.runs++
    const tree = keyOf({ base, members })
    const question = `${tree}\0${JSON.stringify(scope)}`
    const isRerun = isAgain || this.#asked.has(question)
    this.#asked.add(question)
    if (!isRerun) return this.#hands.test({ base, members, scope, why })
    const rerun = (this.#reruns.get(tree) ?? 0) + 1
    this.#reruns.set(tree, rerun)
    return this.#hands.test({ base, members, scope, rerun, why })
  }

  #learn(probe: Probe, run: EndedRun): void {
    const shown = shownBy(run, probe.symptoms)
    const known = this.#of(probe)
    for (const { key } of probe.symptoms) known.set(key, run.kind === 'failed' && shown.has(key) ? run : 'passes')
  }

  #shown(probe: Probe): Shown {
    return new Map(
      probe.symptoms.flatMap(({ key }) => {
        const known = this.#recall(probe, key)
        return known === undefined || known === 'passes' ? [] : [[key, known] as const]
      }),
    )
  }

  #recall(tree: Tree, key: string): FailedRun | 'passes' | undefined {
    return this.isGreen(tree) ? 'passes' : this.#known.get(keyOf(tree))?.get(key)
  }

  #of(tree: Tree): Map<string, FailedRun | 'passes'> {
    const known = this.#known.get(keyOf(tree)) ?? new Map<string, FailedRun | 'passes'>()
    this.#known.set(keyOf(tree), known)
    return known
  }
}

function keyOf({ base, members }: Tree): string {
  return [base, ...members].join('\0')
}

function requireBuilt(answer: TestRun | Unbuildable): EndedRun {
  if (answer.kind === 'stopped') throw new BatchOver({ kind: 'stopped' }, 'the queue was stopped')
  if (answer.kind !== 'unbuildable') return answer
  const reason = `does not merge with the others of its batch: ${answer.files.join(', ')}`
  throw new MembersGone(new Map([[answer.member, { kind: 'requeued', reason }]]))
}
