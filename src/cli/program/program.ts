import { createRequire } from 'node:module'
import type { Command as Commander } from 'commander'
import type { CommandSpec } from '../command-spec.ts'
import type { Context } from '../context.ts'
import { errorJson, EXIT, usageFailure } from '../failures.ts'
import type { Output } from '../output.ts'
import { ownVersion } from '../../config/version.ts'

// Imported, a CommonJS package is read twice, the first time for the names it exports: 14 ms of every command against 5.
const { Command, CommanderError } = createRequire(import.meta.url)('commander') as typeof import('commander')

/** Runs one command line; the exit code is the answer. Failures are thrown. */
export async function runProgram(context: Context, specs: readonly CommandSpec[], argv: readonly string[]): Promise<number> {
  const ended: { code: number } = { code: EXIT.done }
  const program = buildProgram(
    asked(specs, argv),
    async (spec, words, options) => {
      if (spec.isPersons === true) (await import('../person/refuse-sessions.ts')).refuseSessions(context)
      const command = await spec.load()
      ended.code = await command(context, { words, options })
    },
    context.output,
  )
  try {
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // Commander has printed its own words; help that was asked for is a success.
    if (error.exitCode === 0) return EXIT.done
    if (argv.includes('--json')) context.output.json(errorJson(usageFailure(inOurWords(error.message).replace(/^orch: /, '')), ''))
    return EXIT.usage
  }
  return ended.code
}

/** Registering all commands takes longer than most of them run; help and mistakes need them all. */
function asked(specs: readonly CommandSpec[], [first = '']: readonly string[]): readonly CommandSpec[] {
  const named = specs.filter(({ name }) => name === first || name.startsWith(`${first} `))
  return named.length > 0 ? named : specs
}

export type Act = (spec: CommandSpec, words: readonly string[], options: Record<string, unknown>) => Promise<void>

export function buildProgram(specs: readonly CommandSpec[], act: Act, output?: Pick<Output, 'answers' | 'narration'>): Commander {
  const program = new Command('orch')
    .enablePositionalOptions()
    .description('A team of coding agents: plans the work, runs real sessions in git worktrees, lands only what was verified.')
    .version(ownVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .commandsGroup('Machine:')
    .helpCommand('help [command]', 'print the help of a command')
    .option('--no-color', 'no colours')
    .showHelpAfterError('Next: orch --help')
    .configureHelp({ subcommandTerm: (command) => [command.name(), operandsOf(command)].filter((part) => part !== '').join(' ') })
    .configureOutput({ outputError: (text, write) => write(inOurWords(text)), ...(output && writers(output)) })
    .exitOverride()
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 needs a human, 130/143 interrupted.')
  const groups = new Map<string, Commander>()
  for (const spec of specs) register(program, groups, spec, act)
  return program
}

/** Commander's own words go where ours go. */
function writers({ answers, narration }: Pick<Output, 'answers' | 'narration'>) {
  return {
    writeOut: (text: string) => void answers.stream.write(text),
    writeErr: (text: string) => void narration.stream.write(text),
  }
}

function register(program: Commander, groups: Map<string, Commander>, spec: CommandSpec, act: Act): void {
  const [first = '', second] = spec.name.split(' ')
  const parent = second === undefined ? program : groupOf(program, groups, first, spec)
  const command = parent.command(second ?? first, { hidden: spec.isHidden === true })
  // A command that also has commands below it: `queue`, `queue pause`.
  if (second === undefined) groups.set(first, command)
  command.description(spec.summary).helpGroup(spec.group)
  command.showHelpAfterError(`Next: orch ${spec.name} --help`)
  if (TAKES_TEXT.test(spec.operands)) command.configureOutput({ outputError: (text, write) => write(withQuotesHint(inOurWords(text))) })
  if (spec.operands !== '') command.arguments(spec.operands)
  if (spec.usage !== undefined) command.usage(spec.usage)
  for (const [flags, summary] of spec.options) command.option(flags, summary)
  command.option('--no-color', 'no colours')
  if (spec.examples.length > 0) command.addHelpText('after', `\nExamples:\n${spec.examples.map((example) => `  ${example}`).join('\n')}`)
  command.action(() => act(spec, command.args, command.opts()))
}

/** Words of a person, which a shell parts at every space. */
const TAKES_TEXT = /prompt|message|reason|text/

function withQuotesHint(text: string): string {
  return text.replace(/(too many arguments .*)\.$/m, '$1: put text of several words in quotes.')
}

function inOurWords(text: string): string {
  return text.replace(/^error: /, 'orch: ')
}

/** `<name> [prompt]`, without the `[options]` that all have. */
function operandsOf(command: Commander): string {
  return command.commands.length > 0 ? '' : command.usage().replace(/^\[options\] ?/, '')
}

function groupOf(program: Commander, groups: Map<string, Commander>, name: string, { group, isHidden = false }: CommandSpec): Commander {
  const known = groups.get(name)
  if (known !== undefined) return known
  const made = program
    .command(name, { hidden: isHidden })
    .helpGroup(group)
    .helpCommand(false)
    .showHelpAfterError(`Next: orch ${name} --help`)
    .description(GROUPS[name] ?? name)
  groups.set(name, made)
  return made
}

const GROUPS: Readonly<Record<string, string>> = {
  config: 'read and change the settings of this repository',
  daemon: 'the background part that drives the sessions',
  completion: 'completion for your shell',
  notify: 'what you are told, and by which channels',
}
