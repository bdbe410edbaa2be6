import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { accessSync, closeSync, constants, mkdirSync, openSync, readFileSync, statSync, watch } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Failure } from '../../foundation/failure.ts'
import { plainLine } from '../../foundation/text.ts'
import { parseStartFailure } from '../../protocol/start-failure.ts'
import { isAlive, loadEndpoint } from './endpoint.ts'
import type { Endpoint } from './endpoint.ts'

const READY_WITHIN_MS = 20_000
/** Most of what the daemon touches is garbage at once, and V8 keeps up to 48 MB for it: with fifty sessions it took 107 MB, with this 70, and no longer. */
const SMALL_NURSERY = '--max-semi-space-size=2'
/** The one we started has ended because another one holds the lock: that one is about to say where it listens. */
const OTHER_READY_WITHIN_MS = 5_000
const LAUNCHES_AT_MOST = 5

/** Starts the daemon and answers when it listens. Several may be started at once: the lock lets one live, and all callers find that one. */
export async function startDaemon(home: string, stale: Endpoint | undefined): Promise<Endpoint> {
  makeHome(home)
  const isReady = (found: Endpoint | undefined): found is Endpoint =>
    found !== undefined && (found.pid !== stale?.pid || found.startedAt !== stale.startedAt) && isAlive(found.pid)
  return untilFile(
    home,
    () => {
      const found = loadEndpoint(home)
      return isReady(found) ? found : undefined
    },
    () => launch(home),
  )
}

/** Answers when the old daemon has taken its file away or is gone. */
export async function untilGone(home: string, old: Endpoint): Promise<void> {
  await untilFile(home, () => {
    const found = loadEndpoint(home)
    return found?.startedAt !== old.startedAt || !isAlive(old.pid) ? true : undefined
  })
}

function makeHome(home: string): void {
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 })
    accessSync(home, constants.W_OK | constants.X_OK)
    if (statSync(home).isDirectory()) return
  } catch (cause) {
    throw unusable(home, cause)
  }
  throw unusable(home, undefined)
}

function unusable(home: string, cause: unknown): Failure {
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
  return new Failure('home-unusable', `${home} cannot be orch's folder: it is no folder, or may not be written${code}.`, {
    cause,
    safe: 'nothing was started.',
    next: 'mend it, or set ORCH_HOME to a folder of your own',
  })
}

function launch(home: string): ChildProcess {
  const log = openSync(join(home, 'daemon.log'), 'a', 0o600)
  const program = fileURLToPath(new URL('../../daemon/main.js', import.meta.url))
  const child = spawn(process.execPath, [SMALL_NURSERY, program], {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: home,
    env: ownEnvironment(home),
  })
  closeSync(log)
  child.unref()
  return child
}

/** A session that types `orch` starts a daemon that is not its own: nothing marks it as the session's. */
function ownEnvironment(home: string): NodeJS.ProcessEnv {
  const { ORCH_SESSION: _session, ORCH_BRANCH: _branch, ORCH_TASK: _task, ORCH_WORKTREE: _worktree, ...environment } = process.env
  return { ...environment, ORCH_HOME: home }
}

/** Looks now and at every change in the home folder; a deadline ends it. */
function untilFile<T>(home: string, look: () => T | undefined, launchOne?: () => ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    let isOver = false
    const watcher = watch(home, check)
    let deadline = setTimeout(giveUp, READY_WITHIN_MS)
    let launches = 0
    let child = launched()
    check()
    function launched(): ChildProcess | undefined {
      launches += 1
      return launchOne?.().once('error', giveUp).once('exit', exited)
    }
    function exited(code: number | null): void {
      check()
      if (isOver) return
      // It could not start at all, and has said why.
      if (code !== 0) return giveUp()
      // It found the lock held. By a daemon that is ending, which takes its file away first: then ours is the next one.
      if (loadEndpoint(home) === undefined && launches < LAUNCHES_AT_MOST) child = launched()
      else {
        clearTimeout(deadline)
        deadline = setTimeout(giveUp, OTHER_READY_WITHIN_MS)
      }
    }
    function end(): void {
      isOver = true
      clearTimeout(deadline)
      watcher.close()
      child?.removeAllListeners()
    }
    function check(): void {
      const found = isOver ? undefined : look()
      if (found === undefined) return
      end()
      resolve(found)
    }
    function giveUp(): void {
      end()
      const last = lastLine(home)
      reject(
        parseStartFailure(last) ??
          new Failure('daemon-not-ready', `The daemon did not start${last === '' ? '' : `; it said: ${plainLine(last)}`}`, {
            safe: 'sessions run on their own and go on.',
            next: `look into ${join(home, 'daemon.log')}, then \`orch doctor\``,
          }),
      )
    }
  })
}

function lastLine(home: string): string {
  try {
    return readFileSync(join(home, 'daemon.log'), 'utf8').trim().split('\n').at(-1) ?? ''
  } catch {
    return ''
  }
}
