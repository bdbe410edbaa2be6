import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseBoardFile } from '../../src/domain/board/board-file.ts'
import type { BoardMessage } from '../../src/domain/board/message.ts'
import { writeOutboxFile } from '../../src/cli/worktree/outbox-file.ts'
import { until } from '../../test/support/eventually.ts'
import type { Figure } from '../figure.ts'
import { Scene } from '../scene.ts'

const departments = 50
const messagesEach = 20
const words = 'The amounts are cents, as whole numbers, and the currency stands beside them.'

/** From a file in one worktree's outbox to the record of another's session: how long it takes, what it costs, and whether any gets lost. */
export async function measureMessages(runs: number): Promise<readonly Figure[]> {
  return [...(await measureDelivery(runs)), await measureBusy(runs), ...(await measureMany())]
}

/** A real Claude Code that is idle; its own record says when it had the message. */
async function measureDelivery(runs: number): Promise<readonly Figure[]> {
  const script = 'default:\n  - end: "I wait."\n'
  const tasks = '- [ ] Listen\n  - id: listen\n'
  const scene = await Scene.begin({ script, files: { 'tasks.md': tasks, 'orch.yaml': 'validate: "true"\nnudge-after: 24h\n' } })
  try {
    await scene.orch('run', '--detach')
    await scene.untilAll(1, 'Idle', 60_000)
    await scene.orch('spawn', 'sender', '--manual')
    const samples: { ms: number; tokens: number }[] = []
    for (let run = 0; run < runs; run++) samples.push(await deliverOnce(scene))
    const times = samples.map(({ ms }) => ms)
    return [
      { id: 'message-latency', what: 'outbox → record of an idle session', unit: 'ms', goal: 150, samples: times },
      { id: 'message-latency-p95', what: 'the same, 95 of 100', unit: 'ms', samples: [percentile(times, 0.95)] },
      {
        id: 'message-tokens',
        what: 'tokens that orch adds to a message (characters / 4)',
        unit: 'count',
        goal: 60,
        samples: samples.map(({ tokens }) => tokens),
      },
    ]
  } finally {
    await scene.end()
  }
}

async function deliverOnce(scene: Scene): Promise<{ ms: number; tokens: number }> {
  const request = scene.nextRequest()
  const outbox = join(`${scene.repository}-wt-sender`, '.orch', 'outbox')
  const at = new Date()
  writeOutboxFile(outbox, { kind: 'context', at: at.toISOString(), to: ['listen'], text: words })
  const { body } = await request
  const message = await until(() => messagesOf(scene).findLast((each) => each.from === 'repo.sender'), { what: 'the message on the board' })
  const deliveredAt = await until(() => deliveries(scene, message.id)[0], { what: 'the receipt' })
  await until(
    () => scene.statuses().some(({ task, status, since }) => task === 'listen' && status === 'Idle' && Date.parse(since) > deliveredAt),
    {
      what: 'the session is idle again',
    },
  )
  return { ms: deliveredAt - at.getTime(), tokens: Math.ceil((toldText(body, message.id).length - words.length) / 4) }
}

/** What of the request is this message. */
function toldText(body: string, id: string): string {
  const { messages } = JSON.parse(body) as { messages: { content: string | { text?: string }[] }[] }
  const texts = messages.flatMap(({ content }) => (typeof content === 'string' ? [content] : content.map(({ text = '' }) => text)))
  return texts.findLast((text) => text.includes(`[orch ${id} `)) ?? ''
}

/** A real Claude Code that runs one tool after the other: how many of them end before it has heard. */
async function measureBusy(runs: number): Promise<Figure> {
  const steps = Array.from({ length: runs * 4 }, () => `  - bash: node -e "setTimeout(() => {}, 300)"\n`).join('')
  const files = { 'tasks.md': '- [ ] Work\n  - id: work\n', 'orch.yaml': 'validate: "true"\nnudge-after: 24h\n' }
  const scene = await Scene.begin({ script: `default:\n${steps}  - end: "Over."\n`, files })
  try {
    await scene.orch('spawn', 'sender', '--manual')
    await scene.orch('run', '--only', 'work', '--detach')
    await scene.untilAll(1, 'Working', 60_000)
    const samples: number[] = []
    for (let run = 0; run < runs; run++) samples.push(await callsUntilHeard(scene, `${words} (${run})`))
    return { id: 'message-busy', what: 'tool calls that end before a busy session has heard', unit: 'count', goal: 1, samples }
  } finally {
    await scene.end()
  }
}

/** Written as the model is asked, so that the next tool is about to run. */
async function callsUntilHeard(scene: Scene, text: string): Promise<number> {
  await scene.nextRequest()
  writeOutboxFile(join(`${scene.repository}-wt-sender`, '.orch', 'outbox'), {
    kind: 'context',
    at: new Date().toISOString(),
    to: ['work'],
    text,
  })
  for (let calls = 1; ; calls++) if ((await scene.nextRequest()).body.includes(text)) return calls
}

/** Programs that speak the protocol of other agents: each writes to the next one as files, and gives a receipt for what it hears. */
async function measureMany(): Promise<readonly Figure[]> {
  const names = Array.from({ length: departments }, (_, at) => `d${at + 1}`)
  const tasks = names.map((name) => `- [ ] Talk as ${name}\n  - id: ${name}\n`).join('')
  const config = `validate: "true"\nnudge-after: 24h\nmax: ${departments}\nagent:\n  command: ${JSON.stringify(['/bin/sh', '-c', talker()])}\n`
  const scene = await Scene.begin({ script: 'sessions: []\n', files: { 'tasks.md': tasks, 'orch.yaml': config } })
  try {
    const startedAt = performance.now()
    await scene.orch('run', '--detach', '--max', String(departments))
    const all = departments * messagesEach
    const receipts = join(boardOf(scene), 'receipts')
    // Names first: reading a thousand files again and again would be most of what is measured.
    const hasAll = (): boolean => existsSync(receipts) && readdirSync(receipts).filter((name) => name.startsWith('m')).length >= all
    const count = (): number => messagesOf(scene).filter(({ id }) => deliveries(scene, id).length === 1).length
    await until(() => hasAll() && count() >= all, { what: `${all} receipts`, deadlineMs: 180_000 }).catch(() => undefined)
    return [
      {
        id: 'messages-open',
        what: `receipts left open, ${departments} × ${messagesEach} messages`,
        unit: 'count',
        goal: 0,
        samples: [all - count()],
      },
      { id: 'messages-all', what: 'the start of all sessions included', unit: 'ms', samples: [performance.now() - startedAt] },
    ]
  } finally {
    await scene.end()
  }
}

function talker(): string {
  return [
    'set -e',
    'own=${ORCH_TASK#*.d}; next=$((own % DEPARTMENTS + 1)); i=0',
    'while [ $i -lt EACH ]; do i=$((i + 1)); draft=.orch/tmp/$i',
    '  printf "%s\\n" --- "v: 1" "kind: context" "to: [d$next]" --- "Word $i of d$own." > $draft',
    '  mv $draft .orch/outbox/$(printf "20260101T0000000%02dZ-0000%04d.md" $i $own); done',
    `printf '%s\\n' '{"type":"turn-ended"}'`,
    'while IFS= read -r line; do id=${line#*\\"id\\":\\"}; id=${id%%\\"*}',
    `  printf '{"type":"received","id":"%s"}\\n{"type":"turn-started"}\\n{"type":"turn-ended"}\\n' "$id"; done`,
  ]
    .join('\n')
    .replace('DEPARTMENTS', String(departments))
    .replace('EACH', String(messagesEach))
}

function messagesOf(scene: Scene): readonly BoardMessage[] {
  const folder = join(boardOf(scene), 'messages')
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^m\d+\.md$/.test(name)) : []
  return names
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .flatMap((name) => parseBoardFile(readFileSync(join(folder, name), 'utf8')) ?? [])
}

function deliveries(scene: Scene, id: string): readonly number[] {
  const path = join(boardOf(scene), 'receipts', `${id}.json`)
  if (!existsSync(path)) return []
  return (JSON.parse(readFileSync(path, 'utf8')) as { deliveredAt?: number }[]).flatMap(({ deliveredAt }) => deliveredAt ?? [])
}

function boardOf({ orchHome }: Scene): string {
  return join(orchHome, 'projects', 'repo', 'board')
}

function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN
}
