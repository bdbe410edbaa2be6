import { expect, test } from 'vitest'
import { taskStatus } from '../../test/support/cli/task-status.ts'
import { findStatus } from './find-status.ts'

const api = taskStatus('api')
const web = taskStatus('web')
const other = taskStatus('api', { handle: 'shop.api', project: 'shop', repository: '/repos/shop', worktree: '/repos/shop-wt-api' })

test.each(['app.api', '/repos/app-wt-api', 'app-wt-api', '../app-wt-api'])('%s is the task', (typed) => {
  expect(findStatus([api, web, other], '/', typed)).toEqual({ kind: 'found', status: api })
})

test('a name that two repositories have means the one of this folder, and none elsewhere', () => {
  expect(findStatus([api, other], '/repos/shop/src', 'api')).toEqual({ kind: 'found', status: other })
  expect(findStatus([api, other], '/repos/shop-wt-api', 'api')).toEqual({ kind: 'found', status: other })
  expect(findStatus([api, other], '/', 'feature/api')).toEqual({ kind: 'ambiguous', statuses: [api, other] })
})

test('of repositories inside each other the innermost counts', () => {
  const inner = taskStatus('api', {
    handle: 'inner.api',
    project: 'inner',
    repository: '/repos/app/inner',
    worktree: '/repos/app/inner-wt-api',
  })
  expect(findStatus([api, inner], '/repos/app/inner/src', 'api')).toEqual({ kind: 'found', status: inner })
  expect(findStatus([api, inner], '/repos/app/src', 'api')).toEqual({ kind: 'found', status: api })
})

test('an archived task is meant only when no other is', () => {
  const old = taskStatus('api', { handle: 'shop.api', project: 'shop', repository: '/repos/shop', status: 'Archived' })
  expect(findStatus([old, api], '/', 'api')).toEqual({ kind: 'found', status: api })
  expect(findStatus([old], '/', 'api')).toEqual({ kind: 'found', status: old })
})

test('nothing means the worktree one stands in', () => {
  expect(findStatus([api, web], '/repos/app-wt-api/src', undefined)).toEqual({ kind: 'found', status: api })
  expect(findStatus([api, web], '/repos/app-wt-apis', undefined)).toEqual({ kind: 'unknown' })
})
