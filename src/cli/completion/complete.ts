import { spawnSync } from 'node:child_process'
import type { Command as Commander } from 'commander'
import type { CommandSpec } from '../command-spec.ts'
import { commands } from '../command-table.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import type { Invocation } from '../invocation.ts'
import { plainLine } from '../../foundation/text.ts'
import { buildProgram } from '../program.ts'
import { shownTasks } from '../reading/shown-tasks.ts'
import { loadStatuses } from '../tasks/status-files.ts'

/** Called by the shell with the words so far, the unfinished one last: prints `value<TAB>what it is`, one per line. */
export async function complete(context: Context, invocation: Invocation): Promise<number> {
  const unfinished = invocation.words.at(-1) ?? ''
  const candidates = await candidatesAfter(context, invocation.words.slice(0, -1), unfinished.startsWith('-'))
  for (const [value, summary] of candidates.filter(([each]) => each.startsWith(unfinished)))
    context.output.answer(`${plainLine(value)}\t${plainLine(summary, 60)}`)
  return EXIT.done
}

type Candidate = readonly [value: string, summary: string]

async function candidatesAfter(context: Context, words: readonly string[], isOption: boolean): Promise<readonly Candidate[]> {
  const program = buildProgram(commands, async () => {})
  const { command, path, isOperand } = walk(program, words)
  const spec = commands.find(({ name }) => name === path)
  const last = words.at(-1) ?? ''
  if (takesValue(command, last)) return (spec?.choices?.[last] ?? []).map((choice) => [choice, ''])
  if (isOption) return optionsOf(command)
  if (command.commands.length > 0) return isOperand ? [] : subcommandsOf(command)
  return (await operandsOf(context, spec?.completes)).filter(([value]) => !words.includes(value))
}

/** `isOperand`: a word stands where a command of a group should. */
function walk(program: Commander, words: readonly string[]): { command: Commander; path: string; isOperand: boolean } {
  let command = program
  const path: string[] = []
  let isOperand = false
  for (const word of words[0] === 'help' ? words.slice(1) : words) {
    const next = command.commands.find((child) => child.name() === word)
    if (next === undefined) {
      isOperand ||= !word.startsWith('-')
      continue
    }
    command = next
    path.push(word)
  }
  return { command, path: path.join(' '), isOperand }
}

function takesValue(command: Commander, word: string): boolean {
  return command.options.some((option) => option.required && (option.long === word || option.short === word))
}

function subcommandsOf(command: Commander): readonly Candidate[] {
  return command.commands.filter((child) => !child.name().startsWith('__')).map((child) => [child.name(), child.description()])
}

function optionsOf(command: Commander): readonly Candidate[] {
  return [...command.options.map((option): Candidate => [option.long ?? option.short ?? '', option.description]), ['--help', 'print help']]
}

/** Names are read from the status files, so completion needs no daemon. */
async function operandsOf(context: Context, completes: CommandSpec['completes']): Promise<readonly Candidate[]> {
  if (completes === 'work') return [...(await operandsOf(context, 'tasks')), ...branchesIn(context)]
  if (completes === 'tasks') {
    const here = shownTasks(context, false).tasks.filter(({ status }) => status !== 'Archived')
    const tasks = here.length > 0 ? here : loadStatuses(context.home).tasks.filter(({ status }) => status !== 'Archived')
    const times = new Map<string, number>()
    for (const { task } of tasks) times.set(task, (times.get(task) ?? 0) + 1)
    return tasks.map((task) => [times.get(task.task) === 1 ? task.task : task.handle, `${task.status}: ${task.title}`])
  }
  if (completes === 'requests') {
    const { loadPersonsFacts } = await import('../person/inbox.ts')
    const { whatWaits } = await import('../person/waiting.ts')
    return whatWaits(loadPersonsFacts(context)).flatMap(({ id, who, what }): Candidate[] => (id === who ? [] : [[id, `${who}: ${what}`]]))
  }
  if (completes !== 'settings') return []
  const { optionNames, optionOf } = await import('../../config/options.ts')
  return optionNames.map((name) => [optionOf(name).path, optionOf(name).doc])
}

/** Local branches that are no task's; git is only asked for their names. */
function branchesIn({ cwd, home }: Context): readonly Candidate[] {
  const asked = spawnSync('git', ['for-each-ref', '--format=%(refname:lstrip=2)', 'refs/heads'], { cwd, encoding: 'utf8' })
  const taken = new Set(loadStatuses(home).tasks.map(({ branch }) => branch))
  return (asked.stdout ?? '').split('\n').flatMap((name): Candidate[] => (name === '' || taken.has(name) ? [] : [[name, 'branch']]))
}
