import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { InstallScene, makeFolder, PACKAGE, picture } from '../../../test/support/dependencies/install-scene.ts'
import { until } from '../../../test/support/eventually.ts'
import { writeTree } from '../../../test/support/temporary.ts'
import { withResolvers } from '../../foundation/with-resolvers.ts'

const KEY = /^[0-9a-f]{64}$/

test('the second worktree gets a copy of what npm ci made in the first, and the copies are nobody else’s', async () => {
  const scene = new InstallScene()
  const [first, second, third] = [scene.worktree(), scene.worktree(), scene.worktree()]
  expect(await scene.provide(first)).toEqual({ kind: 'ran', made: true })
  expect(readFileSync(join(first, 'node_modules/.bin/dep'), 'utf8')).toContain('console.log("dep")')
  expect(scene.log(first)).toMatch(/^orch: kept as the template [0-9a-f]{12}\n$/)
  const made = picture(join(first, 'node_modules'))
  writeFileSync(join(first, 'node_modules/dep/run.js'), 'mine')
  expect(await scene.provide(second)).toMatchObject({ kind: 'copied', words: expect.stringContaining('instead of running npm ci') })
  expect(picture(join(second, 'node_modules'))).toEqual(made)
  expect(scene.log(second)).toMatch(/^orch: copied from the template [0-9a-f]{12} instead of running npm ci\n$/)
  writeFileSync(join(second, 'node_modules/dep/run.js'), 'mine')
  expect(await scene.provide(third)).toMatchObject({ kind: 'copied' })
  expect(picture(join(third, 'node_modules'))).toEqual(made)
  expect(scene.installs).toEqual([first])
  expect(scene.kept).toEqual([expect.stringMatching(KEY)])
  expect(existsSync(join(second, '.orch'))).toBe(false)
  expect(scene.on.gitIn(second, 'status', '--porcelain')).toBe('')
})

test('of several worktrees at once one is set up, and the others wait for it', async () => {
  const scene = new InstallScene()
  const paths = Array.from({ length: 4 }, () => scene.worktree())
  const gate = withResolvers()
  const all = paths.map((path) => scene.provide(path, {}, () => gate.promise.then(() => makeFolder(path, 'node_modules/dep'))))
  await until(() => paths.filter((path) => scene.log(path).includes('waits for the same set-up')).length === 3, { what: 'three wait' })
  expect(scene.installs).toHaveLength(1)
  gate.resolve()
  expect((await Promise.all(all)).map(({ kind }) => kind).toSorted()).toEqual(['copied', 'copied', 'copied', 'ran'])
  expect(scene.installs).toHaveLength(1)
  for (const path of paths) expect(existsSync(join(path, 'node_modules/dep'))).toBe(true)
})

test('where the set-up fails that others wait for, each runs its own; where it is stopped, the next one is waited for', async () => {
  const scene = new InstallScene()
  const waiting = (path: string) => until(() => scene.log(path).includes('waits'), { what: 'it waits' })
  const [a, b] = [scene.worktree(), scene.worktree()]
  const failing = withResolvers<boolean>()
  const first = scene.provide(a, {}, () => failing.promise)
  await until(() => scene.installs.includes(a), { what: 'the first runs' })
  const second = scene.provide(b, {}, () => makeFolder(b, 'node_modules/dep'))
  await waiting(b)
  failing.resolve(false)
  expect(await Promise.all([first, second])).toEqual([
    { kind: 'ran', made: false },
    { kind: 'ran', made: true },
  ])
  expect(scene.kept).toEqual([])

  const [c, d, e] = [scene.worktree(), scene.worktree(), scene.worktree()]
  const [stop, stopped] = [new AbortController(), withResolvers<boolean>()]
  const third = scene.provide(c, { signal: stop.signal }, () => stopped.promise)
  await until(() => scene.installs.includes(c), { what: 'the third runs' })
  const others = [d, e].map((path) => scene.provide(path, {}, () => makeFolder(path, 'node_modules/dep')))
  await Promise.all([waiting(d), waiting(e)])
  stop.abort()
  stopped.resolve(false)
  expect(await third).toEqual({ kind: 'ran', made: false })
  expect((await Promise.all(others)).map(({ kind }) => kind).toSorted()).toEqual(['copied', 'ran'])
})

test('nobody waits longer than a set-up may take, or when it is stopped', async () => {
  const scene = new InstallScene()
  const [a, b, c] = [scene.worktree(), scene.worktree(), scene.worktree()]
  const gate = withResolvers<boolean>()
  const first = scene.provide(a, {}, () => gate.promise)
  await until(() => scene.installs.includes(a), { what: 'the first runs' })
  const stop = new AbortController()
  const late = scene.provide(b, { timeoutMs: 5000 }, () => true)
  const stopped = scene.provide(c, { signal: stop.signal }, () => false)
  await until(() => scene.clock.waiting === 2, { what: 'both wait' })
  stop.abort()
  expect(await stopped).toEqual({ kind: 'ran', made: false })
  await scene.clock.advance(5000)
  expect(await late).toEqual({ kind: 'ran', made: true })
  gate.resolve(false)
  await first
  expect(scene.clock.waiting).toBe(0)
})

test('what is not decided by the commit and the machine alone is not shared, and the log says why', async () => {
  const scene = new InstallScene()
  const reasonOf = async (before: (path: string) => unknown, during: (path: string) => unknown, files = {}): Promise<string> => {
    scene.templates = scene.newTemplates()
    const path = scene.worktree(scene.on.commit('Another', files))
    before(path)
    const again = await scene.provide(path, {}, () => (makeFolder(path, 'node_modules/dep'), during(path), true))
    expect(again).toEqual({ kind: 'ran', made: true })
    scene.on.git('reset', '--quiet', '--hard', 'HEAD~')
    expect(scene.kept).toEqual([])
    return scene.log(path).trim()
  }
  const nothing = (): void => undefined
  const change = (name: string) => (path: string) => writeFileSync(join(path, name), '{}')
  expect(await reasonOf(change('package.json'), nothing)).toContain('not shared: package.json is not as it is in the commit')
  expect(await reasonOf((path) => mkdirSync(join(path, 'node_modules')), nothing)).toContain('node_modules was there before')
  expect(await reasonOf(nothing, change('package-lock.json'))).toContain('it changed package-lock.json')
  expect(await reasonOf(nothing, (path) => writeTree(path, { '.cache/x': '' }))).toContain('it made .cache, which')
  const link = (to: (path: string) => string) => (path: string) => symlinkSync(to(path), join(path, 'node_modules/dep/link'))
  const into = link((path) => join(path, 'dep'))
  expect(await reasonOf(nothing, into)).toContain('the link node_modules/dep/link leads to /')
  const out = link(() => '../../../out')
  expect(await reasonOf(nothing, out)).toContain('the link node_modules/dep/link leads to ../../../out')
  const named = (path: string) => writeTree(path, { 'node_modules/dep/config.js': `root = "${path}"` })
  expect(await reasonOf(nothing, named)).toContain('a file in it names /')
  expect(await reasonOf(nothing, nothing, { '.orch/x': '' })).toContain('a folder .orch of its own')
  rmSync(join(scene.on.root, 'package-lock.json'))
  expect(await reasonOf(nothing, nothing)).toContain('no lock file')
})

test('links stay as they are, within the worktree and to the machine', async () => {
  const scene = new InstallScene()
  const [first, second] = [scene.worktree(), scene.worktree()]
  const make = (): true => {
    writeTree(first, { 'node_modules/a/x': 'x' })
    symlinkSync('../dep', join(first, 'node_modules/dep'))
    symlinkSync('/usr/bin/env', join(first, 'node_modules/env'))
    symlinkSync('nowhere', join(first, 'node_modules/gone'))
    return true
  }
  await scene.provide(first, {}, make)
  expect(await scene.provide(second, {}, make)).toMatchObject({ kind: 'copied' })
  expect(picture(join(second, 'node_modules'))).toEqual(picture(join(first, 'node_modules')))
})

test('what others cannot use is not waited for again', async () => {
  const scene = new InstallScene()
  const install = (path: string) => () => (writeTree(path, { '.cache/x': '', 'node_modules/x': '' }), true)
  const first = scene.worktree()
  await scene.provide(first, {}, install(first))
  const gate = withResolvers()
  const [a, b] = [scene.worktree(), scene.worktree()]
  const both = [a, b].map((path) => scene.provide(path, {}, () => gate.promise.then(install(path))))
  await until(() => scene.installs.length === 3, { what: 'both run at once' })
  gate.resolve()
  await Promise.all(both)
  expect(scene.log(a) + scene.log(b)).not.toContain('waits')
})

test('another lock file, setting, environment or line has another template, and a tree only where its scripts run', async () => {
  const scene = new InstallScene()
  const isShared = async (commit: string, more = {}, before: (path: string) => void = () => undefined): Promise<boolean> => {
    const path = scene.worktree(commit)
    before(path)
    return (await scene.provide(path, more, () => makeFolder(path, 'node_modules/dep'))).kind === 'copied'
  }
  const first = scene.on.sha('main')
  expect(await isShared(first)).toBe(false)
  expect(await isShared(first)).toBe(true)
  const source = scene.on.commit('Source', { 'index.js': '' })
  expect(await isShared(source)).toBe(true)
  const { environment } = scene.ground('')
  expect(await isShared(first, { environment: { ...environment, NODE_ENV: 'production' } })).toBe(false)
  expect(await isShared(first, { line: 'npm ci --omit=dev' })).toBe(false)
  writeFileSync(join(scene.home.root, '.npmrc'), 'omit=dev\n')
  expect(await isShared(first)).toBe(false)
  rmSync(join(scene.home.root, '.npmrc'))
  scene.on.git('config', 'core.excludesFile', join(scene.on.folder, 'excludes'))
  writeFileSync(join(scene.on.folder, 'excludes'), '/sub/.npmrc\n')
  expect(await isShared(first, {}, (path) => writeTree(path, { 'sub/.npmrc': 'omit=dev\n' }))).toBe(false)
  expect(await isShared(scene.on.commit('Lock', { 'package-lock.json': '{"a":1}' }))).toBe(false)
  expect(await isShared(scene.on.commit('Settings', { '.npmrc': 'omit=dev\n' }))).toBe(false)
  const scripts = { 'package.json': '{"name":"app","scripts":{"postinstall":"node make.js"}}' }
  const scripted = scene.on.commit('Scripts', scripts)
  expect(await isShared(scripted)).toBe(false)
  expect(await isShared(scripted)).toBe(true)
  expect(await isShared(scene.on.commit('Script', { 'make.js': '1' }))).toBe(false)
  const local = scene.on.commit('Local', { 'package.json': '{"name":"app","dependencies":{"dep":"file:dep"}}' })
  expect([await isShared(local), await isShared(local)]).toEqual([false, true])
  expect(await isShared(scene.on.commit('Its source', { 'dep/run.js': '' }))).toBe(false)
})

test('only plain installations of named folders are shared at all', async () => {
  const scene = new InstallScene()
  const again = async (more: object): Promise<string[]> => {
    for (const path of [scene.worktree(), scene.worktree()]) await scene.provide(path, more, () => makeFolder(path, 'node_modules/dep'))
    return scene.kept
  }
  expect(await again({ line: 'npm ci && npm run build' })).toEqual([])
  expect(await again({ share: [] })).toEqual([])
  expect(scene.installs).toHaveLength(4)
  expect(await again({ share: ['./node_modules/'] })).toHaveLength(1)
})

test('what a daemon left that was killed in the middle is swept, and is no template', async () => {
  const scene = new InstallScene()
  const [first, second, third] = [scene.worktree(), scene.worktree(), scene.worktree()]
  writeTree(scene.folder, { 'making-1/tree/node_modules/half': '', 'gone-2/tree/node_modules/half': '' })
  writeTree(first, { '.orch/incoming-00000000-0000-4000-8000-000000000000/node_modules/half': '', '.orch/outbox/x': '' })
  scene.on.git('config', 'core.excludesFile', join(scene.on.folder, 'excludes'))
  writeFileSync(join(scene.on.folder, 'excludes'), '/.orch/\n')
  await scene.provide(first, {}, () => makeFolder(first, 'node_modules/dep'))
  expect(scene.kept).toEqual([expect.stringMatching(KEY)])
  expect(readdirSync(join(first, '.orch'))).toEqual(['outbox'])
  // The machine went down before all of it was on the disk.
  const template = join(scene.folder, scene.kept[0] ?? '')
  rmSync(join(template, 'tree/node_modules/dep'), { recursive: true })
  scene.templates = scene.newTemplates()
  expect(await scene.provide(second, {}, () => makeFolder(second, 'node_modules/dep'))).toMatchObject({ kind: 'ran' })
  expect(scene.log(second)).toContain('was not whole')
  expect(picture(second)).not.toContainEqual(expect.stringContaining('incoming'))
  expect(scene.kept).toEqual([])
  await scene.provide(third, {}, () => makeFolder(third, 'node_modules/dep'))
  expect(scene.kept).toEqual([expect.stringMatching(KEY)])
})

test('a template whose names lead elsewhere, or whose place is taken by a link, is not used', async () => {
  const scene = new InstallScene({ ...PACKAGE, 'packages/a/package.json': '{}' })
  const [first, second] = [scene.worktree(), scene.worktree()]
  await scene.provide(first, {}, () => makeFolder(first, 'packages/a/node_modules/dep'))
  const note = join(scene.folder, scene.kept[0] ?? '', 'template.json')
  const text = readFileSync(note, 'utf8')
  for (const name of ['../node_modules', '/tmp/x', 'packages/../../x', '.git/hooks', '']) {
    writeFileSync(note, text.replace('packages/a/node_modules', name))
    rmSync(join(second, 'packages/a/node_modules'), { recursive: true, force: true })
    expect(await scene.provide(second, {}, () => makeFolder(second, 'packages/a/node_modules/dep'))).toMatchObject({ kind: 'ran' })
  }
  writeFileSync(note, text)
  const outside = join(scene.on.folder, 'outside/a')
  mkdirSync(outside, { recursive: true })
  rmSync(join(second, 'packages'), { recursive: true })
  symlinkSync(join(scene.on.folder, 'outside'), join(second, 'packages'))
  expect(await scene.provide(second, {}, () => true)).toMatchObject({ kind: 'ran' })
  expect(readdirSync(outside)).toEqual([])
})

test('the three that were used last are kept, and none when the project has no worktree left', async () => {
  const scene = new InstallScene()
  const commits = ['1', '2', '3', '4'].map((a) => scene.on.commit(a, { 'package-lock.json': `{"a":${a}}` }))
  const kindOf = async (commit = ''): Promise<string> => {
    const path = scene.worktree(commit)
    return (await scene.provide(path, {}, () => makeFolder(path, 'node_modules/dep'))).kind
  }
  for (const [index, commit] of commits.slice(0, 3).entries()) {
    const before = scene.kept
    expect(await kindOf(commit)).toBe('ran')
    const name = scene.kept.find((each) => !before.includes(each)) ?? ''
    utimesSync(join(scene.folder, name), index, index)
  }
  expect(await kindOf(commits[0])).toBe('copied')
  expect(await kindOf(commits[3])).toBe('ran')
  expect(scene.kept).toHaveLength(3)
  expect(await kindOf(commits[0])).toBe('copied')
  await scene.templates.removeAll('app')
  expect(scene.kept).toEqual([])
  expect(await kindOf(commits[0])).toBe('ran')
})
