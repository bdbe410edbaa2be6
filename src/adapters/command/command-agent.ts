import { access, constants, mkdir, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { Failure } from '../../foundation/failure.ts'
import { attachDetached, ensureDetached } from '../../platform/detached-process.ts'
import type { Agent, AgentProbe, AgentSession, SessionSpec } from '../../ports/agent.ts'
import { CommandSession, promptFile } from './command-session.ts'

/**
 * Any program as an agent. It finds its first message in $ORCH_PROMPT_FILE and, as later ones, as a JSON line on its standard input; what it may print
 * is in command-line.ts. A program that knows nothing of this works too: its output is text, exit code 0 is a completed turn.
 * Also in its environment: ORCH_INSTRUCTIONS_FILE, ORCH_CONVERSATION (the same for a resumed one), ORCH_BEGIN (`new` or `resume`), ORCH_MODEL,
 * ORCH_TOOLS (with commas), ORCH_PERMISSION_MODE, and ORCH_CONTEXT_FILE: what is in force besides its task, there or not;
 * where an answer of a certain shape is wanted ORCH_OUTPUT_SCHEMA (a file) and ORCH_OUTPUT_FILE (leave it there, or print an `output` line).
 * Of sub-agents it hears nothing, and it is not asked before it edits: its commits are looked at.
 */
export class CommandAgent implements Agent {
  readonly kind = 'command'
  readonly #options: CommandAgentOptions

  constructor(options: CommandAgentOptions = {}) {
    this.#options = options
  }

  probe(environment: Readonly<Record<string, string>>): Promise<AgentProbe> {
    return probe(this.#options.argv?.[0] ?? '', environment.PATH ?? '')
  }

  async open(spec: SessionSpec): Promise<AgentSession> {
    const program = await start(spec, this.#argvOf(spec), this.#options.now ?? Date.now)
    return new CommandSession(program, this.#options.stopGraceMs ?? 5000)
  }

  async attach(spec: SessionSpec): Promise<AgentSession | undefined> {
    const found = await attachDetached(spec.folder, this.#options.now ?? Date.now)
    return found && new CommandSession(found, this.#options.stopGraceMs ?? 5000)
  }

  async manualCommand(spec: SessionSpec): Promise<{ argv: readonly string[]; again: readonly string[] }> {
    const argv = this.#argvOf(spec)
    return { argv, again: argv }
  }

  #argvOf(spec: SessionSpec): readonly string[] {
    return requireProgram(spec.argv ?? this.#options.argv ?? [])
  }
}

export interface CommandAgentOptions {
  /** For specs without one, and what `probe` looks for. */
  readonly argv?: readonly string[]
  readonly stopGraceMs?: number
  readonly now?: () => number
}

async function probe(program: string, path: string): Promise<AgentProbe> {
  const places = program.includes('/') ? [resolve(program)] : path.split(':').map((folder) => join(folder, program))
  for (const place of program === '' ? [] : places) {
    const isThere = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return { kind: 'ready', program: place, version: 'unknown', login: 'unknown' }
  }
  return { kind: 'missing', program }
}

async function start(spec: SessionSpec, argv: readonly string[], now: () => number): ReturnType<typeof ensureDetached> {
  await mkdir(spec.folder, { recursive: true, mode: 0o700 })
  const instructions = join(spec.folder, 'instructions.md')
  await writeFile(instructions, spec.instructions, { mode: 0o600 })
  const environment = {
    ...spec.environment,
    ORCH_PROMPT_FILE: join(spec.folder, promptFile),
    ORCH_INSTRUCTIONS_FILE: instructions,
    ORCH_CONVERSATION: spec.conversationId,
    ORCH_BEGIN: spec.begin,
    ...(spec.model === undefined ? {} : { ORCH_MODEL: spec.model }),
    ...(spec.tools === undefined ? {} : { ORCH_TOOLS: spec.tools.join(',') }),
    ...(spec.permissionMode === undefined ? {} : { ORCH_PERMISSION_MODE: spec.permissionMode }),
    ...(spec.hooks?.contextFile === undefined ? {} : { ORCH_CONTEXT_FILE: spec.hooks.contextFile }),
    ...(await outputFiles(spec)),
  }
  return ensureDetached(
    {
      folder: spec.folder,
      argv: ['/bin/sh', '-c', spec.outputSchema === undefined ? gate : answeringGate, 'orch-command', ...argv],
      cwd: spec.worktree,
      environment,
      marker: markerOf(spec),
    },
    now,
  )
}

/** Where the answer's shape stands, and where the answer may be left as a file instead of an `output` line. */
async function outputFiles({ folder, outputSchema }: SessionSpec): Promise<Record<string, string>> {
  if (outputSchema === undefined) return {}
  const schema = join(folder, 'output-schema.json')
  await writeFile(schema, `${JSON.stringify(outputSchema, undefined, 2)}\n`, { mode: 0o600 })
  return { ORCH_OUTPUT_SCHEMA: schema, ORCH_OUTPUT_FILE: join(folder, 'output.json') }
}

/** Holds the program back until its first message is in the file, and records that it began: programs read the file once, at their start. */
const hold = 'IFS= read -r orch_line; printf "%s\\n" "$orch_line"; unset orch_line'
const gate = `${hold}; exec "$@"`
/** Puts the answer that a program left in a file into its record, as the line that it could have printed: JSON has no line end that means something. */
const answeringGate = `${hold}; "$@"; orch_code=$?
if [ "$orch_code" = 0 ] && [ -s "$ORCH_OUTPUT_FILE" ]; then
  printf '\\n{"type":"output","output":'; head -c 262144 "$ORCH_OUTPUT_FILE" | tr '\\n\\r' '  '; printf '}\\n'
fi
exit "$orch_code"`

function markerOf(spec: SessionSpec): string {
  return `${spec.conversationId}.${basename(spec.folder)}`.replace(/\s/g, '_')
}

function requireProgram(argv: readonly string[]): readonly string[] {
  if (argv[0] !== undefined && argv[0] !== '') return argv
  throw new Failure('agent-missing', 'no command is configured for the agent', {
    next: 'set `agent: { command: [program, …] }` in orch.yaml',
  })
}
