import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../../test/support/temporary.ts'
import { openDrafts } from './kept-drafts.ts'

test('a draft is there when the screen is opened again, for its person alone; what is no such file is none', () => {
  const home = temporaryFolder()
  openDrafts(home).keep('app.api', 'half a\nthought')
  expect(openDrafts(home).of('app.api')).toBe('half a\nthought')
  expect(readdirSync(home)).toEqual(['drafts.json'])
  expect(statSync(join(home, 'drafts.json')).mode & 0o777).toBe(0o600)
  writeFileSync(join(home, 'drafts.json'), '{"app.api": 1}')
  expect(openDrafts(home).of('app.api')).toBe('')
})

test('a home that cannot be written loses nothing that is on the screen', () => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  const drafts = openDrafts(join(file, 'below'))
  drafts.keep('app.api', 'words')
  expect(drafts.of('app.api')).toBe('words')
})
