import { MOST_ATTEMPTS } from '../../../domain/attempts/contest-facts.ts'
import { amount, flag, flagUnless, name, nameOption, names, needed, pathInside, whole, words, wordsOption } from './field.ts'
import type { Tool } from './tool.ts'

/**
 * Every tool of orch. What runs a command of the model's choice (`--validate`), lands without the person (`--land auto`, `--accept`) or
 * deletes elsewhere (`--remote`) is left out: it is for the person to type.
 */
export const tools: readonly Tool[] = [...reading(), ...acting(), ...persons()]

function reading(): readonly Tool[] {
  const row = (title: string, command: readonly string[], description: string, fields: Tool['fields'] = {}): Tool => ({
    name: command[0] ?? '',
    title,
    kind: 'reading',
    command,
    description,
    fields,
  })
  return [
    row('Status', ['status'], 'The fleet in one line.'),
    row('Monitor', ['monitor'], 'All sessions: status, reason, what to do next.'),
    row('List', ['list'], 'A line per task, with its open requests.'),
    row('Inbox', ['inbox', '--dry-run'], 'What waits for the person, with ids.'),
    row('Plan', ['plan'], 'What run would do: order, needs, overlaps.', {
      backlog: pathInside(),
      only: nameOption('--only'),
    }),
    row('Review', ['review', '--list'], 'Finished work that waits for review.'),
    row('Diff', ['diff', '--plain', '--unified'], "A task's changes.", { name: needed(name()), stat: flag('--stat') }),
    { ...row('Logs', ['logs'], 'What a session said and did last.', { name: needed(name()) }), keeps: 'end' },
    row('Queue', ['queue'], 'What waits to land or is being tested.'),
    row('Radar', ['radar'], 'Which live worktrees would conflict.'),
    { ...row('Board', ['board'], 'What sessions, people and orch said.', { feature: nameOption('--feature') }), keeps: 'end' },
    row('Report', ['report'], "A feature's checklist and story.", { feature: name() }),
  ]
}

function acting(): readonly Tool[] {
  const row = (called: string, title: string, description: string, fields: Tool['fields'], command = [called]): Tool => ({
    name: called,
    title,
    kind: 'acting',
    command,
    description,
    fields,
  })
  const session = { model: nameOption('--model'), budget: amount('--budget') }
  const dryRun = { dry_run: flag('--dry-run') }
  return [
    row('spawn', 'Spawn', 'Start one session on a task in its own worktree. budget: USD. attempts: that many try it, best wins.', {
      name: needed(name()),
      prompt: needed(words()),
      base: nameOption('--base'),
      ...session,
      attempts: whole('--attempts', 1, MOST_ATTEMPTS),
      ...dryRun,
    }),
    row('quick', 'Quick', 'Start a session for a small thing; cleaned up after its merge.', { prompt: needed(words()), ...session }),
    row('run', 'Run', 'Start or continue the backlog. only: task ids with commas. wait: until it is over.', {
      backlog: pathInside(),
      only: nameOption('--only'),
      max: whole('--max', 1, 500),
      review: flag('--land=review'),
      wait: flagUnless('--detach'),
      ...dryRun,
    }),
    row('feature', 'Feature', 'One goal split over departments (names with commas) that land together.', {
      text: needed(words()),
      departments: nameOption('--departments'),
      name: nameOption('--name'),
      review: flag('--land=review'),
      ...session,
      ...dryRun,
    }),
    row('send', 'Send', 'Say something to a session.', { name: needed(name()), text: needed(words()), after_turn: flag('--after-turn') }),
    row('pause', 'Pause', 'End the turn and hold the session.', { name: needed(name()) }),
    row('resume', 'Resume', 'Let a held or stopped session go on.', { name: needed(name()) }),
    row('brain_save', 'Save brain', 'Keep what a worktree learned.', { name: needed(name()) }, ['brain', 'save']),
    row('brain_load', 'Load brain', 'Bring what was learned to a worktree.', { name: needed(name()) }, ['brain', 'load']),
  ]
}

function persons(): readonly Tool[] {
  const row = (called: string, title: string, description: string, fields: Tool['fields'], command = [called]): Tool => ({
    name: called,
    title,
    kind: 'persons',
    command,
    description,
    fields,
  })
  const dryRun = { dry_run: flag('--dry-run') }
  return [
    row('answer', 'Answer', "The person's answer to a question (id of inbox).", { id: needed(name()), answers: needed(names()) }),
    row('approve', 'Approve', "The person's yes.", { ids: needed(names()), because: wordsOption('--because') }),
    row('deny', 'Deny', "The person's no.", { ids: needed(names()), because: wordsOption('--because') }),
    row('merge', 'Merge', 'Verify and land finished work; waits unless detach.', {
      names: names(),
      all: flag('--all'),
      detach: flag('--detach'),
      ...dryRun,
    }),
    row('cleanup', 'Clean up', 'Remove worktrees and branches of landed work.', { names: names(), ...dryRun }),
    row(
      'discard',
      'Discard',
      'Give work up; it can be restored.',
      {
        name: needed(nameOption('--discard')),
        reason: needed(wordsOption('--reason')),
        ...dryRun,
      },
      ['review'],
    ),
    row('stop', 'Stop', 'End a session; its work stays.', { name: needed(name()) }),
    row('undo', 'Undo', 'Take a landing back.', { name: needed(name()), detach: flag('--detach'), ...dryRun }),
  ]
}
