import { existsSync, mkdirSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { SCRATCH_ROOTS, sweepScratch } from './scratch.ts'

it.each(SCRATCH_ROOTS.filter(existsSync))('takes away the old scratch of a dead process only, in %s', async (root) => {
  // No pid is as high as this on Linux or macOS.
  const named = (pid: number, end: string) => join(root, `orch-git-${pid}-00000000-0000-0000-0000-${end}`)
  const [dead, fresh, living] = [named(99_999_999, '000000000001'), named(99_999_999, '000000000002'), named(process.pid, '000000000003')]
  for (const folder of [dead, fresh, living]) mkdirSync(folder, { recursive: true })
  for (const folder of [dead, living]) utimesSync(folder, 1, 1)
  await sweepScratch()
  expect([dead, fresh, living].map((folder) => existsSync(folder))).toEqual([false, true, true])
  for (const folder of [fresh, living]) rmSync(folder, { recursive: true })
})
