import { spawnSync } from 'node:child_process'
import { readFileSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { makeFolder, removeFolder, writeTree } from '../../test/support/temporary.ts'

export const root = resolve(import.meta.dirname, '../..')

export interface Complaint {
  /** `src/a.ts` */
  readonly file: string
  /** `orch(layers)` */
  readonly rule: string
  readonly message: string
  readonly severity: string
}

/** Runs the real linter with this repository's configuration on a planted tree; a run takes half a second, so plant all at once. */
export function lintPlanted(files: Readonly<Record<string, string>>): readonly Complaint[] {
  const folder = makeFolder('orch-lint-')
  try {
    const config = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as object
    writeTree(folder, {
      ...files,
      '.oxlintrc.json': JSON.stringify({ ...config, jsPlugins: [join(root, 'tooling/lint/plugin.mjs')] }),
      'tsconfig.json': readFileSync(join(root, 'tsconfig.json'), 'utf8'),
      'package.json': '{ "type": "module" }',
    })
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    return lint(folder)
  } finally {
    removeFolder(folder)
  }
}

export function lint(folder: string): readonly Complaint[] {
  const run = spawnSync(process.execPath, [join(root, 'node_modules/oxlint/bin/oxlint'), '--format', 'json'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (!run.stdout.startsWith('{')) throw new Error(`oxlint did not run: ${run.stdout}${run.stderr}`)
  const report = JSON.parse(run.stdout) as OxlintReport
  if (report.number_of_files === 0) throw new Error('oxlint looked at no file')
  return report.diagnostics
    .map(({ filename, code, message, severity }) => ({ file: filename, rule: code ?? '', message, severity }))
    .toSorted((a, b) => (a.file + a.rule < b.file + b.rule ? -1 : 1))
}

interface OxlintReport {
  readonly number_of_files: number
  readonly diagnostics: readonly {
    readonly filename: string
    readonly code?: string
    readonly message: string
    readonly severity: string
  }[]
}
