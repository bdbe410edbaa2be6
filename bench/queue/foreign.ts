import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import * as v from 'valibot'
import type { AnswerKey } from './answer-key.ts'
import type { Scene } from './measure.ts'
import type { ForeignOptions } from './options.ts'
import { findConflicts, git } from './repository.ts'

const names = v.array(v.string())

/** The form of `--key`; all but the steps may be left out. */
const keySchema = v.object({
  steps: v.array(v.object({ name: v.string(), run: v.string() })),
  bad: v.optional(names, []),
  together: v.optional(v.array(names), []),
  textual: v.optional(v.array(names)),
  tests: v.optional(v.number()),
  steady: v.optional(v.record(v.string(), v.string()), {}),
})

/** A repository that exists, with a list of its branches. Only its clones are written to. */
export async function readForeign({ repository, branches, key: keyFile, target }: ForeignOptions, scratch: string): Promise<Scene> {
  const listed = readFileSync(branches, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  for (const name of [target, ...listed]) await git(repository, ['rev-parse', '--verify', '--quiet', `refs/heads/${name}^{commit}`])
  if (keyFile === undefined) throw new Error('--key FILE says at least the steps: {"steps": [{"name": "test", "run": "npm test"}]}')
  const { textual, tests, ...told } = v.parse(keySchema, JSON.parse(readFileSync(keyFile, 'utf8')))
  const key: AnswerKey = { schema: 1, target, branches: listed, textual: [], ...told, ...(tests === undefined ? {} : { tests }) }
  const conflicts = textual ?? (await findConflicts(repository, scratch, key))
  return { name: basename(repository), seed: 0, repository, key: { ...key, textual: conflicts } }
}
