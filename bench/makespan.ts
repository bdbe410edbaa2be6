import type { Figure } from './figure.ts'
import { Scene } from './scene.ts'

const lanes = 8
/** Five rounds of eight; every lane can be filled to the same end, so the bound is one that a perfect machine reaches. */
const rounds = [6, 5, 4, 3, 2]

interface Work {
  readonly id: string
  readonly seconds: number
  readonly needs: readonly string[]
}

/** Forty tasks of 6 to 18 seconds whose agent is a small shell program that sleeps, commits and says done. */
export async function measureMakespan(runs: number): Promise<readonly Figure[]> {
  const work = backlog(3)
  const program = [
    '/bin/sh',
    '-c',
    'set -e; sleep "$(sed -n "s/.*takes \\([0-9]*\\) s.*/\\1/p" "$ORCH_PROMPT_FILE")"; echo done > "$ORCH_TASK.txt"; git add -A; git commit -qm "Work"; orch done',
  ]
  const config = `validate: "test -f README.md"\nagent:\n  command: ${JSON.stringify(program)}\n`
  return [await measure({ id: 'makespan', agent: 'a command', work, config, script: 'sessions: []\n', runs })]
}

/** The same with real Claude Code, whose starts cost two cores; the tasks take 8 to 24 seconds. */
export async function measureMakespanWithClaude(runs: number): Promise<readonly Figure[]> {
  const work = backlog(4)
  const steps = ({ id, seconds }: Work): string => `  - match: { task: ${id} }
    steps:
      - bash: echo done > ${id}.txt && git add -A && git commit -qm 'Work' && orch done
        delay: ${seconds}s
      - end: "Finished."
`
  const script = `sessions:\n${work.map(steps).join('')}`
  return [await measure({ id: 'makespan-claude', agent: 'Claude Code', work, config: 'validate: "test -f README.md"\n', script, runs })]
}

interface Course {
  readonly id: string
  readonly agent: string
  readonly work: readonly Work[]
  readonly config: string
  readonly script: string
  readonly runs: number
}

async function measure(course: Course): Promise<Figure> {
  const { id, agent, work, runs } = course
  const bound = Math.max(criticalPath(work), work.reduce((sum, { seconds }) => sum + seconds, 0) / lanes)
  const samples: number[] = []
  for (let run = 0; run < runs; run++) samples.push((await runOnce(course, bound)) / 1000 / bound)
  const note = `bound ${bound} s: the larger of critical path ${criticalPath(work)} s and work/${lanes}`
  return { id, what: `makespan of ${work.length} tasks, ${lanes} at once, ${agent} / bound`, unit: '×', goal: 1.1, samples, note }
}

/** From `orch run` until the last task has landed. */
async function runOnce({ work, config, script }: Course, bound: number): Promise<number> {
  const tasks = work
    .map(
      ({ id, seconds, needs }) =>
        `- [ ] Work ${id} takes ${seconds} s\n  - id: ${id}\n${needs.length > 0 ? `  - needs: ${needs.join(', ')}\n` : ''}`,
    )
    .join('')
  const scene = await Scene.begin({ script, files: { 'tasks.md': tasks, 'orch.yaml': config } })
  try {
    await scene.orch('daemon', 'start')
    const startedAt = performance.now()
    await scene.orch('run', '--detach', '--max', String(lanes))
    await scene.untilAll(work.length, 'Merged', bound * 3000 + 60_000)
    return performance.now() - startedAt
  } finally {
    await scene.end()
  }
}

/** Every second task of the third and fifth round needs one of the first and third: chains of three that are shorter than the bound. */
function backlog(scale: number): readonly Work[] {
  return rounds.flatMap((length, round) =>
    Array.from({ length: lanes }, (_, lane) => ({
      id: `t${round + 1}${lane + 1}`,
      seconds: length * scale,
      needs: round % 2 === 0 && round > 0 && lane % 2 === 0 ? [`t${round - 1}${lane + 1}`] : [],
    })),
  )
}

function criticalPath(work: readonly Work[]): number {
  const ends = new Map<string, number>()
  // Needs stand before those who need them.
  for (const { id, seconds, needs } of work) ends.set(id, seconds + Math.max(0, ...needs.map((need) => ends.get(need) ?? 0)))
  return Math.max(...ends.values())
}
