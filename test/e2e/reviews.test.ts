import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startModelServer, type ModelServer } from '../../src/rehearsal/model-server.ts'
import { parseScript } from '../../src/rehearsal/script/script.ts'
import { claudePrograms } from '../support/claude/claude-scene.ts'
import { sessionPids } from '../support/claude/session-pids.ts'
import { until } from '../support/eventually.ts'
import { expectNoLeftovers } from '../support/leftovers.ts'
import { department, makePlace, ReviewsScene, type ReviewsPlace } from '../support/verification/reviews-scene.ts'

const repositoryRoot = resolve(import.meta.dirname, '../..')
const security = department('security')
const FINDING = { path: 'src/api/a.ts', line: 1, severity: 'must', what: 'no check', loss: 'the money' }

/** The service that reviews, with the real Claude Code and a scripted model. */
describe.each(Object.entries(claudePrograms))('reviews by Claude Code, %s', (_name, claude) => {
  let made: ReturnType<typeof makePlace>
  let place: ReviewsPlace
  let server: ModelServer | undefined

  beforeEach(() => {
    made = makePlace()
    server = undefined
  })
  afterEach(async () => {
    await expectNoLeftovers(made.place.root)
    await server?.stop()
    made.remove()
  })

  /** `{{tree}}` and `{{diff}}` stand for the reviewer's. */
  async function rehearse(steps: readonly (object | string)[]): Promise<ModelServer> {
    const ground = join(made.place.root, 'orch', 'sessions', 'app.pay.backend', 'reviews', `security-${made.place.commit.slice(0, 12)}`)
    const lines = steps.map((step) => JSON.stringify(step)).join(', ')
    const filled = lines.replaceAll('{{tree}}', join(ground, 'tree')).replaceAll('{{diff}}', join(ground, 'material', 'changes.diff'))
    const parsed = parseScript(`sessions:\n  - match: { prompt: orch review of pay-backend by security }\n    steps: [${filled}]\n`)
    if (parsed.kind === 'refused') throw new Error(parsed.problems.map(({ message }) => message).join('; '))
    server = await startModelServer({ script: parsed.script })
    place = { ...made.place, claude, environment: { ...made.place.environment, ANTHROPIC_BASE_URL: server.url } }
    return server
  }

  const sessionsOf = ({ requests }: ModelServer): Set<string> =>
    new Set(requests.filter(({ role }) => role === 'session').map(({ session }) => session))

  test('it reads the change, cannot write, and its verdict and cost are known', async () => {
    const model = await rehearse([
      { read: '{{diff}}' },
      { write: '{{tree}}/written', content: 'x' },
      { bash: 'touch {{tree}}/shell' },
      { tool: { name: 'StructuredOutput', input: { outcome: 'findings', summary: 'no', findings: [FINDING] } } },
      { end: 'done' },
    ])
    const bodies: string[] = []
    model.onRequest((_record, body) => bodies.push(body))
    const [outcome] = await new ReviewsScene(place).review([security])
    expect(outcome).toMatchObject({
      kind: 'verdict',
      verdict: { by: 'security', commit: place.commit, outcome: 'findings', findings: [FINDING] },
    })
    expect(outcome?.kind === 'verdict' && outcome.costUsd).toBeGreaterThan(0)
    expect(bodies.some((body) => body.includes('+two'))).toBe(true)
    expect(sessionsOf(model).size).toBe(1)
  })

  test('a model that forgets the shape is asked once more in the same conversation', async () => {
    const model = await rehearse([{ end: 'It looks fine.' }, { end: 'Really.' }])
    const [outcome] = await new ReviewsScene(place).review([security])
    expect(outcome).toMatchObject({ kind: 'failed', reason: expect.stringContaining('no structured output') })
    expect(sessionsOf(model).size).toBe(1)
  })

  test('killed, reviewer or daemon, it goes on: one verdict, one conversation', async () => {
    const model = await rehearse([
      { read: 'src/api/a.ts' },
      { read: '{{diff}}', delay: '3s' },
      { tool: { name: 'StructuredOutput', input: { outcome: 'approve', summary: 'fine', findings: [] } } },
      { end: 'done' },
    ])
    const driver = spawn(
      process.execPath,
      ['--import', 'tsx', 'test/fixtures/reviews/runs-review.ts', JSON.stringify(place), JSON.stringify([security])],
      {
        cwd: repositoryRoot,
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    )
    const driverEnded = new Promise((ended) => driver.once('exit', ended))
    await model.waitForRequest(({ step, role }) => role === 'session' && step === 1)
    driver.kill('SIGKILL')
    await driverEnded
    const first = join(place.root, 'orch', 'sessions', 'app.pay.backend', 'reviews', `security-${place.commit.slice(0, 12)}-1`)
    process.kill(sessionPids(first).agent, 'SIGKILL')
    await until(() => existsSync(join(first, 'exit')), { what: 'the end of the reviewer' })
    const outcomes = await new ReviewsScene(place).review([security])
    expect(outcomes).toMatchObject([{ kind: 'verdict', verdict: { outcome: 'approve' } }])
    expect(await new ReviewsScene(place).review([security])).toEqual(outcomes)
    expect(sessionsOf(model).size).toBe(1)
    const kept = join(place.root, 'orch', 'projects', 'app', 'board', 'verdicts', `${place.commit}.backend.security.json`)
    expect(JSON.parse(readFileSync(kept, 'utf8'))).toMatchObject({ verdict: { by: 'security', of: 'backend', commit: place.commit } })
  })
})
