import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TaskId } from '../../foundation/brand.ts'
import { branchName, freeName, matchName, taskIdOfName, templateProblem, timestampName, worktreeName } from './names.ts'

const hostile = [
  'a b',
  '-rf',
  '--upload-pack=x',
  '..',
  '.',
  '',
  'x.lock',
  'x.lock.lock',
  'HEAD',
  '@',
  '@{-1}',
  'a..b',
  'a~1',
  'a^',
  'a:b',
  'a?*[',
  'a\\b',
  '/etc',
  'a//b',
  'ünïcødé',
  '修正',
  '🚀',
  '\u0000\u001b[31m',
  'x'.repeat(200),
  '修'.repeat(200),
  '$(rm)',
  '.hidden',
  'a/.b',
  'a.',
  'a/',
  '\u0301x',
  '\u202ex',
]
const text = fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: 'binary', maxLength: 60 }))

describe('names', () => {
  test('git takes every branch name, whatever went into it', () => {
    const names = new Set<string>()
    fc.assert(
      fc.property(text, text, (repo, task) => {
        for (const template of ['feature/{task}', '{task}', 'a/{repo}/{task}.lock', '-{task}', '{task}/..', 'quick/{timestamp}'])
          names.add(branchName(template, { repo, task, timestamp: '20260101-000000' }))
      }),
      { numRuns: 60 },
    )
    for (const value of hostile) names.add(branchName('feature/{task}', { repo: 'r', task: value, timestamp: '' }))
    for (const name of names)
      expect(() => execFileSync('git', ['check-ref-format', '--branch', name], { stdio: 'ignore' }), JSON.stringify(name)).not.toThrow()
  }, 60_000)

  test('a worktree name is one harmless segment', () => {
    fc.assert(
      fc.property(text, text, (repo, task) => {
        const name = worktreeName('{repo}-wt-{task}', { repo, task, timestamp: '' })
        expect(name).toMatch(/^[\p{L}\p{N}_+=][\p{L}\p{M}\p{N}._+=-]*$/u)
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(120)
      }),
    )
    expect(worktreeName('{repo}-wt-{task}', { repo: 'shop', task: 'core-api', timestamp: '' })).toBe('shop-wt-core-api')
    expect(branchName('feature/{task}', { repo: 'shop', task: 'core-api', timestamp: '' })).toBe('feature/core-api')
    expect(
      branchName('quick/{timestamp}', { repo: 'shop', task: '', timestamp: timestampName(Date.UTC(2026, 0, 31, 23, 59, 59, 5)) }),
    ).toBe('quick/20260131-235959')
  })

  test('names cut at their length stay apart; taken ones are numbered', () => {
    const values = (end: string) => ({ repo: 'r', task: 'x'.repeat(300) + end, timestamp: '' })
    expect(branchName('{task}', values('a'))).not.toBe(branchName('{task}', values('b')))
    expect(freeName('a', (name) => ['a', 'a-2'].includes(name))).toBe('a-3')
    for (const name of hostile) expect(taskIdOfName(name)).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
  })

  test('templates that cannot work are refused', () => {
    expect(templateProblem('feature/{task}', 'branch')).toBeUndefined()
    expect(templateProblem('feature/{taks}', 'branch')).toContain('{taks}')
    expect(templateProblem('feature', 'branch')).toContain('neither')
    expect(templateProblem('../{task}', 'worktree')).toContain('folder')
  })

  test('a person may type handle, task, branch, folder, title or a beginning', () => {
    const named = (project: string, task: string) => ({
      project,
      task: task as TaskId,
      branch: `feature/${task}`,
      worktree: `${project}-wt-${task}`,
      title: `Title of ${task}`,
    })
    const all = [named('shop', 'api'), named('shop', 'api-tests'), named('bank', 'api'), named('bank', 'ledger')]
    for (const typed of [
      'bank.ledger',
      'ledger',
      'feature/ledger',
      'refs/heads/feature/ledger',
      'bank-wt-ledger',
      '../bank-wt-ledger/',
      'title of LEDGER',
      'led',
      'bank.l',
    ])
      expect(matchName(typed, all), typed).toEqual({ kind: 'found', named: all[3] })
    expect(matchName('api', all)).toMatchObject({ kind: 'ambiguous', candidates: [all[0], all[2]] })
    expect(matchName('api', all, 'shop')).toEqual({ kind: 'found', named: all[0] })
    expect(matchName('api-', all)).toEqual({ kind: 'found', named: all[1] })
    for (const typed of ['', ' ', '-', 'nothing', '.', '/']) expect(matchName(typed, all)).toEqual({ kind: 'unknown' })
  })
})
