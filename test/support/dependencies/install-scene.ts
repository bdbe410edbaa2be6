import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { homeAt, projectFolder, type Home } from '../../../src/config/home.ts'
import type { Ground } from '../../../src/daemon/dependencies/ground.ts'
import { Templates, type Provided } from '../../../src/daemon/dependencies/templates.ts'
import { runCommand, shellCommand } from '../../../src/platform/run-command.ts'
import { testGit } from '../adapters/git.ts'
import { ManualClock } from '../manual-clock.ts'
import { makeRepository, type TestRepository } from '../repository.ts'
import { temporaryFolder } from '../temporary.ts'

/** A package whose only dependency comes from one of its own folders, which npm copies: it is installed without a network. */
export const PACKAGE: Readonly<Record<string, string>> = {
  '.gitignore': 'node_modules/\n.cache/\n.npmrc.own\n',
  '.npmrc': 'install-links=true\noffline=true\naudit=false\nfund=false\nupdate-notifier=false\n',
  'package.json': JSON.stringify({ name: 'app', version: '1.0.0', dependencies: { dep: '1.0.0' } }),
  'package-lock.json': JSON.stringify({
    name: 'app',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'app', version: '1.0.0', dependencies: { dep: '1.0.0' } },
      'node_modules/dep': { version: '1.0.0', resolved: 'file:dep', bin: { dep: 'run.js' } },
    },
  }),
  'dep/package.json': JSON.stringify({ name: 'dep', version: '1.0.0', bin: { dep: 'run.js' } }),
  'dep/run.js': '#!/usr/bin/env node\nconsole.log("dep")\n',
}

/** Worktrees of a repository that are set up through templates. */
export class InstallScene {
  readonly on: TestRepository
  readonly home: Home = homeAt(temporaryFolder())
  readonly clock = new ManualClock()
  /** Of a daemon. */
  templates = this.newTemplates()
  /** Worktrees in which the set-up ran, in that order. */
  readonly installs: string[] = []
  #count = 0

  constructor(files: Readonly<Record<string, string>> = PACKAGE) {
    this.on = makeRepository({ files })
    onTestFinished(() => this.on.remove())
  }

  newTemplates(): Templates {
    return new Templates({ home: this.home, git: testGit(), clock: this.clock })
  }

  get folder(): string {
    return join(projectFolder(this.home, 'app'), 'dependencies')
  }

  /** Names of what is kept. */
  get kept(): string[] {
    return existsSync(this.folder) ? readdirSync(this.folder) : []
  }

  /** A new worktree at the commit. */
  worktree(commit = 'main'): string {
    const path = join(this.on.folder, `wt-${(this.#count += 1)}`)
    this.on.git('worktree', 'add', '--quiet', '--detach', path, commit)
    return path
  }

  ground(path: string, more: Partial<Ground> = {}): Ground {
    return {
      project: 'app',
      repository: this.on.root,
      path,
      line: 'npm ci',
      share: ['node_modules'],
      environment: { PATH: process.env['PATH'] ?? '', HOME: this.home.root },
      marker: `set-up ${path}`,
      timeoutMs: 60_000,
      log: join(this.home.root, `${path.slice(path.lastIndexOf('/') + 1)}.log`),
      signal: new AbortController().signal,
      ...more,
    }
  }

  /** `install` stands for the set-up; unless given, the line really runs. */
  provide(path: string, more: Partial<Ground> = {}, install?: () => Promise<boolean> | boolean): Promise<Provided<boolean>> {
    const ground = this.ground(path, more)
    const run = async (): Promise<boolean> => {
      this.installs.push(path)
      if (install !== undefined) return install()
      const ran = await runCommand({ argv: shellCommand(ground.line), cwd: path, environment: ground.environment, timeoutMs: 60_000 })
      return ran.kind === 'exited' && ran.code === 0
    }
    return this.templates.provide(ground, run, (isPassed) => isPassed)
  }

  /** What the log of this worktree says. */
  log(path: string): string {
    const { log } = this.ground(path)
    return existsSync(log) ? readFileSync(log, 'utf8') : ''
  }
}

/** Everything below the folder with its kind, mode and content. */
export function picture(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((name) => {
      const path = join(folder, name)
      const found = lstatSync(path)
      const content = found.isSymbolicLink() ? readlinkSync(path) : found.isFile() ? readFileSync(path, 'utf8') : ''
      return `${name} ${found.mode.toString(8)} ${content}`
    })
}

/** What a set-up would make. */
export function makeFolder(...path: string[]): true {
  mkdirSync(join(...path), { recursive: true })
  return true
}
