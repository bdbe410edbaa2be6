import { join } from 'node:path'
import type { Failure } from '../../foundation/failure.ts'
import { nearest } from '../../foundation/suggestion.ts'
import { plainLine } from '../../foundation/text.ts'
import { loadConfig, PROJECT_FILE, USER_FILE } from '../../config/load-config.ts'
import { optionNames, optionOf } from '../../config/options.ts'
import { configEntries, optionNamed } from '../../config/resolve-config.ts'
import type { ConfigEntry, Origin } from '../../config/resolve-config.ts'
import type { Context } from '../context.ts'
import { EXIT, usageFailure } from '../failures.ts'
import { flag } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { repositoryOf } from '../tasks/repository-of.ts'

export async function configList(context: Context, invocation: Invocation): Promise<number> {
  const entries = await loadEntries(context)
  if (flag(invocation, 'json')) context.output.json({ schema: 1, options: entries })
  else for (const entry of entries) context.output.answer(`${entry.key.padEnd(20)} ${shown(entry.value)}  (${originWords(entry.origin)})`)
  return EXIT.done
}

export async function configGet(context: Context, invocation: Invocation): Promise<number> {
  const entry = (await loadEntries(context)).find(({ key }) => key === invocation.words[0])
  if (entry === undefined) throw unknownSetting(invocation.words[0] ?? '')
  if (flag(invocation, 'json')) context.output.json({ schema: 1, ...entry })
  // For a script: what is unset is nothing, not a dash.
  else if (entry.value === null) context.output.note(`${plainLine(entry.key)} is not set`)
  else context.output.answer(shown(entry.value))
  return EXIT.done
}

/** Does not read the other settings first: a file with a wrong value in it is mended by this very command. */
export async function configSet(context: Context, invocation: Invocation): Promise<number> {
  const [key = '', value = ''] = invocation.words
  const isDryRun = flag(invocation, 'dryRun')
  const path = fileFor(context, key)
  await (await import('../../config/write-config.ts')).writeConfigValue(path, key, value, { isDryRun })
  const said = withoutSecrets(key, value)
  if (flag(invocation, 'json')) context.output.json({ schema: 1, key, value: said, path, isDryRun })
  else context.output.answer(`${isDryRun ? 'would write' : 'wrote'} ${plainLine(key)}: ${plainLine(said)} to ${plainLine(path, 4096)}`)
  return EXIT.done
}

/** The address of a web hook is one. */
function withoutSecrets(key: string, value: string): string {
  const name = optionNamed(key)
  if (name !== 'notifyWebhooks') return value
  const { kind } = optionOf(name)
  const reading = kind.read(kind.fromText(value))
  return reading.kind === 'read' ? JSON.stringify(kind.write(reading.value)) : '…'
}

/** What says something about this machine goes into the person's own file. */
function fileFor(context: Context, key: string): string {
  const name = optionNamed(key)
  if (name === undefined) throw unknownSetting(key)
  if (optionOf(name).scope === 'user') return join(context.home, USER_FILE)
  const root = repositoryOf(context.cwd)
  if (root === undefined)
    throw usageFailure(
      `${context.cwd} is in no git repository, so there is no orch.yaml to write`,
      'go to your repository, or run `git init`',
    )
  return join(root, PROJECT_FILE)
}

function unknownSetting(key: string): Failure {
  const meant = nearest(
    key,
    optionNames.map((name) => optionOf(name).path),
  )
  return usageFailure(
    `No setting is called "${plainLine(key)}"${meant === undefined ? '' : `; did you mean "${meant}"?`}`,
    '`orch config list` shows all',
  )
}

export async function configSchema(context: Context): Promise<number> {
  const { configJsonSchema } = await import('../../config/config-docs.ts')
  context.output.json(configJsonSchema())
  return EXIT.done
}

async function loadEntries(context: Context): Promise<readonly ConfigEntry[]> {
  const root = repositoryOf(context.cwd)
  return configEntries(await loadConfig({ home: context.home, environment: context.environment, ...(root !== undefined && { root }) }))
}

function shown(value: unknown): string {
  return value === null ? '–' : plainLine(typeof value === 'string' ? value : JSON.stringify(value))
}

function originWords(origin: Origin): string {
  switch (origin.kind) {
    case 'default':
      return 'default'
    case 'file':
      return `${plainLine(origin.path)}:${origin.line}`
    case 'env':
      return `$${origin.name}`
    case 'flag':
      return origin.flag
  }
}
