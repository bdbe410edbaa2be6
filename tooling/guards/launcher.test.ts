import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryTree } from '../../test/support/temporary.ts'

const launcher = readFileSync(join(import.meta.dirname, '../../bin/orch'), 'utf8')

function launch(files: Record<string, string>, before = ''): { status: number | null; stdout: string; stderr: string } {
  const folder = temporaryTree({ 'package.json': '{ "type": "module" }', 'bin/orch': launcher, 'before.cjs': before, ...files })
  return spawnSync(process.execPath, ['--require', join(folder, 'before.cjs'), join(folder, 'bin/orch'), 'a', 'b c'], { encoding: 'utf8' })
}

test('it starts the built program with the arguments', () => {
  expect(launch({ 'dist/main.js': 'console.log(process.argv.slice(2).join("|"))\n' })).toMatchObject({
    status: 0,
    stdout: 'a|b c\n',
    stderr: '',
  })
})

test('an unbuilt orch says what to run', () => {
  const { status, stderr } = launch({})
  expect(status).toBe(69)
  expect(stderr).toContain('orch is not built yet: dist/main.js is missing.')
  expect(stderr).toContain('npm ci && npm run build')
})

test('a module missing inside the built program is not mistaken for an unbuilt one', () => {
  const { status, stderr } = launch({ 'dist/main.js': "import './gone.js'\n" })
  expect(status).toBe(1)
  expect(stderr).toContain('gone.js')
  expect(stderr).not.toContain('not built')
})

test.each(['18.20.0', '20.18.3'])('Node %s is refused with the version that is needed', (version) => {
  const older = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })\n`
  const { status, stderr } = launch({ 'dist/main.js': 'console.log("started")\n' }, older)
  expect(status).toBe(69)
  expect(stderr).toContain(`orch needs Node 20.19 or newer; this is Node ${version}.`)
})
