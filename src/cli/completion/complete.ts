import type { Command as Commander } from 'commander'
import type { CommandSpec } from '../command-spec.ts'
import { commands } from '../command-table.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import type { Invocation } from '../invocation.ts'
import { plainLine } from '../../foundation/text.ts'
import { buildProgram } from '../program.ts'
import { loadStatuses } from '../tasks/status-files.ts'

/** Called by the shell with the words so far, the unfinished one last: prints `value<TAB>what it is`, one per line. */
export async function complete(context: Context, invocation: Invocation): Promise<number> {
  const words = invocation.words
  const program = buildProgram(commands, async () => {})
  const candidates = candidatesFor(program, words, (completes) => dynamicCandidates(context, completes))
  for (const [value, summary] of candidates) context.output.answer(`${plainLine(value)}\t${plainLine(summary, 60)}`)
  return EXIT.done
}

type Candidate = readonly [value: string, summary: string]

export function candidatesFor(
  program: Commander,
  words: readonly string[],
  dynamic: (completes: CommandSpec['completes']) => readonly Candidate[],
): readonly Candidate[] {
  const unfinished = words.at(-1) ?? ''
  const { command, path } = walk(program, words.slice(0, -1))
  const all = unfinished.startsWith('-')
    ? optionsOf(command)
    : command.commands.length > 0
      ? subcommandsOf(command)
      : dynamic(commands.find((spec) => spec.name === path)?.completes)
  return all.filter(([value]) => value.startsWith(unfinished))
}

function walk(program: Commander, words: readonly string[]): { command: Commander; path: string } {
  let command = program
  const path: string[] = []
  for (const word of words) {
    const next = command.commands.find((child) => child.name() === word)
    if (next === undefined) continue
    command = next
    path.push(word)
  }
  return { command, path: path.join(' ') }
}

function subcommandsOf(command: Commander): readonly Candidate[] {
  return command.commands.filter((child) => !child.name().startsWith('__')).map((child) => [child.name(), child.description()])
}

function optionsOf(command: Commander): readonly Candidate[] {
  return [...command.options.map((option): Candidate => [option.long ?? option.short ?? '', option.description]), ['--help', 'print help']]
}

/** Names are read from the status files, so completion needs no daemon. */
function dynamicCandidates(context: Context, completes: CommandSpec['completes']): readonly Candidate[] {
  if (completes === 'tasks') {
    const tasks = loadStatuses(context.home).tasks.filter((task) => task.status !== 'Archived')
    const times = new Map<string, number>()
    for (const { task } of tasks) times.set(task, (times.get(task) ?? 0) + 1)
    return tasks.map((task) => [times.get(task.task) === 1 ? task.task : task.handle, `${task.status}: ${task.title}`])
  }
  if (completes === 'requests')
    return loadStatuses(context.home).tasks.flatMap((task) =>
      task.requests.map((request): Candidate => [request.id, `${task.task}: ${request.summary}`]),
    )
  return []
}
