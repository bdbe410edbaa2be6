import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { RadarReport } from '../../protocol/radar-report.ts'

/** As the daemon left them on disk; one that cannot be read says nothing. */
export function loadRadarReports(home: string): readonly RadarReport[] {
  const folder = join(home, 'projects')
  return namesIn(folder).flatMap((project) => {
    try {
      const parsed = v.safeParse(RadarReport, JSON.parse(readFileSync(join(folder, project, 'radar.json'), 'utf8')))
      return parsed.success ? [parsed.output] : []
    } catch {
      return []
    }
  })
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}
