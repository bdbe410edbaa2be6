import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { RadarReport } from '../../src/protocol/radar-report.ts'
import { until } from '../support/eventually.ts'
import { fleetTest, type FleetScene } from '../support/fleet/fleet.ts'

const shared = 'one\ntwo\nthree\n'
/** Edits the same line as the other and then thinks, so that nothing is committed while it is looked at. */
const script = ['api', 'web']
  .map(
    (task) =>
      `  - match: { task: ${task} }\n    steps:\n      - edit: shared.txt\n        from: two\n        to: two by ${task}\n      - delay: 1h\n        end: Done.\n`,
  )
  .join('')
const scene = {
  script: `sessions:\n${script}`,
  tasks: '- [ ] The api\n  - id: api\n- [ ] The web\n  - id: web\n',
  files: { 'shared.txt': shared },
}

fleetTest('two sessions that edit the same line are seen while they work, by people and by the next daemon', async ({ fleet }) => {
  const on = await fleet.begin(scene)
  await on.startDaemon()
  await on.startBacklog()
  await until(() => on.status('api')?.overlaps?.length === 1 && on.status('web')?.overlaps?.length === 1, {
    what: 'the radar tells both',
    deadlineMs: 60_000,
  })
  expect(on.status('api')).toMatchObject({
    status: 'Working',
    overlaps: [
      { with: 'repo.web', isTarget: false, files: ['shared.txt'], survived: 0, work: { own: 'uncommitted', other: 'uncommitted' } },
    ],
  })
  const [seen] = await reports(on)
  expect(seen?.overlaps).toMatchObject([
    { files: [{ path: 'shared.txt', kind: 'contents', hunks: [{ one: 'two by api', other: 'two by web' }] }], fileCount: 1 },
  ])
  expect((await on.run(['monitor'], { environment: { COLUMNS: '200' } })).stdout).toMatch(/⇄ web/)
  const page = await on.run(['radar', '--hunks'])
  expect(page.stdout).toMatch(
    /api ⇄ web {2}for .* · uncommitted\n {2}shared\.txt\n {4}line 2\n {4}api:\n {6}two by api\n {4}web:\n {6}two by web\n/,
  )

  await on.killDaemon()
  expect(await reports(on)).toHaveLength(1)
  await on.startDaemon()
  // What the file said is known again, not seen for the first time.
  const [again] = await reports(on, [])
  expect(again?.overlaps[0]?.since).toBe(seen?.overlaps[0]?.since)
  expect(again?.at).toBeGreaterThan(seen?.at ?? Infinity)

  // One of them takes its change back, by no tool that is known: a fresh look finds it.
  writeFileSync(join(on.status('web')?.worktree ?? '', 'shared.txt'), shared)
  expect((await reports(on, []))[0]?.overlaps).toEqual([])
  await until(() => on.status('api')?.overlaps === undefined, { what: 'its status says so too' })

  writeFileSync(join(on.repository, 'orch.yaml'), `${readFileSync(join(on.repository, 'orch.yaml'), 'utf8')}radar: off\n`)
  expect(await reports(on, [])).toMatchObject([{ isOn: false, tasks: [], overlaps: [] }])
  await on.run(['stop', 'api'])
  await on.run(['stop', 'web'])
})

async function reports(on: FleetScene, more: readonly string[] = ['--no-sweep']): Promise<readonly RadarReport[]> {
  const ended = await on.run(['radar', '--json', ...more])
  expect(ended).toMatchObject({ code: 0 })
  return (JSON.parse(ended.stdout) as { reports: RadarReport[] }).reports
}
