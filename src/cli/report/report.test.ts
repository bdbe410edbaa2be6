import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { testGit } from '../../../test/support/adapters/git.ts'
import { makeRepository } from '../../../test/support/repository.ts'
import { writeTree } from '../../../test/support/temporary.ts'
import { renderBoardFile } from '../../domain/board/board-file.ts'
import type { BoardMessage } from '../../domain/board/message.ts'
import type { Context } from '../context.ts'
import { report } from './report.ts'
import { table } from './table.ts'

const at = (minutes: number): string => new Date(Date.UTC(2026, 0, 1, 10, minutes)).toISOString()

test('table and report are made of what lies in the home and in git', async () => {
  const on = makeRepository({ files: { 'a.txt': 'one\n' } })
  onTestFinished(() => on.remove())
  const base = on.sha('main')
  const ui = work(on, 'ui', { 'ui/a.ts': 'ui\n' })
  on.gitIn(join(on.folder, 'wt-ui'), 'switch', '--quiet', '--detach')
  const api = work(on, 'api', { 'api/a.ts': 'api\n' })
  on.gitIn(join(on.folder, 'wt-api'), 'merge', '--quiet', '--no-edit', ui)
  const merged = on.sha('dept/api/pay')
  const home = join(on.folder, 'home')
  const status = { status: 'Working', schema: 1, source: 'orch', target: 'main', seenAt: at(30), needs: [], requests: [], messages: [] }
  const common = { ...status, project: 'shop', repository: on.root, since: at(20), createdAt: at(0), reason: 'the model answers' }
  const part = (name: string, more: object): string =>
    JSON.stringify({
      ...common,
      handle: `shop.pay.${name}`,
      task: `pay.${name}`,
      title: 'Pay',
      kind: 'part',
      branch: `dept/${name}/pay`,
      worktree: join(on.folder, `wt-${name}`),
      base,
      costUsd: 0.25,
      ...more,
    })
  const departments = ['ui', 'api'].map((name) => ({ name, owns: [`${name}/**`], reviews: [], hasVeto: false }))
  const phases = { foundation: false, discovery: false, reviews: true, integration: false }
  const settings = { departments, phases, contracts: [] }
  const input = (name: string): string =>
    JSON.stringify({ input: { part: { feature: 'shop.pay', phase: 'departments', department: { name }, departments } } })
  writeTree(home, {
    'sessions/shop.pay/status.json': JSON.stringify({
      ...common,
      handle: 'shop.pay',
      task: 'pay',
      title: 'Pay \u001b[31mnow',
      kind: 'feature',
      branch: 'feature/pay',
      costUsd: 0.5,
    }),
    'sessions/shop.pay/task.json': JSON.stringify({ input: { feature: settings } }),
    'sessions/shop.pay.ui/status.json': part('ui', { checkpoint: { commit: ui, isInferred: false, at: at(10), message: '' } }),
    'sessions/shop.pay.ui/task.json': input('ui'),
    'sessions/shop.pay.api/status.json': part('api', {
      checkpoint: { commit: api, isInferred: false, at: at(10), message: '' },
      lastCommit: { sha: merged, subject: 'Merge', at: at(11) },
      verdicts: [{ by: 'ui', commit: api, outcome: 'passed-over', must: 1, summary: 'no', at: at(12) }],
    }),
    'sessions/shop.pay.api/task.json': input('api'),
    'projects/shop/board/messages/m2.md': said('m2', 'shop.pay', 'question', 'Which <b>unit</b>?'),
    'projects/shop/board/messages/m10.md': said('m10', 'shop.pay', 'need', 'a type'),
    'projects/shop/board/messages/m3.md': said('m3', 'shop.other', 'note', 'not ours'),
    'projects/shop/board/messages/m4.md': 'torn',
    'projects/shop/board/verdicts/v.json': JSON.stringify({
      handle: 'shop.pay.api',
      costUsd: 0.1,
      verdict: {
        by: 'ui',
        of: 'api',
        commit: api,
        at: Date.parse(at(12)),
        outcome: 'findings',
        summary: 'no',
        findings: [{ path: 'api/a.ts', line: 1, severity: 'must', what: 'cents', loss: 'money' }],
      },
    }),
  })
  writeTree(join(on.folder, 'wt-ui'), { 'AGENT_NOTES.md': 'done\n' })

  const answers: string[] = []
  const context = {
    cwd: join(on.folder, 'wt-api'),
    environment: {},
    home,
    now: () => Date.parse(at(30)),
    output: {
      answers: { styles: new Proxy({}, { get: () => (text: string) => text }) },
      answer: (text: string) => answers.push(text),
      json: (value: unknown) => answers.push(JSON.stringify(value)),
      note: () => undefined,
    },
    services: async () => ({ git: testGit() }),
  } as unknown as Context
  expect(await table(context, { words: ['pay'], options: {} })).toBe(0)
  expect(answers.splice(0)).toEqual([
    'shop.pay: Working: the model answers',
    `  ui   departments  Working     dept/ui/pay  ${ui.slice(0, 10)}`,
    '       the model answers',
    '       owns ui/**',
    `  api  departments  Working     dept/api/pay  ${api.slice(0, 10)} (stale)`,
    '       the model answers',
    '       owns api/**',
    '       verdicts ui was passed over',
    '       needs ui (m10)',
    '       waits for ui (question m2), ui (need m10)',
  ])
  // Nothing named: the feature whose worktree this is.
  expect(await report(context, { words: [], options: { json: true } })).toBe(0)
  const { feature, checklist } = JSON.parse(answers[0] ?? '') as { feature: { parts: object[] }; checklist: { evidence: string[] }[] }
  expect(feature.parts).toMatchObject([
    { department: 'ui', changedFiles: ['ui/a.ts'], notesAt: expect.any(Number), commits: [{ subject: 'ui' }] },
    { department: 'api', changedFiles: ['api/a.ts'], verdicts: [{ outcome: 'passed-over', findings: [{ what: 'cents' }] }] },
  ])
  expect(checklist[0]).toMatchObject({ outcome: 'yes', evidence: ['2 files, each changed by one department'] })
  await report(context, { words: ['pay.ui'], options: {} })
  expect(answers[1]).toContain('> Which \\<b\\>unit\\</b\\>?')
  expect(answers[1]).not.toContain('\u001b')
  expect(answers[1]).not.toContain('not ours')
  // It is written over itself only.
  const output = join(on.folder, 'report.md')
  for (const _ of ['new', 'again']) await report(context, { words: ['pay'], options: { output } })
  expect(readFileSync(output, 'utf8').trimEnd()).toBe(answers[1])
  writeFileSync(output, 'mine\n')
  await expect(report(context, { words: ['pay'], options: { output } })).rejects.toMatchObject({ code: 'not-a-report' })
  expect(readFileSync(output, 'utf8')).toBe('mine\n')
  await expect(report(context, { words: ['pay'], options: { output: join(on.folder, 'none/r.md') } })).rejects.toMatchObject({
    code: 'no-folder',
  })
})

function work(on: ReturnType<typeof makeRepository>, name: string, files: Record<string, string>) {
  const path = join(on.folder, `wt-${name}`)
  on.git('worktree', 'add', '--quiet', '-b', `dept/${name}/pay`, path, 'main')
  return on.commitIn(path, name, files)
}

function said(id: string, feature: string, kind: BoardMessage['kind'], text: string): string {
  const times = { writtenAt: 1, takenAt: 2, hops: 0, source: id, project: 'shop' }
  return renderBoardFile({ id, kind, from: 'shop.pay.api', to: ['shop.pay.ui'], feature, text, ...times })
}
