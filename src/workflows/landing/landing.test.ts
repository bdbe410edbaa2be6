import { expect, test } from 'vitest'
import { until } from '../../../test/support/eventually.ts'
import { LANDED, TaskScene } from '../../../test/support/task-scene.ts'
import type { Sha } from '../../foundation/brand.ts'
import type { EntryOutcome } from '../../domain/queue/entry.ts'

const TIP = 'e'.repeat(40) as Sha
const CONFLICT: EntryOutcome = {
  kind: 'sent-back',
  breakage: { kind: 'conflicts', base: TIP, with: 'app.b', files: ['cart.ts'], hunks: '<<<<<<< ours\n1\n=======\n2\n>>>>>>> theirs' },
}
const FAILURE: EntryOutcome = {
  kind: 'sent-back',
  breakage: {
    kind: 'fails',
    base: TIP,
    step: 'test',
    failures: [{ file: 'test/cart.ts', name: 'adds up', message: 'expected 1 to be 2', frames: [] }],
    summary: '1 test fails',
    tail: 'not ok 1 - adds up',
    log: '/log',
    with: 'app.b',
  },
}

test('a validation of several steps ends at the first that fails, and names it', async () => {
  const validate = [
    { name: 'lint', run: 'lint it' },
    { name: 'test', run: 'test it' },
  ]
  const scene = await TaskScene.begin({ validate })
  scene.onCommand = (command) => scene.failingCommands[command.includes('test it') ? 'add' : 'delete']('validate')
  await finish(scene)
  await scene.untilSaid('failed with exit code')
  expect(scene.commands.slice(-2)).toEqual(['validate: lint it in /wt/a', 'validate: test it in /wt/a'])
  expect(scene.facts.verdict).toMatchObject({ isPassed: false, summary: 'test: test it ended with 1' })
})

test('what the queue sends back goes to its session with the proof, and is offered again when it is mended', async () => {
  const scene = await TaskScene.begin({ validate: 'check', land: 'auto', retries: 3 })
  scene.outcomes.push(CONFLICT, FAILURE)
  const first = await finish(scene)
  const second = await scene.untilSaid('conflicts with app.b, which has landed on main in: cart.ts')
  expect(scene.said.at(-1)?.text).toContain(`git merge ${TIP}`)
  await scene.endTurn('a', second)
  const third = await scene.untilSaid('Merged with main and with app.b')
  expect(scene.said.at(-1)?.text).toMatch(/test\/cart.ts: adds up[\s\S]*not ok 1 - adds up/)
  await scene.endTurn('a', third)
  await scene.untilStage('a', 'merged')
  expect(new Set([first, second, third]).size).toBeGreaterThan(1)
  expect(scene.offers.map(({ trailers }) => trailers['Orch-Session'])).toEqual([first, second, third].map((process) => `app.a/${process}`))
  expect(scene.offers.map(({ entry }) => entry.head)).toEqual(Array.from({ length: 3 }, () => 'a'.repeat(40)))
  expect(scene.forgotten).toEqual(scene.offers.map(({ entry }) => entry.id))
})

test('a merge that a person asked for is sent back too, and goes on by itself once it is mended', async () => {
  const scene = await TaskScene.begin({ validate: 'check', land: 'review', retries: 3 })
  await finish(scene)
  await scene.untilStage('a', 'in-review')
  scene.outcomes.push(CONFLICT)
  await scene.tell('a', { kind: 'merge', merge: 'm1' })
  await until(() => scene.reports.get('a')?.outcome === 'sent-back', { what: 'the report' })
  expect(scene.reports.get('a')).toMatchObject({ reason: 'conflicts with app.b, which has landed on main in cart.ts' })
  await scene.endTurn('a', await scene.untilSaid('conflicts with app.b'))
  await scene.untilStage('a', 'merged')
})

test("a person's own session is told of and left to them", async () => {
  const scene = await TaskScene.begin()
  await scene.start('a')
  await scene.untilStage('a', 'manual')
  scene.outcomes.push(FAILURE)
  await scene.tell('a', { kind: 'merge', merge: 'm1' })
  await until(() => scene.reports.get('a')?.outcome === 'sent-back', { what: 'the report' })
  expect(scene.reports.get('a')).toMatchObject({ next: 'mend it in /wt/a, commit, then orch merge app.a' })
  expect(scene.said).toEqual([])
  await scene.tell('a', { kind: 'merge', merge: 'm2' })
  await scene.untilStage('a', 'merged')
})

test('a pause takes it out of the queue; what is landing at that moment lands', async () => {
  const scene = await TaskScene.begin({ validate: 'check', land: 'auto' })
  scene.outcomes.push('open', 'open')
  await finish(scene)
  await until(() => scene.offers.length === 1, { what: 'the offer' })
  await scene.tell('a', { kind: 'pause' })
  await scene.untilStage('a', 'paused')
  await scene.tell('a', { kind: 'merge', merge: 'm1' })
  await until(() => scene.offers.length === 2, { what: 'the second offer' })
  scene.withdrawal = 'landing'
  await scene.tell('a', { kind: 'pause' })
  await scene.settleLast({ kind: 'landed', commit: LANDED })
  await scene.untilStage('a', 'merged')
})

test('a queue that stands still is shown with its reason, and no more when it goes on', async () => {
  const scene = await TaskScene.begin({ validate: 'check', land: 'auto' })
  scene.outcomes.push('open')
  await finish(scene)
  await until(() => scene.offers.length === 1, { what: 'the offer' })
  await scene.tell('a', { kind: 'queue-stopped', reason: 'main itself fails' })
  await until(() => JSON.stringify(scene.stages.get('a')).includes('main itself fails'), { what: 'the reason' })
  await scene.tell('a', { kind: 'queue-goes-on' })
  await until(() => !JSON.stringify(scene.stages.get('a')).includes('main itself fails'), { what: 'the end of it' })
  await scene.settleLast({ kind: 'landed', commit: LANDED })
  await scene.untilStage('a', 'merged')
})

test('a branch that went on while it waited is validated and offered anew', async () => {
  const scene = await TaskScene.begin({ validate: 'check', land: 'auto' })
  scene.outcomes.push({ kind: 'void', found: 'a'.repeat(40) as Sha })
  await finish(scene)
  await scene.untilStage('a', 'merged')
  expect(scene.commands.filter((command) => command.startsWith('validate'))).toHaveLength(2)
  expect(scene.offers).toHaveLength(2)
})

test('what is tested and held by a dirty checkout lands when that is clean', async () => {
  const scene = await TaskScene.begin({ validate: 'check', land: 'auto' })
  scene.outcomes.push({ kind: 'held', commit: LANDED, ref: 'refs/orch/landing/main', checkout: '/repo', dirty: ['cart.ts'] })
  await finish(scene)
  await scene.untilStage('a', 'landing-held')
  // Who asks for it hears that it has landed, not that it waited.
  await scene.tell('a', { kind: 'merge', merge: 'm1' })
  await scene.untilStage('a', 'merged')
  await until(() => scene.reports.get('a')?.outcome !== 'running', { what: 'the report' })
  expect(scene.reports.get('a')).toMatchObject({ outcome: 'landed' })
})

test('what is given up while it lands has landed; given up while it is held, it does not land with another', async () => {
  const landing = await TaskScene.begin({ validate: 'check', land: 'auto' })
  landing.outcomes.push('open')
  landing.withdrawal = 'landing'
  await finish(landing)
  await until(() => landing.offers.length === 1, { what: 'the offer' })
  await landing.tell('a', { kind: 'discard', reason: 'no' })
  await landing.settleLast({ kind: 'landed', commit: LANDED })
  expect(await landing.ended('a')).toEqual({ kind: 'landed', commit: LANDED })

  const held = await TaskScene.begin({ validate: 'check', land: 'auto' })
  held.outcomes.push({ kind: 'held', commit: LANDED, ref: 'refs/orch/landing/main', checkout: '/repo', dirty: ['cart.ts'] })
  await finish(held)
  await held.untilStage('a', 'landing-held')
  await held.tell('a', { kind: 'discard', reason: 'no' })
  expect(await held.ended('a')).toEqual({ kind: 'discarded', reason: 'no' })
  expect(held.dropped).toEqual([LANDED])
})

test('what is held can be taken out of the queue: it waits in Review again', async () => {
  const scene = await TaskScene.begin({ validate: 'check', land: 'auto' })
  scene.outcomes.push({ kind: 'held', commit: LANDED, ref: 'refs/orch/landing/main', checkout: '/repo', dirty: ['cart.ts'] })
  await finish(scene)
  await scene.untilStage('a', 'landing-held')
  await scene.tell('a', { kind: 'unqueue' })
  await scene.untilStage('a', 'in-review')
  expect(scene.dropped).toEqual([LANDED])
})

const GATES = [{ name: 'auth', paths: ['auth/'] }]
const AUTH = { gate: 'auth', why: 'changes auth/a.ts', paths: ['auth/a.ts'], content: '1' }

test("a person's no at a gate goes to the session and is no failed try; their yes lets it land", async () => {
  const scene = await TaskScene.begin({ validate: 'check', land: 'auto', retries: 0, gates: GATES })
  scene.findings = [AUTH]
  await finish(scene)
  await scene.untilStage('a', 'at-gate')
  await scene.answer('a', 'm1', 'deny', 'use the library')
  const process = await scene.untilSaid('use the library')
  scene.findings = [{ ...AUTH, content: '2' }]
  await scene.endTurn('a', process)
  await until(() => JSON.stringify(scene.stages.get('a')).includes('"m2"'), { what: 'the second question' })
  await scene.answer('a', 'm2', 'approve', '')
  await scene.untilStage('a', 'merged')
  expect(scene.said.map(({ text }) => text).join('\n')).not.toContain('m2')
})

test('a merge answers no gate: it says what to approve first', async () => {
  const scene = await TaskScene.begin({ gates: GATES })
  scene.findings = [AUTH]
  await scene.start('a')
  await scene.untilStage('a', 'manual')
  await scene.tell('a', { kind: 'merge', merge: 'm1' })
  await until(() => scene.reports.get('a')?.outcome === 'refused', { what: 'the refusal' })
  expect(scene.reports.get('a')).toMatchObject({ code: 'at-gate', next: 'orch approve m1, then orch merge app.a' })
  await scene.answer('a', 'm1', 'approve', '')
  await scene.tell('a', { kind: 'merge', merge: 'm2' })
  await scene.untilStage('a', 'merged')
})

/** A task whose session has done its work; answers with its process. */
async function finish(scene: TaskScene): Promise<string> {
  await scene.start('a', 'spawned')
  const process = await scene.untilSaid('[orch task a]')
  await scene.tell('a', { kind: 'declared', what: 'done', commit: 'a'.repeat(40), message: '' })
  await scene.endTurn('a', process)
  return process
}
