import { expect, onTestFailed } from 'vitest'
import { AttachStory } from '../support/attach/attach-story.ts'
import { settlePerson } from '../support/claude/person.ts'
import { until } from '../support/eventually.ts'
import { fleetTest, type FleetScene } from '../support/fleet/fleet.ts'
import { crashSeed, Random } from '../support/fleet/random.ts'

const seed = crashSeed()
/** What becomes of an attachment, and how often of twenty. */
const ENDS = {
  'leaves it': 3,
  'says nothing and leaves it': 3,
  'kills the client': 2,
  'kills the agent': 3,
  'kills the daemon and leaves it': 2,
  'kills all three': 2,
  'kills the agent in its turn': 2,
  'kills the client before it has said anything': 3,
} as const
type End = keyof typeof ENDS

fleetTest(
  `attached twenty times, with kills in between, a conversation has one process and loses and repeats nothing (CRASH_SEED=${seed})`,
  async ({ fleet }) => {
    const random = new Random(seed)
    const ends = (Object.keys(ENDS) as End[]).flatMap((end) => Array.from({ length: ENDS[end] }, () => ({ end, at: random.next() })))
    const scene = await fleet.begin({ script: script(ends.length) })
    await begin(scene)
    await attachments(
      scene,
      ends.toSorted((a, b) => a.at - b.at).map(({ end }) => end),
      random,
      false,
    )
  },
  480_000,
)

fleetTest(
  'the same with the oldest Claude Code, and from the live board',
  async ({ fleet }) => {
    const scene = await fleet.begin({ script: script(4, '{ delay: 10m, end: "Never." }'), claude: 'oldest' })
    await begin(scene)
    await interrupted(scene)
    await attachments(scene, ['leaves it', 'kills the agent in its turn', 'kills the client', 'leaves it'], new Random(1), true)
  },
  240_000,
)

async function begin(scene: FleetScene): Promise<void> {
  settlePerson(scene.orch.home, scene.repository)
  await scene.startDaemon()
  expect(await scene.run(['spawn', 'api', 'Make it.'])).toMatchObject({ code: 0 })
}

/** Of a turn that would last long, in a window of its own. What was cut off goes on where nothing was said. */
async function interrupted(scene: FleetScene): Promise<void> {
  await scene.model.waitForRequest(({ role }) => role === 'session', 60_000)
  const story = new AttachStory(scene, 'api')
  onTestFailed(() => story.closeTerminal())
  await story.typeAttach('--now', '--tmux')
  await story.untilOpen()
  await story.leave()
  await story.untilTrue(() => !story.isAttached, 'orch has it again')
  await story.closeTerminal()
}

/** `isFromBoard`: the last one, in which the work is finished. */
async function attachments(scene: FleetScene, ends: readonly End[], random: Random, isFromBoard: boolean): Promise<void> {
  await until(() => scene.status('api')?.reason === 'Which colour?', { what: 'the session asks' })
  const story = new AttachStory(scene, 'api')
  onTestFailed(() => story.closeTerminal())
  for (const [index, end] of ends.entries()) await attachment(scene, story, random, end, index + 1)

  await (isFromBoard ? story.pressAttach() : story.typeAttach())
  await story.untilOpen()
  await refusals(scene)
  await story.say('finish now')
  await story.terminal.untilShows('All done.')
  await (isFromBoard ? story.leaveToBoard() : story.leave())
  await story.closeTerminal()
  await scene.untilStatus(['api'], 'Review')
  expect(story.doubled).toEqual([])
  expectWhole(story, ends)
  expect(scene.status('api')?.tokens).toMatchObject(story.spent())
  // With other tools in the terminal the model's cached beginning would be lost, twice an attachment.
  expect(scene.model.requests.filter(({ outcome }) => outcome === 'refused')).toEqual([])
  expect(await scene.run(['merge', 'api'])).toMatchObject({ code: 0 })
  await scene.untilStatus(['api'], 'Merged')
}

async function attachment(scene: FleetScene, story: AttachStory, random: Random, end: End, number: number): Promise<void> {
  await story.typeAttach()
  await story.untilTrue(() => story.isAttached, `the terminal has it (${number})`)
  if (isSentTo(number)) expect((await scene.run(['send', 'api', `note-${number}.`])).stdout).toContain('when you give it back')
  if (end === 'kills the client before it has said anything') {
    if (random.between(0, 1) === 1) await story.untilTrue(() => story.hasStarted, 'the agent has started')
    process.kill(story.client, 'SIGKILL')
  } else await spokenTo(scene, story, end, number)
  await story.untilTrue(() => !story.isAttached, `orch has it again (${number}, ${end})`)
  await story.closeTerminal()
}

async function spokenTo(scene: FleetScene, story: AttachStory, end: End, number: number): Promise<void> {
  await story.untilOpen()
  if (end === 'says nothing and leaves it') return story.leave()
  const { agent, client } = story
  expect(story.living()).toEqual([agent])
  const isAnswered = end !== 'kills the agent in its turn'
  await story.say(isAnswered ? `word-${number}.` : `long-${number}.`)
  // Claude Code writes its transcript a moment after it has shown it.
  const words = isAnswered ? `Heard word-${number}.` : `long-${number}.`
  await story.untilTrue(() => story.transcript().some(({ text }) => text.includes(words)), `the transcript has "${words}"`)
  if (!isAnswered) await story.untilTrue(() => scene.lastAsked('api')?.includes(words) === true, 'the model has been asked')
  if (end.includes('daemon') || end === 'kills all three') await scene.killDaemon()
  if (end === 'kills the client' || end === 'kills all three') process.kill(client, 'SIGKILL')
  if (end.startsWith('kills the agent') || end === 'kills all three') process.kill(agent, 'SIGKILL')
  if (end.endsWith('leaves it')) await story.leave()
  if (!scene.isDaemonAlive) await scene.startDaemon()
}

/** Who else wants something of it hears who has it. */
async function refusals(scene: FleetScene): Promise<void> {
  const [again, pause] = [await scene.run(['attach', 'api', '--dry-run']), await scene.run(['pause', 'api'])]
  expect(again).toMatchObject({ code: 1 })
  expect(again.stderr).toContain('is in a terminal already')
  expect(pause).toMatchObject({ code: 1 })
  expect(pause.stderr).toContain('you have repo.api in a terminal')
}

function expectWhole(story: AttachStory, ends: readonly End[]): void {
  const said = story.transcript()
  const count = (role: string, words: string): number => said.filter((each) => each.role === role && each.text.includes(words)).length
  const found = ends.map((end, index) => {
    const number = index + 1
    const [word, long] = [`word-${number}.`, `long-${number}.`]
    const spoken = [count('user', word), count('assistant', `Heard ${word}`), count('user', long), count('assistant', `Heard ${long}`)]
    return { end, spoken, sent: [count('user', `note-${number}.`), count('assistant', `Noted note-${number}.`)] }
  })
  expect(found).toEqual(ends.map((end, index) => ({ end, spoken: spokenIn(end), sent: isSentTo(index + 1) ? [1, 1] : [0, 0] })))
}

function spokenIn(end: End): readonly number[] {
  if (end === 'kills the client before it has said anything' || end === 'says nothing and leaves it') return [0, 0, 0, 0]
  return end === 'kills the agent in its turn' ? [0, 0, 1, 0] : [1, 1, 0, 0]
}

/** What comes from elsewhere meanwhile: with it the session goes on by itself; without, what it asks is still open. */
function isSentTo(number: number): boolean {
  return number % 4 === 0
}

/** `first`: what the session does before it asks. */
function script(times: number, first = ''): string {
  const turn = (when: string, ...steps: string[]): string =>
    `      - when: ${JSON.stringify(when)}\n        steps:\n${steps.map((step) => `          - ${step}\n`).join('')}`
  const asks = `bash: "orch blocked 'Which colour?'"`
  const finish = `bash: ${JSON.stringify("echo made > made.txt && git add -A && git commit -qm Make && orch done 'it is made'")}`
  const turns = Array.from({ length: times }, (_, index) => index + 1).map((number) => {
    const word = turn(`word-${number}.`, ...(isSentTo(number) ? [] : [asks]), `end: "Heard word-${number}."`)
    const long = turn(`long-${number}.`, `{ delay: 10m, end: "Heard long-${number}." }`)
    return word + long + turn(`note-${number}.`, `end: "Noted note-${number}."`)
  })
  const steps = [first === '' ? asks : first, 'end: "I wait."'].map((step) => `      - ${step}\n`).join('')
  const goOn = turn('Go on with TASK.md where', asks, 'end: "I wait."')
  return (
    `sessions:\n  - match: { task: api }\n    steps:\n${steps}    turns:\n${goOn}` +
    turns.join('') +
    turn('finish now', finish, 'end: "All done."') +
    turn('given it back', 'end: "Going on."')
  )
}
