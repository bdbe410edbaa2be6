import { plainBlock, plainLine } from '../../../foundation/text.ts'
import type { AttemptFacts, ContestFacts } from '../../../domain/attempts/contest-facts.ts'
import type { InboxItem } from '../../../domain/gates/inbox-item.ts'
import type { TaskStatus } from '../../../protocol/task-status.ts'
import { money } from '../../../protocol/urgency.ts'
import type { Size } from '../../terminal/screen.ts'
import { fitLine, type Line, lineOf } from '../../text/line.ts'
import { visibleText } from '../../text/visible.ts'
import { wrapWords } from '../../text/wrap-words.ts'
import type { AgeClock } from '../list/age-clock.ts'
import { SIGNS } from '../list/signs.ts'
import type { PreviewPane } from './preview-pane.ts'

/** With fewer rows what waits for the person, and what is said, come before what the list tells too. */
const ROOMY = 9
/** So many rows of what is said are seen, whatever waits. */
const LEAST_SAID = 5

export interface PreviewView {
  readonly task: TaskStatus | undefined
  readonly waiting: readonly InboxItem[]
  readonly pane: PreviewPane
  readonly clock: AgeClock
  /** It fills the screen: what waits is shown in full, as far as it leaves room for what is said. */
  readonly isOpen: boolean
}

/** Who it is and how it stands, what waits for the person about it, and the end of what it says and does. */
export function drawPreview({ task, waiting, pane, clock, isOpen }: PreviewView, { columns, rows }: Size): readonly Line[] {
  if (task === undefined) return [lineOf('Nothing is selected.', 'faint')]
  const title = titleLine(task, clock)
  const head = rows < ROOMY ? [title] : [title, lineOf(visibleText(plainLine(task.title, 400)), 'strong'), factsLine(task)]
  const asked = waiting.flatMap((item) => waitingLines(item, columns, isOpen ? rows : MOST_ROWS_OF_ONE))
  const most = isOpen ? Math.max(3, rows - head.length - LEAST_SAID) : Math.max(3, Math.floor((rows - head.length) / 2))
  const cut = lineOf(isOpen ? '… Space shows all' : '… Enter shows more', 'faint')
  const above = [...head, ...(asked.length > most ? [...asked.slice(0, most - 1), cut] : asked)]
  const rule: Line = [{ text: '─'.repeat(columns), tone: 'faint' }]
  const room = rows - above.length - 1
  if (room < 1) return above.slice(0, rows).map((line) => fitLine(line, columns))
  const said = pane.draw({ columns, rows: room })
  return [...above, rule, ...(said.length === 0 ? silence(task).slice(0, room) : said)].map((line) => fitLine(line, columns))
}

function titleLine(task: TaskStatus, clock: AgeClock): Line {
  const [sign, tone] = SIGNS[task.status]
  return [
    { text: sign, tone },
    { text: ` ${visibleText(plainLine(task.handle, 80))}`, tone: 'strong' },
    { text: ` · ${task.status} ${clock.of(task.since)} (${visibleText(plainLine(task.source, 12))}): ` },
    { text: visibleText(plainLine(task.reason)) },
  ]
}

function factsLine({ branch, target, costUsd, model, uncommitted, lastCommit, overlaps = [], verdict }: TaskStatus): Line {
  const facts = [
    `${branch} → ${target}`,
    money(costUsd),
    ...(model === undefined ? [] : [model]),
    ...(uncommitted ? [`${uncommitted} uncommitted`] : []),
    ...(overlaps.length > 0 ? [`overlaps ${overlaps.map((overlap) => overlap.with).join(', ')}`] : []),
    ...(verdict === undefined ? [] : [verdict.isPassed ? 'validation passed' : 'validation failed']),
    ...(lastCommit === undefined ? [] : [lastCommit.subject]),
  ]
  return lineOf(visibleText(plainLine(facts.join(' · '), 400)), 'faint')
}

const MOST_ROWS_OF_ONE = 6

function waitingLines({ kind, text, what, options = [], next }: InboxItem, columns: number, most: number): readonly Line[] {
  const words = plainBlock(text === '' ? what : text)
    .split('\n')
    .flatMap((line) => wrapWords(visibleText(line), Math.max(10, columns - 2)))
  const shown = words.slice(0, most)
  return [
    [{ text: `! waits for you: ${KINDS[kind]}`, tone: 'warning' }],
    ...shown.map((row) => lineOf(`  ${row}`)),
    ...(words.length > shown.length ? [lineOf('  …', 'faint')] : []),
    ...options.map((option, at): Line => [{ text: `  ${at + 1} `, tone: 'key' }, { text: visibleText(plainLine(option)) }]),
    [{ text: `  ${visibleText(plainLine(next))}`, tone: 'faint' }],
  ]
}

const KINDS: Readonly<Record<InboxItem['kind'], string>> = {
  permission: 'may it?',
  choice: 'a choice',
  gate: 'a gate',
  escalation: 'an escalation',
  question: 'a question',
  need: 'a need',
  task: 'it is stuck',
  failed: 'it failed',
  review: 'finished work',
}

/** Who has no session of its own shows who works for it. */
function silence({ kind, feature, contest, worktree }: TaskStatus): readonly Line[] {
  if (feature !== undefined)
    return [
      lineOf('Its parts:', 'faint'),
      ...feature.parts.map(({ department, standing, reason }) => innerLine(department, standing, reason)),
    ]
  if (contest !== undefined) return [lineOf('Its attempts:', 'faint'), ...contest.attempts.map((attempt) => attemptLine(attempt, contest))]
  if (kind === 'feature') return [lineOf('Its parts have not begun.', 'faint')]
  return [lineOf(worktree === undefined ? 'It has not begun.' : 'Nothing was said yet.', 'faint')]
}

function attemptLine({ number, standing, reason, score }: AttemptFacts, { proposed, taken }: ContestFacts): Line {
  const facts = [
    ...(taken === number ? ['taken'] : proposed === number ? ['proposed'] : []),
    ...(score === undefined ? [] : [`score ${score.toFixed(2)}`]),
    reason,
  ]
  return innerLine(String(number), standing, facts.join(' · '))
}

function innerLine(name: string, standing: string, reason: string): Line {
  return [
    { text: `  ${visibleText(plainLine(name, 40)).padEnd(14)} `, tone: 'strong' },
    { text: `${standing.padEnd(8)} ` },
    { text: visibleText(plainLine(reason)), tone: 'faint' },
  ]
}
