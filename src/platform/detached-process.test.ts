import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { endSessions } from '../../test/support/end-sessions.ts'
import { until } from '../../test/support/eventually.ts'
import { makeFolder, removeFolder } from '../../test/support/temporary.ts'
import type { SessionExit } from '../domain/sessions/session-event.ts'
import { failureCode } from '../foundation/failure.ts'
import { attachDetached, ensureDetached } from './detached-process.ts'
import type { DetachedProcess } from './detached-process.ts'
import { reapMarked } from './environments/marked-processes.ts'
import { mayExist } from './process-identity.ts'
import { currentBootId, scanProcesses } from './process-table.ts'

const agents = resolve(import.meta.dirname, '../../test/fixtures/agents')
const environment = { PATH: process.env.PATH ?? '' }
let home: string
let opened: DetachedProcess[]

beforeEach(() => {
  home = makeFolder('orch sessions ünïcode ')
  opened = []
})

afterEach(async () => {
  for (const one of opened) one.detach()
  await endSessions(readdirSync(home).map((name) => join(home, name)))
  removeFolder(home)
})

describe('a detached process', () => {
  it('starts once, reads its lines and takes lines', async () => {
    const session = await open('one', ['node', `${agents}/echo-lines.mjs`])
    const lines = collect(session)
    await eventually(() => lines.includes('ready'))
    await session.write('hello')
    await eventually(() => lines.length === 2)
    expect(lines[1]).toBe('5 hello…hello')
    expect(session.state().kind).toBe('running')
    expect(statSync(session.folder).mode & 0o777).toBe(0o700)
    for (const name of ['pid', 'agent', 'out.jsonl', 'err.log', 'in']) expect(statSync(join(session.folder, name)).mode & 0o777).toBe(0o600)
  })

  it('keeps the umask and the environment of the agent', async () => {
    const session = await open('mask', ['sh', '-c', 'umask; echo "$folder|$PATH|$ORCH_SESSION"'], { folder: 'mine' })
    const lines = collect(session)
    expect(await exitOf(session)).toEqual({ kind: 'code', code: 0 })
    expect(Number.parseInt(lines[0] ?? '', 8)).toBe(process.umask())
    expect(lines[1]).toBe(`mine|${environment.PATH}|${session.marker}`)
  })

  it('lets SIGINT reach the agent', async () => {
    const session = await open('int', ['sh', '-c', 'kill -INT $$; echo survived'])
    expect(await exitOf(session)).toEqual({ kind: 'code', code: 130 })
  })

  it('tells the exit code, then that nobody reads', async () => {
    const session = await open('code', ['node', `${agents}/echo-lines.mjs`])
    await session.write('quit')
    expect(await exitOf(session)).toEqual({ kind: 'code', code: 3 })
    expect(failureCode(await session.write('more').catch((error: unknown) => error))).toBe('session-gone')
  })

  it('says session-gone as soon as the agent is gone, also while the wrapper has not told', async () => {
    const session = await open('enxio', ['node', `${agents}/forever.mjs`])
    const [wrapper, agent] = [pidIn(session, 'pid'), pidIn(session, 'agent')]
    process.kill(wrapper, 'SIGSTOP')
    process.kill(agent, 'SIGKILL')
    // The first thread of a killed program is gone before its last, which still holds the FIFO.
    try {
      await eventually(async () => failureCode(await session.write('more').catch((error: unknown) => error)) === 'session-gone')
      expect(session.state().kind).toBe('running')
    } finally {
      process.kill(wrapper, 'SIGCONT')
    }
    expect(await exitOf(session)).toEqual({ kind: 'code', code: 137 })
  })

  it('is 127 for a program that is not there, a failure for a missing working directory', async () => {
    expect(await exitOf(await open('missing', ['/no/such/program']))).toEqual({ kind: 'code', code: 127 })
    const broken = ensureDetached({ folder: join(home, 'cwd'), argv: ['true'], cwd: join(home, 'nowhere'), environment, marker: 'none' })
    expect(failureCode(await broken.catch((error: unknown) => error))).toBe('session-not-started')
  })

  it('takes lines longer than the pipe, in order and unmixed', async () => {
    const session = await open('long', ['node', `${agents}/echo-lines.mjs`])
    const lines = collect(session)
    await Promise.all(['a', 'b', 'c'].map((letter) => session.write(`${letter}${'ü'.repeat(300_000)}${letter}`)))
    await eventually(() => lines.length === 4)
    expect(lines.slice(1).map((line) => [line.slice(0, 8), line.at(-1)])).toEqual([
      ['300002 a', 'a'],
      ['300002 b', 'b'],
      ['300002 c', 'c'],
    ])
  })

  it('gives up a long line when the reader dies', async () => {
    const session = await open('stuck', ['node', `${agents}/forever.mjs`])
    const written = session.write('x'.repeat(500_000)).catch((error: unknown) => error)
    await session.stop(1000)
    expect(failureCode(await written)).toBe('session-gone')
  })

  it('reads a burst of 10 MB, a huge line and a torn last one whole, and the same at the next attach', async () => {
    const session = await open('burst', ['node', `${agents}/burst.mjs`, '10000', '5000000'])
    const lines = collect(session)
    await exitOf(session)
    expect(lines.length).toBe(10_002)
    expect(lines.slice(0, 10_000).every((line, at) => line.length === 1023 && Number(line.slice(0, 8)) === at)).toBe(true)
    expect([lines[10_000]?.length, lines[10_001]]).toEqual([5_000_000, 'last'])
    const again = await attach(session.folder)
    const replayed = collect(again)
    await exitOf(again)
    expect(replayed).toEqual(lines)
  })

  it('cuts a line that would fill the memory and reads on', async () => {
    const session = await open('huge', ['sh', '-c', 'echo first; head -c 20000000 /dev/zero | tr "\\0" z; echo; echo next'])
    const lines = collect(session)
    await exitOf(session)
    expect([lines[0], lines[1]?.length, lines[2]]).toEqual(['first', 4096 + ' …[19995905 bytes cut]'.length, 'next'])
  })

  it('gives each line the same time at every replay', async () => {
    const begin = 1_700_000_000_000
    let time = begin
    const session = await open('times', ['node', `${agents}/echo-lines.mjs`], {}, () => time)
    const seen: unknown[] = []
    session.readLines((lines, at) => seen.push(...lines.map((line) => [at, line])))
    for (const [count, word] of ['one', 'two', 'quit'].entries()) {
      await eventually(() => seen.length === count + 1)
      time += 1000
      await session.write(word)
    }
    await exitOf(session)
    const again = await attach(session.folder)
    const replayed: unknown[] = []
    again.readLines((lines, at) => replayed.push(...lines.map((line) => [at, line])))
    await exitOf(again)
    expect(replayed).toEqual(seen)
    expect(seen.map((entry) => (entry as [number])[0])).toEqual([begin, begin + 1000, begin + 2000])
  })

  it('is not stopped by letting go, and attached again', async () => {
    const session = await open('again', ['node', `${agents}/echo-lines.mjs`])
    session.detach()
    const again = await attach(session.folder)
    const lines = collect(again)
    await again.write('still here')
    await eventually(() => lines.length === 2)
    expect(again.state()).toEqual(session.state())
    expect(await attachDetached(join(home, 'never'))).toBeUndefined()
  })
})

describe('the end of a detached process', () => {
  it('is told to who catches up, also while the wrapper that wrote it has not ended yet', async () => {
    const session = await open('lingers', ['node', `${agents}/forever.mjs`])
    const exits: SessionExit[] = []
    session.onExit((exit) => exits.push(exit))
    process.kill(pidIn(session, 'pid'), 'SIGSTOP')
    try {
      writeFileSync(join(session.folder, 'exit'), '3\n')
      await session.caughtUp()
      expect(exits).toEqual([{ kind: 'code', code: 3 }])
    } finally {
      process.kill(pidIn(session, 'pid'), 'SIGCONT')
    }
  })

  it('leaves no tool behind when the agent ends by itself', async () => {
    const session = await open('leaves', ['node', `${agents}/spawns-orphan.mjs`, 'leave'])
    const tools = await toolsOf(session)
    expect(await exitOf(session)).toEqual({ kind: 'code', code: 0 })
    expect(await whoLives(tools)).toEqual([])
  })

  it('is lost when wrapper and agent are killed, and its tools are gone by then', async () => {
    const session = await open('lost', ['node', `${agents}/spawns-orphan.mjs`])
    const tools = await toolsOf(session)
    process.kill(pidIn(session, 'pid'), 'SIGKILL')
    process.kill(pidIn(session, 'agent'), 'SIGKILL')
    expect(await exitOf(session)).toEqual({ kind: 'lost' })
    expect(await whoLives(tools)).toEqual([])
    expect((await attach(session.folder)).folder).toBe(session.folder)
    expect(await exitOf(await attach(session.folder))).toEqual({ kind: 'lost' })
  })

  it('takes the agent along when only the wrapper is killed', async () => {
    const session = await open('headless', ['node', `${agents}/spawns-orphan.mjs`])
    const tools = await toolsOf(session)
    const agent = pidIn(session, 'agent')
    process.kill(pidIn(session, 'pid'), 'SIGKILL')
    expect(await exitOf(session)).toEqual({ kind: 'lost' })
    expect(await whoLives([agent, ...tools])).toEqual([])
  })

  it('stop ends agent, tools and the tools of tools; repeated it does nothing', async () => {
    const session = await open('stop', ['node', `${agents}/spawns-orphan.mjs`])
    const tools = await toolsOf(session)
    const agent = pidIn(session, 'agent')
    await Promise.all([session.stop(1000), session.stop(1000)])
    expect(await whoLives([agent, pidIn(session, 'pid'), ...tools])).toEqual([])
    expect(session.state()).toEqual({ kind: 'exited', exit: { kind: 'code', code: 143 } })
    await session.stop(1000)
    expect(await exitOf(session)).toEqual({ kind: 'code', code: 143 })
  })

  it('stop finds tools that wiped their environment as long as they have their parent', async () => {
    const session = await open('wiped', ['sh', '-c', 'env -i setsid sh -c "echo tool \\$\\$ \\$\\$; sleep 1000" & wait'])
    const tools = await toolsOf(session)
    await session.stop(1000)
    expect(await whoLives(tools)).toEqual([])
  })

  it('stop is hard with the deaf and the suspended', async () => {
    const deaf = await open('deaf', ['node', `${agents}/forever.mjs`, 'deaf'])
    const lines = collect(deaf)
    await eventually(() => lines.length === 1)
    await deaf.stop(50)
    expect(await exitOf(deaf)).toEqual({ kind: 'code', code: 137 })
    const suspended = await open('suspended', ['node', `${agents}/forever.mjs`])
    process.kill(pidIn(suspended, 'agent'), 'SIGSTOP')
    // Until it is, a TERM would come first.
    await eventually(() => stateOf(pidIn(suspended, 'agent')).startsWith('T'))
    await suspended.stop(50)
    expect(await exitOf(suspended)).toEqual({ kind: 'code', code: 137 })
  })

  it('never touches a process that only has the same pid', async () => {
    const bystander = spawn('sleep', ['1000'])
    try {
      await reapMarked('nobody-has-this-marker', [{ pid: bystander.pid ?? 0, startTime: '1', bootId: await currentBootId() }])
      expect(mayExist(bystander.pid ?? 0)).toBe(true)
      expect(bystander.signalCode).toBeNull()
    } finally {
      bystander.kill('SIGKILL')
    }
  })
})

describe('many at once', () => {
  it('runs 50, each to its own end', async () => {
    const sessions = await Promise.all(
      Array.from({ length: 50 }, (_, at) => open(`many ${at}`, ['sh', '-c', `read line; echo "$line"; exit ${at}`])),
    )
    const lines = sessions.map((session) => collect(session))
    const exits = Promise.all(sessions.map((session) => exitOf(session)))
    await Promise.all(sessions.map((session, at) => session.write(`for ${at}`)))
    expect(await exits).toEqual(sessions.map((_, at) => ({ kind: 'code', code: at })))
    expect(lines).toEqual(sessions.map((_, at) => [`for ${at}`]))
  }, 120_000)

  it('starts one process when 20 processes of ours start it at the same time', async () => {
    const [folder, starts] = [join(home, 'raced'), join(home, 'starts')]
    const racers = Array.from({ length: 20 }, () =>
      spawn(
        process.execPath,
        ['--import', 'tsx', `${agents}/ensures.ts`, folder, process.execPath, `${agents}/counts-starts.mjs`, starts],
        {
          env: { ...environment, RACE: String(process.pid) },
          stdio: ['ignore', 'pipe', 'inherit'],
          cwd: resolve(import.meta.dirname, '../..'),
        },
      ),
    )
    try {
      const pids = await Promise.all(racers.map(firstLine))
      expect(new Set(pids).size).toBe(1)
      await eventually(() => existsSync(starts))
      expect(readFileSync(starts, 'utf8')).toBe(`${pids[0]}\n`)
    } finally {
      for (const racer of racers) racer.kill('SIGKILL')
    }
    await eventually(() => racers.every((racer) => racer.signalCode === 'SIGKILL'))
    expect((await attach(folder)).state().kind).toBe('running')
  }, 120_000)
})

async function open(name: string, argv: string[], more: Record<string, string> = {}, now?: () => number): Promise<DetachedProcess> {
  const marker = `test-${process.pid}-${name.replace(/ /g, '-')}-${opened.length}-${Date.now()}`
  const session = await ensureDetached({ folder: join(home, name), argv, cwd: home, environment: { ...environment, ...more }, marker }, now)
  opened.push(session)
  return session
}

async function attach(folder: string): Promise<DetachedProcess> {
  const session = await attachDetached(folder)
  if (session === undefined) throw new Error(`nothing was started in ${folder}`)
  opened.push(session)
  return session
}

function collect(session: DetachedProcess): string[] {
  const all: string[] = []
  session.readLines((lines) => all.push(...lines))
  return all
}

function exitOf(session: DetachedProcess): Promise<SessionExit> {
  return new Promise((resolve) => session.onExit(resolve))
}

/** As `ps` writes it: `T` is suspended. */
function stateOf(pid: number): string {
  return execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
}

function pidIn(session: DetachedProcess, name: 'pid' | 'agent'): number {
  return Number(readFileSync(join(session.folder, name), 'utf8').split('\n')[0])
}

/** The pids that a fixture prints as `tool <pid> <pid>`. */
async function toolsOf(session: DetachedProcess): Promise<number[]> {
  const lines = collect(session)
  await eventually(() => lines.some((line) => line.startsWith('tool')))
  return (lines.find((line) => line.startsWith('tool')) ?? '').split(' ').slice(1).map(Number)
}

async function whoLives(pids: readonly number[]): Promise<number[]> {
  const table = await scanProcesses()
  return pids.filter((pid) => table.some((entry) => entry.pid === pid))
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => child.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString().trim())))
}

async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  await until(condition, { what: 'the condition', deadlineMs: 20_000 })
}
