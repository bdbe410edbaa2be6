import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { until } from '../eventually.ts'
import { runToEnd } from '../orch.ts'
import { screenSvg, svgWords } from '../pictures/screen-svg.ts'
import { makeFolder, removeFolder } from '../temporary.ts'

/** A terminal of a fixed size with a program in it, driven by keys and looked at as text. */
export class TmuxTerminal {
  readonly #folder: string
  readonly #environment: Readonly<Record<string, string>>

  static async open(
    argv: readonly string[],
    { columns, rows, cwd, environment }: { columns: number; rows: number; cwd: string; environment: Readonly<Record<string, string>> },
  ): Promise<TmuxTerminal> {
    // A socket of its own, whose path must be short.
    const terminal = new TmuxTerminal(makeFolder('tmux-'), { ...environment, SHELL: '/bin/sh', LANG: 'C.UTF-8' })
    await terminal.#tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), '-c', cwd, '--', ...argv)
    return terminal
  }

  private constructor(folder: string, environment: Readonly<Record<string, string>>) {
    this.#folder = folder
    this.#environment = environment
    writeFileSync(
      join(folder, 'tmux.conf'),
      'set -g status off\nset -g default-terminal screen-256color\nset -s escape-time 0\nset -g remain-on-exit on\n',
    )
  }

  /** Characters one after the other. */
  async type(text: string): Promise<void> {
    await this.#tmux('send-keys', '-l', '--', text)
  }

  /** By tmux's names: `Enter`, `Escape`, `NPage`, `C-d`. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#tmux('send-keys', '--', ...keys)
  }

  /** As a terminal does it that was asked to mark pastes. */
  async paste(text: string): Promise<void> {
    await this.#tmux('set-buffer', '--', text)
    await this.#tmux('paste-buffer', '-p', '-d')
  }

  /** A variable of tmux about this terminal: `pane_title`, `alternate_on`, `cursor_flag`. */
  async ask(variable: string): Promise<string> {
    return (await this.#tmux('display-message', '-p', `#{${variable}}`)).trim()
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux('resize-window', '-x', String(columns), '-y', String(rows))
  }

  /** What the program in it has switched on. */
  async modes(): Promise<{ readonly isAlternate: boolean; readonly isMouse: boolean }> {
    const [alternate, mouse] = (await this.#tmux('list-panes', '-F', '#{alternate_on} #{mouse_any_flag}')).trim().split(' ')
    return { isAlternate: alternate === '1', isMouse: mouse === '1' }
  }

  /** What stands on the screen, without the spaces at the ends of its lines. */
  async text(): Promise<string> {
    const lines = (await this.#tmux('capture-pane', '-p')).split('\n')
    return lines.map((line) => line.trimEnd()).join('\n')
  }

  untilShows(words: string, deadlineMs = 60_000): Promise<string> {
    return this.untilSeen((text) => text.includes(words), `the screen shows ${words}`, deadlineMs)
  }

  /** What the program left when it had ended, long lines whole, what was scrolled away too. */
  async untilEnded(): Promise<string> {
    await until(async () => (await this.#tmux('list-panes', '-F', '#{pane_dead}')).trim() === '1', {
      what: 'the program has ended',
      deadlineMs: 60_000,
    })
    return this.#tmux('capture-pane', '-p', '-J', '-S', '-')
  }

  /** The whole screen when it looks as wanted; the error shows what it looked like last. */
  async untilSeen(isWanted: (text: string) => boolean, what: string, deadlineMs = 60_000): Promise<string> {
    let last = ''
    const look = async (): Promise<boolean> => isWanted((last = await this.text()))
    await until(look, { what, deadlineMs }).catch((cause: unknown) => {
      throw new Error(`${what}: not within ${deadlineMs} ms; the screen is\n${last}`, { cause })
    })
    return last
  }

  /** Waits until the screen is the stored picture. One that is not there is taken when these words are shown, and the test fails for it to be looked at. */
  async untilPicture(name: string, words: string, normalize: (text: string) => string): Promise<void> {
    const path = join(import.meta.dirname, '../../e2e/pictures', `${name}.txt`)
    if (!existsSync(path)) {
      const text = await this.untilShows(words)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, normalize(text))
      expect.soft(`${name} was not there and is taken now`).toBe('a stored picture')
      return
    }
    const stored = readFileSync(path, 'utf8')
    await this.untilSeen((text) => normalize(text) === stored, `the picture ${name}`).catch(async () =>
      expect(normalize(await this.text()), name).toBe(stored),
    )
  }

  /**
   * The same for a picture with colours that a document shows, `docs/guide/pictures/<name>.svg`, which `PICTURES=make` takes anew: what it says
   * in every run is compared, as `tidy` makes it.
   */
  async untilDrawn(name: string, words: string, title: string, tidy = (screen: string) => screen): Promise<void> {
    const path = join(import.meta.dirname, '../../../docs/guide/pictures', `${name}.svg`)
    const draw = async (): Promise<string> => {
      const [columns = 0, rows = 0] = (await this.#tmux('list-panes', '-F', '#{pane_width} #{pane_height}')).split(' ').map(Number)
      return screenSvg(tidy(await this.#tmux('capture-pane', '-p', '-e')), { columns, rows, title })
    }
    await this.untilShows(words)
    if (process.env['PICTURES'] === 'make') {
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, await draw())
      return
    }
    const stored = existsSync(path) ? svgWords(readFileSync(path, 'utf8')) : 'there is none: npm run pictures'
    await until(async () => svgWords(await draw()) === stored, { what: `the picture ${name}` }).catch(async () =>
      expect(svgWords(await draw()), name).toBe(stored),
    )
  }

  async close(): Promise<void> {
    await this.#tmux('kill-server').catch(() => undefined)
    removeFolder(this.#folder)
  }

  async #tmux(...args: readonly string[]): Promise<string> {
    const socket = ['-u', '-S', join(this.#folder, 's'), '-f', join(this.#folder, 'tmux.conf')]
    const ended = await runToEnd('tmux', [...socket, ...args], { environment: this.#environment })
    if (ended.code !== 0) throw new Error(`tmux ${args.join(' ')}: ${ended.stderr}`)
    return ended.stdout
  }
}
