import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemGit } from '../src/adapters/git/repository.ts'
import { homeAt } from '../src/config/home.ts'
import type { Ground } from '../src/daemon/dependencies/ground.ts'
import { Templates } from '../src/daemon/dependencies/templates.ts'
import { systemClock } from '../src/platform/clock.ts'
import type { Figure } from './figure.ts'
import { Scene } from './scene.ts'

const PACKAGES = 250
const FILES_OF_EACH = 48

/** `npm ci` of 250 packages that lie beside the manifest, so nothing is downloaded, and a copy of what it made, in turns. */
export async function measureDependencies(runs: number): Promise<readonly Figure[]> {
  const scene = await Scene.begin({ script: 'sessions: []\n', files: manifests() })
  try {
    packPackages(join(scene.repository, 'packed'))
    await scene.git('add', '--all')
    await scene.git('commit', '--quiet', '--message', 'Dependencies')
    const templates = new Templates({ home: homeAt(scene.orchHome), git: systemGit, clock: systemClock })
    await timed(scene, (path) => provide(scene, templates, path, 'ran'))
    const samples: { plainMs: number; copyMs: number }[] = []
    for (let run = 0; run < runs; run++) {
      const plainMs = await timed(scene, (path) => install(scene, path))
      samples.push({ plainMs, copyMs: await timed(scene, (path) => provide(scene, templates, path, 'copied')) })
    }
    return toFigures(samples)
  } finally {
    await scene.end()
  }
}

const names = Array.from({ length: PACKAGES }, (_, at) => `p${at}`)

function manifests(): Record<string, string> {
  const root = { name: 'app', version: '1.0.0', dependencies: Object.fromEntries(names.map((name) => [name, '1.0.0'])) }
  const installed = names.map((name) => [`node_modules/${name}`, { version: '1.0.0', resolved: `file:packed/${name}.tgz` }])
  const lock = {
    name: 'app',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: { '': root, ...Object.fromEntries(installed) },
  }
  return {
    '.gitignore': 'node_modules/\n',
    '.npmrc': 'offline=true\naudit=false\nfund=false\nupdate-notifier=false\n',
    'package.json': JSON.stringify(root),
    'package-lock.json': JSON.stringify(lock),
  }
}

function packPackages(folder: string): void {
  const source = join(folder, 'package')
  mkdirSync(source, { recursive: true })
  for (let at = 0; at < FILES_OF_EACH; at++)
    writeFileSync(join(source, `f${at}.js`), `export const v${at} = ${at}\n`.repeat(20 + (at % 80)))
  for (const name of names) {
    writeFileSync(join(source, 'package.json'), JSON.stringify({ name, version: '1.0.0' }))
    execFileSync('tar', ['-czf', join(folder, `${name}.tgz`), '-C', folder, 'package'])
  }
  rmSync(source, { recursive: true })
}

async function install(scene: Scene, path: string): Promise<void> {
  await scene.time('npm', ['ci'], path)
}

async function provide(scene: Scene, templates: Templates, path: string, wanted: 'ran' | 'copied'): Promise<void> {
  const ground: Ground = {
    project: 'bench',
    repository: scene.repository,
    path,
    line: 'npm ci',
    share: ['node_modules'],
    environment: scene.environment,
    marker: 'bench-dependencies',
    timeoutMs: 600_000,
    log: join(scene.home, 'set-up.log'),
    signal: new AbortController().signal,
  }
  const { kind } = await templates.provide(
    ground,
    () => install(scene, path),
    () => true,
  )
  if (kind !== wanted) throw new Error(`the dependencies are ${kind}, not ${wanted}`)
}

async function timed(scene: Scene, make: (path: string) => Promise<void>): Promise<number> {
  const path = join(scene.home, 'wt')
  await scene.git('worktree', 'add', '--quiet', '--detach', path)
  const startedAt = performance.now()
  await make(path)
  const ms = performance.now() - startedAt
  await scene.git('worktree', 'remove', '--force', path)
  return ms
}

function toFigures(samples: readonly { readonly plainMs: number; readonly copyMs: number }[]): readonly Figure[] {
  const files = `${(PACKAGES * (FILES_OF_EACH + 1)).toLocaleString('en')} files`
  return [
    { id: 'dependencies-install', what: `npm ci, ${files}, no network`, unit: 'ms', samples: samples.map(({ plainMs }) => plainMs) },
    { id: 'dependencies-copy', what: `the same from a template`, unit: 'ms', samples: samples.map(({ copyMs }) => copyMs) },
    {
      id: 'dependencies-ratio',
      what: 'from a template / npm ci',
      unit: '×',
      samples: samples.map(({ plainMs, copyMs }) => copyMs / plainMs),
    },
  ]
}
