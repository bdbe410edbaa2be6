import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A folder of its own for the running test, removed after it. */
export function temporaryFolder(prefix = 'orch-test-'): string {
  const folder = makeFolder(prefix)
  onTestFinished(() => removeFolder(folder))
  return folder
}

/** The path has no symlink in it (macOS has one in its temp path). Whoever makes it removes it with `removeFolder`. */
export function makeFolder(prefix: string): string {
  return realpathSync(mkdtempSync(join(tmpdir(), prefix)))
}

/** Tries again as a whole: Node's own retries of a removal do not look for a file that a last process wrote meanwhile. */
export function removeFolder(folder: string): void {
  for (let tries = 1; ; tries++) {
    try {
      rmSync(folder, { recursive: true, force: true })
      return
    } catch (error) {
      if (tries === 20) throw error
    }
  }
}

/** As `temporaryFolder`, holding the given files: `{ 'src/a.ts': 'text' }`. */
export function temporaryTree(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder()
  writeTree(folder, files)
  return folder
}

export function writeTree(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

export interface TemporaryHome {
  readonly home: string
  readonly orchHome: string
  /** The whole environment of a child: nothing of the person who runs the tests but PATH, language and temp folder. */
  readonly environment: Record<string, string>
}

/** A person's home that nobody lives in, with a key that opens nothing. */
export function temporaryHome(): TemporaryHome {
  return furnishHome(temporaryFolder('orch-home-'))
}

export function furnishHome(home: string): TemporaryHome {
  const orchHome = join(home, 'orch')
  const environment: Record<string, string> = {
    HOME: home,
    ORCH_HOME: orchHome,
    // A test that is about it says otherwise: nobody's screen fills with what tests do.
    ORCH_NOTIFY_CHANNELS: 'none',
    ANTHROPIC_API_KEY: 'sk-ant-fake',
    // Discard port: a test that forgets its model server fails at once instead of reaching the real one.
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    IS_SANDBOX: '1',
    NO_COLOR: '1',
  }
  for (const name of ['PATH', 'LANG', 'LC_ALL', 'TMPDIR', ...Object.keys(process.env).filter((key) => key.startsWith('GIT_'))]) {
    const value = process.env[name]
    if (value !== undefined) environment[name] = value
  }
  return { home, orchHome, environment }
}
