import { join } from 'node:path'
import * as v from 'valibot'
import { ownVersion } from '../../config/version.ts'
import { claudeConfigFolder, PERSONS_PLUGIN } from '../../platform/environments/claude-config.ts'
import type { Context } from '../context.ts'
import type { Check } from '../project/doctor-checks.ts'
import { textOf } from '../tasks/plain-files.ts'
import { repositoryOf } from '../tasks/repository-of.ts'

/** Whether the person's own Claude Code has the plugin here, and lets it answer. Without it nothing is wrong: it is for who wants it. */
export function pluginCheck({ cwd, environment }: Pick<Context, 'cwd' | 'environment'>): Check {
  const folder = claudeConfigFolder(environment)
  const version = parsed(INSTALLED, join(folder, 'plugins', 'installed_plugins.json'))?.plugins[PERSONS_PLUGIN]?.[0]?.version
  if (version === undefined) return good('not installed; orch init --claude says how')
  const settings = settingsFiles(folder, repositoryOf(cwd)).map((path) => parsed(SETTINGS, path))
  // The nearest word is the one that counts.
  if (settings.findLast((each) => each?.enabledPlugins?.[PERSONS_PLUGIN] !== undefined)?.enabledPlugins?.[PERSONS_PLUGIN] !== true)
    return good(`${version}, switched off here`)
  if (settings.findLast((each) => each?.disableAllHooks !== undefined)?.disableAllHooks === true)
    return {
      name: CHECK,
      state: 'warning',
      found: `${version}, but Claude Code runs no hooks here: its slash commands are not answered, and no tool of orch is asked about`,
      mend: 'take disableAllHooks out of the settings of Claude Code',
    }
  return good(version === ownVersion() ? version : `${version}; claude plugin update ${PERSONS_PLUGIN} makes it ${ownVersion()}`)
}

const CHECK = 'plugin'

const INSTALLED = v.object({ plugins: v.record(v.string(), v.array(v.object({ version: v.string() }))) })
const SETTINGS = v.object({
  enabledPlugins: v.optional(v.record(v.string(), v.unknown())),
  disableAllHooks: v.optional(v.boolean()),
})

function good(found: string): Check {
  return { name: CHECK, state: 'good', found }
}

/** The person's, the repository's, theirs for this repository: a later one counts more. */
function settingsFiles(folder: string, root: string | undefined): readonly string[] {
  const here = root === undefined ? [] : ['settings.json', 'settings.local.json'].map((name) => join(root, '.claude', name))
  return [join(folder, 'settings.json'), ...here]
}

/** Undefined where there is none, or none that is understood: it is Claude Code's. */
function parsed<Schema extends v.GenericSchema>(schema: Schema, path: string): v.InferOutput<Schema> | undefined {
  try {
    const found = v.safeParse(schema, JSON.parse(textOf(path)))
    return found.success ? found.output : undefined
  } catch {
    return undefined
  }
}
