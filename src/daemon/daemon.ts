import { unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../foundation/failure.ts'
import { withResolvers } from '../foundation/with-resolvers.ts'
import { ensurePrivateDirectory, replaceFile } from '../platform/files.ts'
import { listenAgain } from '../platform/loopback/listen.ts'
import { keepToken } from '../platform/loopback/token.ts'
import { identityOf } from '../platform/process-identity.ts'
import { tryAcquire } from '../platform/generation-lock.ts'
import type { Home } from '../config/home.ts'
import type { DaemonStatus } from '../protocol/responses.ts'
import { NEWS } from '../workflows/news.ts'
import { makeApp } from './http/app.ts'
import type { Fleet } from './fleet.ts'
import { declareQueues } from './requests/start-task.ts'
import { logError } from './services/error-log.ts'

const SILENCE_LOOK_MS = 1000
const CHECKOUT_LOOK_MS = 5000

/**
 * The daemon's life: one per home, by a lock. It may die at any line: sessions go on without it, and the next one replays the journal
 * and attaches to them. Parts stop in reverse order.
 */
export async function runDaemon(home: Home, version: string, makeFleet: () => Promise<Fleet>): Promise<void> {
  await ensurePrivateDirectory(home.root)
  await ensurePrivateDirectory(home.sessions)
  const lock = await tryAcquire(home.daemonLock)
  if (lock.kind !== 'acquired') throw new Failure('already-running', 'another daemon owns this home', { next: 'orch daemon status' })
  await installShim(home)
  const token = await keepToken(home.tokenFile)
  const fleet = await makeFleet()
  await fleet.roster.load()
  await fleet.recall()
  for (const { input } of fleet.roster.records().toSorted((a, b) => a.input.createdAt - b.input.createdAt))
    declareQueues(fleet.engine, input)
  const startedAt = new Date().toISOString()
  const stopped = new AbortController()
  let port = 0
  const describe = (): DaemonStatus => ({
    pid: process.pid,
    port,
    version,
    startedAt,
    home: home.root,
    liveSessions: fleet.sessions.liveCount,
    rssBytes: process.memoryUsage.rss(),
    ...(fleet.gate.backOff && { backOff: { ...fleet.gate.backOff, until: new Date(fleet.gate.backOff.until).toISOString() } }),
  })
  const ready = withResolvers()
  const app = makeApp({
    ...fleet.requestParts,
    access: () => ({ token, port }),
    ready: ready.promise,
    editGuard: fleet.editGuard,
    describe,
    stop: () => stopped.abort(),
    logError,
  })
  // Before any session is started: each is told where to ask.
  const server = await listenAgain(app.fetch, home.portFile)
  port = server.port
  fleet.editGuard.open({ key: token, port })
  await fleet.engine.launch()
  await fleet.goOn()
  ready.resolve()
  await replaceFile(
    home.daemonFile,
    `${JSON.stringify({ port, startedAt, version, ...((await identityOf(process.pid)) ?? { pid: process.pid }) })}\n`,
  )
  const looks = [setInterval(() => lookForSilence(fleet), SILENCE_LOOK_MS), setInterval(() => lookAtCheckouts(fleet), CHECKOUT_LOOK_MS)]

  await untilStopped(stopped)
  looks.forEach(clearInterval)
  server.server.close()
  server.server.closeAllConnections()
  await fleet.close()
  await unlink(home.daemonFile).catch(() => undefined)
  await lock.lock.release()
}

/** What is looked at by the clock, and nothing else: silent sessions, landings that wait for a clean checkout, targets that failed. */
function lookForSilence(fleet: Fleet): void {
  fleet.sessions.checkSilence(fleet.clock.now(), (handle) => fleet.roster.record(handle)?.input.settings.stallAfterMs ?? Infinity)
}

function lookAtCheckouts(fleet: Fleet): void {
  for (const { runId, input } of fleet.roster.records()) {
    const stage = fleet.roster.stage(input.handle)
    if (stage?.kind === 'landing-held') void lookAtCheckout(fleet, runId, stage).catch(logError)
  }
  for (const [runId, held] of fleet.desk.heldRuns()) void lookAtCheckout(fleet, runId, held).catch(logError)
  void fleet.desk.lookAtTargets().catch(logError)
}

/** Only a checkout that has changed is told, and not one in the middle of a rebase: each telling is a record in the journal. */
async function lookAtCheckout(fleet: Fleet, runId: string, held: { checkout: string; dirty: readonly string[] }): Promise<void> {
  const repository = await fleet.git.open(held.checkout)
  const { uncommitted, operation } = await repository.inspectWorktree(held.checkout)
  if (operation !== undefined || held.dirty.some((path) => uncommitted.includes(path))) return
  await fleet.engine.send(runId, NEWS, { kind: 'landing-moved' }, `look ${fleet.clock.now()}`)
}

function untilStopped(stopped: AbortController): Promise<void> {
  return new Promise((resolve) => {
    stopped.signal.addEventListener('abort', () => resolve(), { once: true })
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => stopped.abort())
  })
}

/** `orch` on the path of every session is the orch that started it. Sessions of an earlier daemon may be calling it now: half of it would say nothing and succeed. */
async function installShim(home: Home): Promise<void> {
  await ensurePrivateDirectory(home.bin)
  const main = join(import.meta.dirname, '..', 'main.js')
  const shim = join(home.bin, 'orch')
  const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
  await replaceFile(shim, `#!/bin/sh\nexec ${quote(process.execPath)} ${quote(main)} "$@"\n`, { mode: 0o700 })
}
