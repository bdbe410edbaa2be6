import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, watch, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect } from 'vitest'
import type { Notice } from '../../src/domain/notices/notice.ts'
import { renderNoticeLines } from '../../src/domain/notices/notice-record.ts'
import { noticesFile, seenFolder } from '../../src/config/home.ts'
import { until } from '../support/eventually.ts'
import { orchProgram, orchTest, type OrchFixture } from '../support/orch.ts'

const newsHook = resolve(import.meta.dirname, '../../plugin/news.sh')

/** A session as Claude Code runs hooks behind it: what one wrote is told, and stands in the transcript, when it ended with 2. */
class Session {
  readonly transcript: string
  readonly folder: string
  readonly #orch: OrchFixture
  readonly #id: string
  readonly #more: Readonly<Record<string, string>>

  constructor(orch: OrchFixture, id: string, more: Readonly<Record<string, string>> = {}) {
    this.#orch = orch
    this.#id = id
    this.#more = more
    this.transcript = join(orch.home, `${id}.jsonl`)
    this.folder = join(orch.orchHome, 'claude', id)
    writeFileSync(this.transcript, '')
  }

  /** One hook to its end. `onStart` may end it sooner. */
  async hook(mode: string, { more = {}, onStart = () => {} }: HookOptions = {}): Promise<{ code: number | null; stdout: string }> {
    const child = spawn('/bin/sh', ['-c', `exec sh '${newsHook}' ${mode}`], {
      env: { ...this.#orch.environment, CLAUDE_CODE_SESSION_ID: this.#id, CLAUDE_CODE_ENTRYPOINT: 'cli', ...this.#more },
      stdio: 'pipe',
      detached: true,
    })
    const said = { stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text))
    child.stdin.on('error', () => {}).end(JSON.stringify({ session_id: this.#id, cwd: '/', transcript_path: this.transcript, ...more }))
    onStart(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'))
    const code = await new Promise<number | null>((settle) => child.on('close', settle))
    if (code === 2) this.hear(said.stderr)
    if (code === 0 && said.stdout !== '') this.hear(said.stdout)
    return { code, stdout: said.stdout }
  }

  hear(words: string): void {
    appendFileSync(this.transcript, `${JSON.stringify({ type: 'user', content: words })}\n`)
  }

  /** How often it was told each of these. */
  told(titles: readonly string[]): readonly number[] {
    const text = readFileSync(this.transcript, 'utf8')
    return titles.map((title) => text.split(`- ${title}`).length - 1)
  }
}

interface HookOptions {
  readonly more?: Readonly<Record<string, unknown>>
  readonly onStart?: (kill: () => void) => void
}

/** `orch` on the PATH, as a person has it. */
function furnish(orch: OrchFixture): Readonly<Record<string, string>> {
  const bin = join(orch.home, 'bin')
  mkdirSync(bin)
  symlinkSync(orchProgram, join(bin, 'orch'))
  mkdirSync(seenFolder({ root: orch.orchHome }), { recursive: true })
  return { PATH: `${bin}:${orch.environment.PATH ?? ''}` }
}

function bring(orch: OrchFixture, n: number, title: string): void {
  const at = Date.now() + 1000
  const notice: Notice = { id: title, kind: 'ready', urgency: 'normal', at, title, text: '', next: `orch merge ${title}` }
  appendFileSync(noticesFile({ root: orch.orchHome }), renderNoticeLines([{ n, type: 'notice', notice, to: [], at }]))
}

/** At the moment when its words are about to leave: before, while, or after. */
function killAtTelling(folder: string, number: number): HookOptions {
  return {
    onStart: (kill) => {
      const watcher = watch(folder, (_event, name) => {
        if (name !== `told-${number}.json`) return
        watcher.close()
        kill()
      })
    },
  }
}

orchTest('news is told once and none is lost, whoever is killed at the moment of telling', { timeout: 120_000 }, async ({ orch }) => {
  const environment = furnish(orch)
  const sessions = Array.from({ length: 8 }, (_, index) => new Session(orch, `session-${index}`, environment))
  await Promise.all(sessions.map((session) => session.hook('lead')))
  bring(orch, 1, 'first')
  // Gone with its words, or they had left: the transcript knows.
  await Promise.all(sessions.map((session, index) => session.hook(index % 2 === 0 ? 'wait' : 'prompt', killAtTelling(session.folder, 1))))
  bring(orch, 2, 'second')
  const goOn = async (session: Session): Promise<void> => {
    while (session.told(['second'])[0] === 0) await session.hook('wait')
  }
  await Promise.all(sessions.map(goOn))
  expect(sessions.map((session) => session.told(['first', 'second']))).toEqual(sessions.map(() => [1, 1]))
})

orchTest('only a session that leads is waited for, by one, and not longer than it lives', { timeout: 120_000 }, async ({ orch }) => {
  const environment = furnish(orch)
  const session = new Session(orch, 'leading', environment)
  // All other sessions of the person: neither an answer nor a file.
  for (const mode of ['wait', 'prompt', 'end']) expect(await session.hook(mode)).toEqual({ code: 0, stdout: '' })
  expect(existsSync(join(orch.orchHome, 'claude'))).toBe(false)

  await session.hook('lead')
  // `claude -p` would keep its answer back.
  for (const more of [{ CLAUDE_CODE_ENTRYPOINT: 'sdk-cli' }, { CLAUDE_CODE_SESSION_ATTENDED: '0' }])
    expect(await new Session(orch, 'leading', { ...environment, ...more }).hook('wait')).toMatchObject({ code: 0 })

  const taken = ({ folder }: Session, than = ''): Promise<string> =>
    until(() => [readFileSync(join(folder, 'waiter'), 'utf8')].find((by) => by !== than), { what: 'the place is taken' })
  const first = session.hook('wait')
  const second = taken(session).then((by) => ({ by, ended: session.hook('wait') }))
  expect(await first).toMatchObject({ code: 0 })
  await taken(session, (await second).by)
  await session.hook('end', { more: { reason: 'clear' } })
  expect(await (await second).ended).toMatchObject({ code: 0 })

  // Cleared: it leads on under another id, and the old one is left alone.
  const cleared = new Session(orch, 'cleared', environment)
  const woken = cleared.hook('wait')
  bring(orch, 1, 'first')
  expect(await woken).toMatchObject({ code: 2 })
  expect(cleared.told(['first'])).toEqual([1])
  expect(await cleared.hook('prompt')).toEqual({ code: 0, stdout: '' })
  bring(orch, 2, 'second')
  const { stdout } = await cleared.hook('prompt', { more: { prompt: 'how is it going?' } })
  expect(JSON.parse(stdout)).toMatchObject({
    hookSpecificOutput: { additionalContext: expect.stringContaining('- second · next: merge second') },
  })

  // Claude Code dies: whoever waits behind it ends too, or this test finds it left.
  const mourning = `require('node:child_process').spawn('/bin/sh', ['-c', "exec sh '${newsHook}' wait"]).stdin.end(process.argv[1])`
  const input = JSON.stringify({ session_id: 'cleared', cwd: '/', transcript_path: cleared.transcript })
  const before = readFileSync(join(cleared.folder, 'waiter'), 'utf8')
  const claude = spawn(process.execPath, ['-e', mourning, input], {
    env: { ...orch.environment, ...environment, CLAUDE_CODE_SESSION_ID: 'cleared', CLAUDE_CODE_ENTRYPOINT: 'cli' },
    stdio: 'ignore',
  })
  await taken(cleared, before)
  claude.kill('SIGKILL')
})
