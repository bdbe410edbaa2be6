import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import { loadJson, replaceFile } from '../../platform/files.ts'
import { type Home, projectFolder } from '../../config/home.ts'
import { RadarReport } from '../../protocol/radar-report.ts'

/** Since when an overlap stands is known to nobody else, so it outlives the daemon; all the rest is seen again. */
export class RadarFile {
  readonly #path: string
  readonly #folder: string

  constructor(home: Home, project: string) {
    this.#folder = projectFolder(home, project)
    this.#path = join(this.#folder, 'radar.json')
  }

  /** One that cannot be read costs the ages. */
  async load(): Promise<RadarReport | undefined> {
    return loadJson(this.#path, (value) => v.parse(RadarReport, value)).catch(() => undefined)
  }

  async save(report: RadarReport): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    await replaceFile(this.#path, `${JSON.stringify(report)}\n`, { survives: 'kill' })
  }
}
