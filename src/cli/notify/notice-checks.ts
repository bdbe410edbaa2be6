import { access, constants } from 'node:fs/promises'
import { delimiter, resolve } from 'node:path'
import { loadConfig } from '../../config/load-config.ts'
import type { Notifier } from '../../ports/notifier.ts'
import type { Context } from '../context.ts'
import type { Check } from '../project/doctor-checks.ts'

/** Whether the programs are there by which the person is told. Settings that cannot be read are another check's word. */
export async function noticeChecks(context: Context): Promise<readonly Check[]> {
  const loaded = await loadConfig({ home: context.home, environment: context.environment }).catch(() => undefined)
  if (loaded === undefined) return []
  const notifiers = (await context.services()).notifiersFor(loaded.config, context.environment)
  const missing = await Promise.all(notifiers.map((notifier) => missingCheck(notifier, context.environment['PATH'] ?? '')))
  const names = notifiers.map(({ channel }) => channel)
  const found =
    names.length === 0 ? 'told in no other way than in a terminal' : `told by ${names.join(', ')}; \`orch notify test\` tries them`
  return missing.flat().length > 0 ? missing.flat() : [{ name: 'notices', state: 'good', found }]
}

async function missingCheck({ channel, program }: Notifier, path: string): Promise<readonly Check[]> {
  if (program === undefined || (await isThere(program.name, path))) return []
  return [{ name: 'notices', state: 'warning', found: `${channel}: ${program.name} is not there`, mend: program.ifMissing }]
}

async function isThere(name: string, path: string): Promise<boolean> {
  const places = name.includes('/') ? [name] : path.split(delimiter).map((folder) => resolve(folder, name))
  const found = await Promise.all(
    places.map((place) =>
      access(place, constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  )
  return found.includes(true)
}
