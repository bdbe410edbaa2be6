import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as v from 'valibot'
import type { TerminalClient } from '../../../domain/sessions/terminal-client.ts'
import { loadJson, replaceFile } from '../../../platform/files.ts'
import type { SessionSpec } from '../../../ports/agent.ts'
import { hooksFile, hooksInto } from '../manual/manual-arguments.ts'
import { ofWorkers, writeSettings } from '../settings.ts'

/** What makes a session folder one that is lent to a person's terminal. */
export interface LentFolder {
  readonly client: TerminalClient
  readonly marker: string
  /** What says where the agent keeps its transcripts. */
  readonly environment: { readonly HOME?: string; readonly CLAUDE_CONFIG_DIR?: string }
}

/** Answers the settings file. Before the folder says that it is lent nothing could be started in it, and afterwards everything is there. */
export async function keepLentFolder(spec: SessionSpec, lent: LentFolder): Promise<string> {
  const ours = ofWorkers(spec.hooks ?? {})
  const settings = await writeSettings(spec, { ...ours, hooks: joined(ours.hooks, hooksInto(hooksFile(spec.folder))) })
  await writeFile(hooksFile(spec.folder), '', { flag: 'a', mode: 0o600 })
  await replaceFile(join(spec.folder, LENT), JSON.stringify(lent))
  return settings
}

export function loadLentFolder(folder: string): Promise<LentFolder | undefined> {
  return loadJson(join(folder, LENT), (value) => v.parse(lentFolder, value))
}

const LENT = 'terminal.json'

const lentFolder = v.object({
  client: v.pipe(
    v.object({ pid: v.number(), startTime: v.string(), bootId: v.string(), terminal: v.exactOptional(v.string()) }),
    v.readonly(),
  ),
  marker: v.string(),
  environment: v.pipe(v.object({ HOME: v.exactOptional(v.string()), CLAUDE_CONFIG_DIR: v.exactOptional(v.string()) }), v.readonly()),
})

type Hooks = Readonly<Record<string, unknown>>

/** The hooks of a session of ours, and those that a person's are followed by. */
function joined(ours: Hooks, following: Hooks): Hooks {
  const events = new Set([...Object.keys(ours), ...Object.keys(following)])
  return Object.fromEntries([...events].map((event) => [event, [ours[event], following[event]].flatMap((hooks) => hooks ?? [])]))
}
