import { spawnSync } from 'node:child_process'
import type { Command as Commander } from 'commander'
import type { CommandSpec } from '../command-spec.ts'
import { commands } from '../command-table.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import type { Invocation } from '../invocation.ts'
import { BUILT_IN_DEPARTMENTS } from '../../domain/features/built-in-departments.ts'
import { plainLine } from '../../foundation/text.ts'
import type { TaskStatus } from '../../protocol/task-status.ts'
import { buildProgram } from '../program/program.ts'
import { shownTasks } from '../reading/shown-tasks.ts'
import { repositoryOf } from '../tasks/repository-of.ts'
import { loadStatuses } from '../tasks/status-files.ts'

/** Called by the shell with the words so far, the unfinished one last: prints `value<TAB>what it is`, one per line. */
export async function complete(context: Context, invocation: Invocation): Promise<number> {
  for (const [value, summary] of await candidatesFor(context, invocation.words))
    context.output.answer(`${plainLine(value)}\t${plainLine(summary, 60)}`)
  return EXIT.done
}

/** What the last word may become. */
export async function candidatesFor(context: Context, words: readonly string[]): Promise<readonly Candidate[]> {
  const unfinished = words.at(-1) ?? ''
  const candidates = await candidatesAfter(context, words.slice(0, -1), unfinished)
  return candidates.filter(([value]) => value.startsWith(unfinished))
}

type Candidate = readonly [value: string, summary: string]

async function candidatesAfter(context: Context, words: readonly string[], unfinished: string): Promise<readonly Candidate[]> {
  const program = buildProgram(commands, async () => {})
  const { command, path, isOperand } = walk(program, words)
  const spec = commands.find(({ name }) => name === path)
  const last = words.at(-1) ?? ''
  const option = optionBefore(command, last)
  if (option !== undefined) return valuesOf(context, spec, option, unfinished)
  if (unfinished.startsWith('-')) return optionsOf(command)
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

/** The long name of the option whose value comes next. */
function optionBefore(command: Commander, word: string): string | undefined {
  return command.options.find((option) => option.required && (option.long === word || option.short === word))?.long ?? undefined
}

/** Of a list the word behind the last comma. */
async function valuesOf(
  context: Context,
  spec: CommandSpec | undefined,
  option: string,
  unfinished: string,
): Promise<readonly Candidate[]> {
  const named = spec?.names?.[option]
  const before = unfinished.slice(0, unfinished.lastIndexOf(',') + 1)
  const given = before.split(',')
  const values: readonly Candidate[] =
    named === undefined
      ? (spec?.choices?.[option] ?? []).map((choice) => [choice, ''])
      : named === 'features'
        ? await operandsOf(context, 'features')
        : await departmentsIn(context)
  return values.filter(([value]) => !given.includes(value)).map(([value, summary]) => [before + value, summary])
}

/** A file that cannot be read is no reason to offer nothing. */
async function departmentsIn({ cwd, home, environment }: Context): Promise<readonly Candidate[]> {
  const { loadConfig } = await import('../../config/load-config.ts')
  const root = repositoryOf(cwd)
  const configured =
    root === undefined
      ? []
      : await loadConfig({ home, root, environment }).then(
          ({ config }) => config.departments,
          () => [],
        )
  const own = configured.map(({ name, owns }): Candidate => [name, owns.length === 0 ? '' : `owns ${owns.join(', ')}`])
  const others = BUILT_IN_DEPARTMENTS.filter((name) => !configured.some((one) => one.name === name))
  return [...own, ...others.map((name): Candidate => [name, 'built in'])]
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
  if (completes === 'tasks' || completes === 'features') {
    const isOffered = ({ status, kind }: TaskStatus): boolean => (completes === 'tasks' ? status !== 'Archived' : kind === 'feature')
    const here = shownTasks(context, false).tasks.filter(isOffered)
    const tasks = here.length > 0 ? here : loadStatuses(context.home).tasks.filter(isOffered)
    const times = new Map<string, number>()
    for (const { task } of tasks) times.set(task, (times.get(task) ?? 0) + 1)
    return tasks.map((task) => [times.get(task.task) === 1 ? task.task : task.handle, `${task.status}: ${task.title}`])
  }
  if (completes === 'requests') {
    const { loadPersonsFacts } = await import('../person/inbox.ts')
    const { whatWaits } = await import('../../protocol/what-waits.ts')
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
