import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ensurePrivateDirectory, loadJson, replaceFile } from '../../platform/files.ts'
import { type Home, sessionFolder } from '../../config/home.ts'
import type { TerminalClient } from '../../domain/sessions/terminal-client.ts'
import type { TaskInput } from '../../workflows/task-input.ts'

/** Which agent process of a task this is: the conversation's number and the how-manieth process of it. */
export interface ProcessName {
  readonly attempt: number
  readonly number: number
}

/** Written before the process is started, so that a crash in between starts the same one. */
export interface ProcessPlan {
  readonly begin: 'new' | 'resume'
  readonly conversationId: string
  /** It runs in a person's terminal, by this request of this client. */
  readonly lentTo?: { readonly by: string; readonly client: TerminalClient }
}

const PLAN = 'plan.json'

/** What the id of a task's conversation is made from: the same for all processes of this number. */
export function conversationOf({ handle, createdAt }: TaskInput, attempt: number): string {
  return `${handle} ${createdAt} conversation ${attempt}`
}

export function renderProcessName(name: ProcessName): string {
  return `${name.attempt}.${name.number}`
}

function parseProcessName(text: string): ProcessName | undefined {
  const match = /^([1-9]\d*)\.([1-9]\d*)$/.exec(text)
  return match === null ? undefined : { attempt: Number(match[1]), number: Number(match[2]) }
}

/** All processes of a task that were planned, oldest first. A folder that a crash left without its plan is none: the next one takes its place. */
export async function listProcesses(home: Home, handle: string): Promise<ProcessName[]> {
  const names = await readdir(sessionFolder(home, handle)).catch(() => [])
  return names
    .map(parseProcessName)
    .filter((name) => name !== undefined)
    .filter((name) => existsSync(join(processFolder(home, handle, renderProcessName(name)), PLAN)))
    .toSorted(oldestFirst)
}

export function newestProcess(names: Iterable<string>): string | undefined {
  const newest = [...names]
    .map(parseProcessName)
    .filter((name) => name !== undefined)
    .toSorted(oldestFirst)
    .at(-1)
  return newest && renderProcessName(newest)
}

function oldestFirst(a: ProcessName, b: ProcessName): number {
  return a.attempt - b.attempt || a.number - b.number
}

export function processFolder(home: Home, handle: string, process: string): string {
  return join(sessionFolder(home, handle), process)
}

export async function keepPlan(home: Home, handle: string, process: string, plan: ProcessPlan): Promise<void> {
  const folder = processFolder(home, handle, process)
  await ensurePrivateDirectory(folder)
  await replaceFile(join(folder, PLAN), JSON.stringify(plan))
}

export async function loadPlan(home: Home, handle: string, process: string): Promise<ProcessPlan | undefined> {
  return loadJson(join(processFolder(home, handle, process), PLAN), (value) => value as ProcessPlan)
}
