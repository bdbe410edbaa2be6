import { spawn } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { Failure } from '../../foundation/failure.ts'
import type { DetachedSpec } from '../detached-process.ts'
import { currentBootId } from '../process-table.ts'

/**
 * Starts the small shell program that becomes the agent's parent and outlives us. Resolves when that shell ends: at once for the loser
 * of a race (the folder has its wrapper already), else when the agent has ended.
 */
export async function launchWrapper(spec: DetachedSpec, launchedAt: number): Promise<{ readonly ended: Promise<void> }> {
  await requireFolder(spec.cwd)
  const bootId = await currentBootId()
  const child = spawn(
    '/bin/sh',
    ['-c', wrapperScript, 'orch-session', spec.folder, spec.marker, String(launchedAt), bootId, agentScript, ...spec.argv],
    {
      cwd: spec.cwd,
      env: { ...spec.environment },
      detached: true,
      stdio: 'ignore',
    },
  )
  child.unref()
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', (cause) =>
      reject(new Failure('session-not-started', `Could not start a shell for the session: ${cause.message}`, { cause })),
    )
  })
  return { ended }
}

async function requireFolder(cwd: string): Promise<void> {
  const found = await stat(cwd).catch(() => undefined)
  if (found?.isDirectory() !== true)
    throw new Failure('session-not-started', `The working directory ${cwd} is not there.`, { facts: { cwd } })
}

/** The start time as `process-identity.ts` reads it: clock ticks since boot on Linux, `ps`'s lstart elsewhere. */
/* Names begin with orch_, as an exported variable of the user would be changed for the agent. No subshells: each is a process more before the agent starts. */
const startOf = `
start_of() {
  if [ -r "/proc/$1/stat" ]; then
    IFS= read -r orch_line <"/proc/$1/stat"
    set -f
    set -- \${orch_line##*) }
    set +f
    orch_start=\${20}
  else
    orch_start=$(TZ=UTC LC_ALL=C ps -o lstart= -p "$1")
  fi
}`

/**
 * Exactly one wrapper wins a folder: `ln` makes the pid file exclusively and with its whole content. The agent runs in the
 * foreground, as shells without job control start background commands with SIGINT ignored. Only the agent holds the FIFO (read-write, so that
 * a writer's close is no end of input): when it is gone, opening for writing says ENXIO. The marker is not in the wrapper's own environment,
 * so reaping what the agent left never hits the wrapper, which has yet to write the exit file.
 * (A shell passes on only variables whose names it could assign: dash drops `npm_config_//host:key` and bash's exported functions.)
 */
const wrapperScript = wrapperOf('mkfifo "$orch_folder/in" 2>>"$orch_folder/err.log" || exit 1', ':')

/** The same in a person's terminal, which is the program's input and output; its exit code is told on. */
export const terminalWrapperScript = wrapperOf(':', 'exit "$orch_code"')

function wrapperOf(makeStreams: string, end: string): string {
  return `${startOf}
orch_folder=$1 orch_marker=$2 orch_launched=$3 orch_boot=$4 orch_inner=$5
shift 5
orch_mask=$(umask) orch_path=$PATH
umask 077
PATH=$PATH:/usr/bin:/bin
trap : HUP INT TERM
start_of $$
printf '%s\\n' "$$" "$orch_start" "$orch_launched" "$orch_marker" "$orch_boot" >"$orch_folder/pid.$$" || exit 1
ln "$orch_folder/pid.$$" "$orch_folder/pid" 2>/dev/null
orch_won=$?
rm -f "$orch_folder/pid.$$"
[ "$orch_won" = 0 ] || exit 0
${makeStreams}
ORCH_SESSION=$orch_marker /bin/sh -c "$orch_inner" orch-agent "$orch_folder" "$orch_mask" "$orch_path" "$orch_boot" "$@"
orch_code=$?
printf '%s\\n' "$orch_code" >"$orch_folder/exit.tmp" && mv -f "$orch_folder/exit.tmp" "$orch_folder/exit"
${end}
`
}

/** Opens the streams itself, as dash would hold them in the parent too; records its own identity, which stays the agent's after `exec`. */
const agentScript = agentOf('exec <>"$orch_folder/in" >>"$orch_folder/out.jsonl" 2>>"$orch_folder/err.log"')

export const terminalAgentScript = agentOf(':')

function agentOf(openStreams: string): string {
  return `${startOf}
orch_folder=$1 orch_mask=$2 orch_path=$3 orch_boot=$4
shift 4
${openStreams}
start_of $$
printf '%s\\n' "$$" "$orch_start" "$orch_boot" >"$orch_folder/agent" || exit 126
unset orch_folder orch_boot orch_line orch_start
umask "$orch_mask"
PATH=$orch_path
exec "$@"
`
}
