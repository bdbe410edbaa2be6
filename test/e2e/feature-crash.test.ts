import { expect } from 'vitest'
import { CrashScene } from '../support/fleet/crash-scene.ts'
import { FeatureCrash } from '../support/feature/feature-crash.ts'
import { fleetTest } from '../support/fleet/fleet.ts'
import { crashSeed, Random } from '../support/fleet/random.ts'

const bash = (command: string): string => `- bash: ${JSON.stringify(command)}`
/** A process that is killed may have told its record nothing of what it did last: that is not done again. */
const once = (name: string, command: string): string => bash(`test -e "$HOME/${name}" || { ${command} && touch "$HOME/${name}"; }`)
/** Until it is killed; a process that is resumed goes past it. */
const die = (name: string): string => bash(`test -e "$HOME/past-${name}" || { touch "$HOME/at-${name}" && exec tail -f /dev/null; }`)
const hold = (name: string): string => bash(`touch "$HOME/at-${name}" && until [ -e "$HOME/past-${name}" ]; do sleep 0.05; done`)
const commit = (message: string): string => `git add -A && { git diff --cached --quiet || git commit -qm '${message}'; } && orch done ready`

/** Each author is killed in a command; the integration is held in one until the daemon has died often enough. */
const script = `sessions:
  - match: { task: pay.backend }
    steps:
      ${once('plan-backend', "orch context all 'Plan: charge in src/api/pay.sh'")}
      ${die('backend')}
      ${once('decide', "orch decide 'Amounts are cents' --because 'floats lose money' --affects frontend")}
      ${bash('mkdir -p src/api && echo "test 5 -gt 0" > src/api/pay.sh')}
      ${bash('until grep -qs \'^kind: "question"\' .orch/inbox/*/*.md; do sleep 0.05; done')}
      ${bash(commit('Charge'))}
      - end: Finished.
    turns:
      - when: question from frontend
        steps:
          ${bash("orch answer {{message}} 'Cents, as whole numbers'")}
      - when: was reviewed and cannot land
        steps:
          ${bash(`echo true > src/api/limit.sh && ${commit('Limit what can be charged')}`)}
          - end: Mended.
  - match: { task: pay.frontend }
    steps:
      ${once('plan-frontend', "orch context all 'Plan: a page with the price'")}
      ${die('frontend')}
      ${once('ask', "orch ask backend 'Which unit has an amount?'")}
      - end: I wait for the unit.
    turns:
      - when: answer to
        steps:
          ${bash(`mkdir -p src/web && echo 'price in cents' > src/web/page.txt && ${commit('Show the price')}`)}
          - end: Finished.
  - match: { task: pay.integration }
    steps:
      ${hold('integration')}
      ${bash(`echo 'all of it fits' > INTEGRATION.txt && ${commit('Look at the whole')}`)}
      - end: Finished.
  - match: { review: pay.backend, by: frontend, prompt: src/api/limit.sh }
    steps:
      - read: src/api/limit.sh
      - verdict: approve
      - end: Reviewed.
  - match: { review: pay.backend, by: frontend }
    steps:
      - read: src/api/pay.sh
      - verdict: { summary: "no limit", findings: [ { path: src/api/pay.sh, line: 1, what: "any amount passes", loss: "money" } ] }
      - end: Reviewed.
`

const config = `validate: "true"
nudge-after: 1h
departments:
  backend: { owns: ["src/api/**"] }
  frontend: { owns: ["src/web/**"], reviews: [backend] }
gates:
  - page: ["src/web/**"]
`

const KILLS = { atWork: 15, atTheEnd: 5 }
/** A little less than what the work comes to before the integration is held, and after that. */
const JOURNAL = { atWork: 42_000, atTheEnd: 11_000 }
const PARTS = ['pay.backend', 'pay.frontend', 'pay.integration']

/** CRASH_SEED=<seed> tries the same moments again. */
const seed = crashSeed()

fleetTest(
  `a feature lands once, and each word of it is heard once, while daemon, authors and reviewers are killed (seed ${seed})`,
  { timeout: 400_000 },
  async ({ fleet }) => {
    const random = new Random(seed)
    const crash = new CrashScene(await fleet.begin({ script, config }), ['pay', ...PARTS])
    const { scene } = crash
    const story = new FeatureCrash(scene, 'pay')
    await scene.startDaemon()
    expect(await scene.run(['feature', 'Add payments', '--name', 'pay', '-d', 'backend,frontend', '--land', 'auto'])).toMatchObject({
      code: 0,
    })
    const begun = crash.progress().journal
    const moments: string[] = []
    while (moments.length < KILLS.atWork || !story.isAt('integration')) {
      const from = crash.progress().journal
      const bytes =
        from + random.between(1, Math.max(1, Math.floor((begun + JOURNAL.atWork - from) / Math.max(1, KILLS.atWork - moments.length))))
      const isTooEarly = moments.length >= KILLS.atWork
      await crash.killDaemonAt(({ journal }) => story.heldAt !== undefined || (!isTooEarly && journal >= bytes), 90_000)
      moments.push(story.heldAt ?? `${bytes - begun} B`)
      story.answerGates()
      const isDaemonDead = random.next() < 0.5
      if (isDaemonDead) story.killHeldAuthors()
      await scene.startDaemon()
      if (!isDaemonDead) story.killHeldAuthors()
    }
    const opened = crash.progress().journal
    story.open('integration')
    const last = Array.from({ length: KILLS.atTheEnd }, () => random.between(1, JOURNAL.atTheEnd)).toSorted((a, b) => a - b)
    for (const bytes of last) {
      await crash.killDaemonAt(({ journal }) => crash.isOver || journal >= opened + bytes, 90_000)
      moments.push(crash.isOver ? 'the end' : `${opened - begun + bytes} B`)
      await scene.startDaemon()
    }
    await crash.untilLanded()
    const end = crash.progress().journal
    console.log(`killed at ${moments.join(', ')}; ${opened - begun} bytes of journal, and ${end - opened} after the integration was held`)
    await story.expectLandedOnce()
    await story.expectHeardOnce()
    await story.expectVerdictsOfTheirCommits()
    story.expectGateAnsweredOnce()
    crash.expectOneProcessAtATime(2)
    await crash.cleanUp()
  },
)
