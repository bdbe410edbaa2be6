import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeRepository, type TestRepository } from '../../test/support/repository.ts'
import { parseSha, type Sha } from '../foundation/brand.ts'
import type { Git, Repository } from './git.ts'

/** Conflicts among many heads, found without merging every two. */
export function describeConflicts(name: string, git: Git): void {
  describe(`conflicts: ${name}`, () => {
    let on: TestRepository
    let repository: Repository
    beforeEach(async () => {
      on = makeRepository({ files: { 'a.txt': 'one\n', 'lib/x.txt': 'x\n1\n2\n3\n', 'lib/y.txt': 'y\n1\n2\n3\n' } })
      repository = await git.open(on.root)
    })
    afterEach(() => on.remove())

    const branch = (files: Record<string, string>, base = 'main', before: () => void = () => undefined) => {
      on.git('switch', '--quiet', '--detach', base)
      before()
      const made = on.commit('Work', files)
      on.git('switch', '--quiet', 'main')
      return made
    }

    it('answers who conflicts with the target and with whom, who is merged, and who has nothing in common', async () => {
      const merged = on.sha('main')
      const [one, two, alone] = [branch({ 'a.txt': '1\n', 'b.txt': 'b\n' }), branch({ 'a.txt': '2\n' }), branch({ 'c.txt': 'c\n' })]
      const target = on.commit('Ours', { 'b.txt': 'ours\n' })
      const unrelated = parseSha(on.git('commit-tree', '-m', 'orphan', 'main^{tree}')) ?? merged
      const before = on.git('count-objects')
      const answer = {
        withTarget: [{ head: one, files: ['b.txt'] }],
        pairs: [{ a: one, b: two, files: ['a.txt'] }],
        alreadyMerged: [merged],
        unrelated: [unrelated],
      }
      for (let times = 0; times < 2; times++)
        expect(await repository.conflictsAmong(target, [one, merged, two, unrelated, alone, one])).toEqual(answer)
      expect(on.git('count-objects')).toBe(before)
      expect(await repository.conflictsAmong(target, [])).toEqual({ withTarget: [], pairs: [], alreadyMerged: [], unrelated: [] })
    })
    it('sees a folder that was renamed under a new file, and a file where another has a folder', async () => {
      const renamed = branch({}, 'main', () => on.git('mv', 'lib', 'src'))
      const added = branch({ 'lib/new.txt': 'new\n' })
      const [file, folder] = [branch({ p: 'p\n' }), branch({ 'p/q': 'q\n' })]
      const { pairs } = await repository.conflictsAmong(on.sha('main'), [renamed, added, file, folder])
      expect(pairs.map(({ a, b, files }) => [a, b, files])).toEqual([
        [renamed, added, [expect.stringContaining('new.txt')]],
        [file, folder, ['p']],
      ])
    })
    it('sees a new file in a folder of which two others came to be', async () => {
      on.commit('Base', Object.fromEntries([1, 2, 3, 4].map((at) => [`d/${at}.txt`, `${at}\na\nb\nc\n`])))
      const split = branch({}, 'main', () => {
        mkdirSync(join(on.root, 'x'))
        mkdirSync(join(on.root, 'y'))
        on.git('mv', 'd/1.txt', 'd/2.txt', 'x')
        on.git('mv', 'd/3.txt', 'd/4.txt', 'y')
      })
      const added = branch({ 'd/new.txt': 'new\n' })
      // Git has no conflict in any file then, and says so in a message alone.
      const target = on.sha('main')
      expect((await repository.conflictsAmong(target, [split, added])).pairs).toEqual([{ a: split, b: added, files: ['d'] }])
      expect(await repository.forecastMerge(split, added)).toEqual({ kind: 'conflicts', files: ['d'] })
      expect(await repository.conflictHunks(split, added, ['d'])).toMatch(
        /^d\nCONFLICT \(directory rename split\): Unclear where to rename d to/,
      )
    })
    it('sees what only the history tells: taken back on one side, changed on the other', async () => {
      const base = on.sha('main')
      const first = on.commit('First', { 'a.txt': 'two\n' })
      const back = branch({ 'a.txt': 'one\n' }, first)
      const other = branch({ 'a.txt': 'three\n' }, first)
      on.git('reset', '--quiet', '--hard', base)
      expect((await repository.conflictsAmong(base, [back, other])).pairs).toEqual([{ a: back, b: other, files: ['a.txt'] }])
    })
    it('shows both sides of a conflict, bounded, and names what has no text', async () => {
      const lines = (text: string) => `before\n${text}\nafter\n${'filler\n'.repeat(30)}`
      on.commit('Base', { 'a.txt': lines('base'), 'binary.bin': '\0base', 'gone.txt': 'base\n' })
      const theirs = branch({ 'a.txt': lines('theirs \u001b[31m'), 'binary.bin': '\0theirs', 'gone.txt': 'changed\n' })
      const ours = on.commit('Ours', { 'a.txt': lines('ours'), 'binary.bin': '\0ours' })
      on.git('rm', '--quiet', 'gone.txt')
      const target = on.commit('Gone')
      expect(ours).not.toBe(target)
      const hunks = await repository.conflictHunks(target, theirs, ['a.txt', 'binary.bin', 'gone.txt'])
      expect(hunks.split('\n\n')).toEqual([
        'a.txt\n@@ line 1 @@\nbefore\n<<<<<<< ours\nours\n=======\ntheirs \u001b[31m\n>>>>>>> theirs\nafter\nfiller\nfiller',
        expect.stringMatching(/^binary\.bin\nCONFLICT \(contents?\): Merge conflict in binary\.bin$|^binary\.bin\n.*binary/),
        expect.stringMatching(/^gone\.txt\nCONFLICT \(modify\/delete\): gone\.txt deleted in ours and modified in theirs\./),
      ])
      const short = await repository.conflictHunks(target, theirs, ['a.txt', 'binary.bin'], 60)
      expect(Buffer.byteLength(short)).toBeLessThanOrEqual(60)
      expect(short).toContain('left out')
    })
    it('takes a merge that git itself fails to do for a conflict of these two alone', async () => {
      on.commit('Base', { 'd/a.txt': 'a\n1\n2\n3\n', 'd/b.txt': 'b\n1\n2\n3\n', 'd/sub/c.txt': 'c\n1\n2\n3\n' })
      const moved = branch({ 'moved/a.txt': 'a\n1\n2\n3\nmore\n' }, 'main', () => on.git('mv', 'd', 'moved'))
      const other = branch({ 'a.txt': 'other\n' })
      renameSync(join(on.root, 'd/sub/c.txt'), join(on.root, 'c'))
      rmdirSync(join(on.root, 'd/sub'))
      renameSync(join(on.root, 'c'), join(on.root, 'd/sub'))
      const target = on.commit('A file for a folder', { 'a.txt': 'ours\n' })
      const { withTarget, pairs } = await repository.conflictsAmong(target, [moved, other])
      // Git 2.39 ends in a failed assertion here.
      const forecast = await repository.forecastMerge(target, moved)
      if (forecast.kind !== 'conflicts') throw new Error('it merged')
      expect(withTarget).toEqual([
        { head: moved, files: forecast.files },
        { head: other, files: ['a.txt'] },
      ])
      expect(pairs).toEqual([])
      expect(forecast.files.length).toBeGreaterThan(0)
      expect(await repository.conflictHunks(target, moved, forecast.files)).toContain(forecast.files[0])
    })
    it('finds exactly what merging every two finds', { timeout: 240_000 }, async () => {
      let conflicts = 0
      await fc.assert(
        fc.asyncProperty(fc.array(branchPlan, { minLength: 4, maxLength: 7 }), async (plans) => {
          const generated = makeRepository()
          try {
            const { target, heads } = importHistory(generated, plans)
            const answer = await (await git.open(generated.root)).conflictsAmong(target, heads)
            const waiting = heads.filter((head) => !answer.alreadyMerged.includes(head))
            const expected = waiting.flatMap((head) => mergeFully(generated, target, head))
            const pairs = waiting.flatMap((a, at) => waiting.slice(at + 1).flatMap((b) => mergeFully(generated, a, b)))
            expect(answer.withTarget).toEqual(expected.map(({ b, files }) => ({ head: b, files })))
            expect(answer.pairs).toEqual(pairs)
            conflicts += pairs.length
          } finally {
            generated.remove()
          }
        }),
        { numRuns: Number(process.env.PROPERTY_RUNS ?? 12), ...(process.env.PROPERTY_RUNS === undefined ? { seed: 7 } : {}) },
      )
      expect(conflicts).toBeGreaterThan(10)
    })
  })
}

function mergeFully(on: TestRepository, a: Sha, b: Sha): { a: Sha; b: Sha; files: string[] }[] {
  try {
    on.git('merge-tree', '--write-tree', '--name-only', '--no-messages', a, b)
    return []
  } catch (error) {
    const { status, stdout } = error as { status: unknown; stdout: unknown }
    // Git 2.39 has merges that end in a failed assertion: they are conflicts, of what both have changed.
    if (status !== 1) return [{ a, b, files: expect.any(Array) as string[] }]
    const [, ...lines] = String(stdout).trim().split('\n')
    return [{ a, b, files: [...new Set(lines.map((line) => line.replace(/~[0-9a-f]{40}(_\d+)?$/, '')))].sort() }]
  }
}

const KINDS = [
  'change',
  'change',
  'delete',
  'rename',
  'rename-folder',
  'add',
  'add',
  'mode',
  'to-folder',
  'to-file',
  'link',
  'restore',
] as const
const step = fc.record({ kind: fc.constantFrom(...KINDS), which: fc.nat(30), other: fc.nat(8) })
/** `from`: an earlier commit of the target, or of another branch; `merges`: the target at its middle comes in before the last commit. */
const branchPlan = fc.record({
  from: fc.nat(3),
  onBranch: fc.boolean(),
  merges: fc.boolean(),
  commits: fc.array(fc.array(step, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 3 }),
})

type Files = ReadonlyMap<string, { readonly mode: string; readonly text: string }>
interface Made {
  readonly mark: number
  readonly files: Files
}

/** The first plan is the target's own; all of it in one `fast-import`. */
function importHistory(on: TestRepository, plans: readonly (typeof branchPlan extends fc.Arbitrary<infer T> ? T : never)[]) {
  const stream: string[] = []
  let marks = 0
  const commit = (files: Files, parents: readonly Made[]): Made => {
    marks += 1
    const [from, ...merged] = parents
    stream.push(`commit refs/heads/made\nmark :${marks}\ncommitter A <a@x> ${1_600_000_000 + marks} +0000\ndata 1\nx\n`)
    if (from === undefined) stream.push('') // A root.
    else stream.push(`from :${from.mark}\n`)
    for (const one of merged) stream.push(`merge :${one.mark}\n`)
    stream.push('deleteall\n')
    for (const [path, { mode, text }] of files) stream.push(`M ${mode} inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`)
    stream.push('\n')
    return { mark: marks, files }
  }
  const line: Made[] = [commit(beginning(), [])]
  const heads: Made[] = []
  const [own, ...others] = plans
  for (const steps of own?.commits ?? []) line.push(commit(apply(line.at(-1)?.files ?? new Map(), steps), line.slice(-1)))
  for (const plan of others) {
    let tip = (plan.onBranch ? heads[plan.from % Math.max(1, heads.length)] : undefined) ?? line[plan.from % line.length] ?? line[0]
    for (const [at, steps] of plan.commits.entries()) {
      if (tip === undefined) continue
      const middle = line[Math.floor(line.length / 2)]
      const isMerge = plan.merges && at > 0 && middle !== undefined && middle.mark !== tip.mark
      tip = commit(apply(isMerge ? new Map([...middle.files, ...tip.files]) : tip.files, steps), isMerge ? [tip, middle] : [tip])
    }
    if (tip !== undefined) heads.push(tip)
  }
  execFileSync('git', ['fast-import', '--quiet', '--force', `--export-marks=${on.folder}/marks`], { cwd: on.root, input: stream.join('') })
  const shas = new Map(
    execFileSync('cat', [`${on.folder}/marks`], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map((entry) => [Number(entry.slice(1, entry.indexOf(' '))), parseSha(entry.slice(entry.indexOf(' ') + 1))]),
  )
  const shaOf = (made: Made | undefined): Sha => {
    const sha = made === undefined ? undefined : shas.get(made.mark)
    if (sha === undefined) throw new Error('nothing was imported')
    return sha
  }
  return { target: shaOf(line.at(-1)), heads: [...new Set(heads.map(shaOf))] }
}

function beginning(): Files {
  const paths = ['r1', 'r2', 'd/a', 'd/b', 'd/sub/c', 'e/a', 'e/b', 'f/g/h', 'f/g/i']
  return new Map(paths.map((path) => [path, { mode: '100644', text: textOf(path, 0) }]))
}

function textOf(path: string, version: number): string {
  return [...Array.from({ length: 8 }, (_, at) => `${path} ${at}`), `version ${version}`].join('\n')
}

function apply(before: Files, steps: readonly { kind: (typeof KINDS)[number]; which: number; other: number }[]): Files {
  const files = new Map(before)
  for (const { kind, which, other } of steps) {
    const paths = [...files.keys()].sort()
    const path = paths[which % Math.max(1, paths.length)]
    const file = path === undefined ? undefined : files.get(path)
    if (path === undefined || file === undefined) continue
    const folder = path.split('/').slice(0, -1).join('/')
    const put = (to: string, content: { mode: string; text: string }): void => {
      // A file takes the place of what is under or over it.
      for (const name of files.keys()) if (name.startsWith(`${to}/`) || to.startsWith(`${name}/`)) files.delete(name)
      files.set(to, content)
    }
    if (kind === 'change') files.set(path, { ...file, text: file.text.replace(/(version .*)?$/, `version ${other}`) })
    else if (kind === 'restore') files.set(path, { ...file, text: file.text.replace(/(version .*)?$/, 'version 0') })
    else if (kind === 'delete') files.delete(path)
    else if (kind === 'mode') files.set(path, { ...file, mode: file.mode === '100755' ? '100644' : '100755' })
    else if (kind === 'link') files.set(path, { mode: '120000', text: `target${other}` })
    else if (kind === 'add')
      put(`${['d', 'e', 'f/g', 'd/sub', 'n', 'r1', 'm/n'][which % 7]}/new${other % 3}`, { mode: '100644', text: textOf('new', other) })
    else if (kind === 'to-folder') put(`${path}/in${other % 2}`, file)
    else if (kind === 'to-file' && folder !== '') put(folder, file)
    else if (kind === 'rename') {
      files.delete(path)
      put(`${['d/', 'e/', '', 'n/'][other % 4]}moved${which % 3}`, file)
    } else if (kind === 'rename-folder' && folder !== '') {
      const to = ['moved', 'd/inner', 'e', `f/${other}`][other % 4] ?? 'moved'
      for (const name of paths.filter((one) => one.startsWith(`${folder}/`))) {
        const content = files.get(name)
        files.delete(name)
        if (content !== undefined) put(to + name.slice(folder.length), content)
      }
    }
  }
  return files
}
