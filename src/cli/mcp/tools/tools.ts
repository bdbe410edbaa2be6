import { MOST_ATTEMPTS } from '../../../domain/attempts/contest-facts.ts'
import { amount, flag, flagUnless, name, nameOption, names, needed, pathInside, whole, words, wordsOption } from './field.ts'
import type { Tool, ToolKind } from './tool.ts'

type Fields = Tool['fields']
type Row = (called: string, title: string, description: string, fields?: Fields, command?: readonly string[]) => Tool

const rows =
  (kind: ToolKind): Row =>
  (called, title, description, fields = {}, command = [called]) => ({ name: called, title, description, kind, command, fields })

const reading = rows('reading')
const acting = rows('acting')
const persons = rows('persons')

const one: Fields = { name: needed(name()) }
const session: Fields = { model: nameOption('--model'), budget: amount('--budget') }
const dryRun: Fields = { dry_run: flag('--dry-run') }
const backlog: Fields = { backlog: pathInside(), only: nameOption('--only') }
const judged: Fields = { ids: needed(names()), because: wordsOption('--because') }

/**
 * Every tool of orch. What runs a command of the model's choice (`--validate`), lands without the person (`--land auto`, `--accept`) or
 * deletes elsewhere (`--remote`) is left out: it is for the person to type.
 */
export const tools: readonly Tool[] = [
  reading('status', 'Status', 'The fleet in one line.'),
  reading('monitor', 'Monitor', 'All sessions: status, reason, what to do next.'),
  reading('list', 'List', 'A line per task, with its open requests.'),
  // In a worktree it would mark what it shows as read.
  reading('inbox', 'Inbox', 'What waits for the person, with ids.', {}, ['inbox', '--dry-run']),
  reading('plan', 'Plan', 'What run would do: order, needs, overlaps.', backlog),
  reading('review', 'Review', 'Finished work that waits for review.', {}, ['review', '--list']),
  reading('diff', 'Diff', "A task's changes.", { ...one, stat: flag('--stat') }, ['diff', '--plain', '--unified']),
  { ...reading('logs', 'Logs', 'What a session said and did last.', one), keeps: 'end' },
  reading('queue', 'Queue', 'What waits to land or is being tested.'),
  reading('radar', 'Radar', 'Which live worktrees would conflict.'),
  { ...reading('board', 'Board', 'What sessions, people and orch said.', { feature: nameOption('--feature') }), keeps: 'end' },
  reading('report', 'Report', "A feature's checklist and story.", { feature: name() }),

  acting('spawn', 'Spawn', 'Start one session on a task in its own worktree. budget: USD. attempts: so many try it, best wins.', {
    ...one,
    prompt: needed(words()),
    base: nameOption('--base'),
    ...session,
    attempts: whole('--attempts', 1, MOST_ATTEMPTS),
    ...dryRun,
  }),
  acting('quick', 'Quick', 'Start a session for a small thing; cleaned up after its merge.', { prompt: needed(words()), ...session }),
  acting(
    'run',
    'Run',
    'Start or continue the backlog. only: ids with commas. review: leave landing to the person. wait: until it is over.',
    {
      ...backlog,
      max: whole('--max', 1, 500),
      review: flag('--land=review'),
      wait: flagUnless('--detach'),
      ...dryRun,
    },
  ),
  acting('feature', 'Feature', 'One goal split over departments (names with commas) that land together.', {
    text: needed(words()),
    departments: nameOption('--departments'),
    name: nameOption('--name'),
    review: flag('--land=review'),
    ...session,
    ...dryRun,
  }),
  acting('send', 'Send', 'Say something to a session.', { ...one, text: needed(words()), after_turn: flag('--after-turn') }),
  acting('pause', 'Pause', 'End the turn and hold the session.', one),
  acting('resume', 'Resume', 'Let a held or stopped session go on.', one),
  acting('brain_save', 'Save brain', 'Keep what a worktree learned.', one, ['brain', 'save']),
  acting('brain_load', 'Load brain', 'Bring what was learned to a worktree.', one, ['brain', 'load']),

  persons('answer', 'Answer', "The person's answer, one to each question of an id of inbox.", {
    id: needed(name()),
    answers: needed(names()),
  }),
  persons('approve', 'Approve', "The person's yes.", judged),
  persons('deny', 'Deny', "The person's no.", judged),
  persons('merge', 'Merge', 'Verify and land finished work; waits unless detach.', {
    names: names(),
    all: flag('--all'),
    detach: flag('--detach'),
    ...dryRun,
  }),
  persons('cleanup', 'Clean up', 'Remove worktrees and branches of landed work.', { names: names(), ...dryRun }),
  persons(
    'discard',
    'Discard',
    'Give work up; it can be restored.',
    { name: needed(nameOption('--discard')), reason: needed(wordsOption('--reason')), ...dryRun },
    ['review'],
  ),
  persons('stop', 'Stop', 'End a session; its work stays.', one),
  persons('undo', 'Undo', 'Take a landing back.', { ...one, detach: flag('--detach'), ...dryRun }),
]
