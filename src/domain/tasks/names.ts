import type { TaskId } from '../../foundation/brand.ts'
import { parseHandle, parseTaskId, toHandle } from '../../foundation/brand.ts'
import { slug } from '../../foundation/text.ts'
import { shortHash } from './task-id.ts'

export interface NameValues {
  /** Folder name of the main worktree. */
  readonly repo: string
  readonly task: string
  /** `20260131-235959`; for quick tasks. */
  readonly timestamp: string
}

/** A branch name from a template such as `feature/{task}`: one that `git check-ref-format --branch` accepts, whatever the values. */
export function branchName(template: string, values: NameValues): string {
  const parts = fill(template, values)
    .split('/')
    .map(cleanPart)
    .filter((part) => part !== '')
  return withinBytes(parts.join('/') || `task-${shortHash(template)}`, 200)
}

/** The name of a worktree's folder from a template such as `{repo}-wt-{task}`: one path segment, no leading dash or dot. */
export function worktreeName(template: string, values: NameValues): string {
  return withinBytes(cleanPart(fill(template, values).replaceAll('/', '-')) || `task-${shortHash(template)}`, 120)
}

/** The id of a task that has only a name that a person typed: any text gives one. */
export function taskIdOfName(name: string): TaskId {
  const id = parseTaskId(slug(name)) ?? parseTaskId(`task-${shortHash(name)}`)
  return id ?? ('task' as TaskId)
}

/** The name itself, or with the first free number: `x`, `x-2`, `x-3`. File systems may not tell cases apart, so neither does this. */
export function freeName(name: string, isTaken: (name: string) => boolean): string {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name}-${number}`
    if (!isTaken(candidate)) return candidate
  }
}

/** `20260131-235959`, in UTC. */
export function timestampName(atMs: number): string {
  return new Date(atMs)
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace(/[-:]/g, '')
    .replace('T', '-')
}

/** Why a template is refused, or undefined. */
export function templateProblem(template: string, kind: 'branch' | 'worktree'): string | undefined {
  const unknown = [...template.matchAll(/\{([^}]*)\}/g)]
    .map((match) => match[1] ?? '')
    .find((name) => !['repo', 'task', 'timestamp'].includes(name))
  if (unknown !== undefined) return `"{${unknown}}" is not one of {repo}, {task}, {timestamp}`
  if (!template.includes('{task}') && !template.includes('{timestamp}'))
    return 'it has neither {task} nor {timestamp}, so that all tasks would get one name'
  if (kind === 'worktree' && template.includes('/')) return 'it is the name of one folder beside the main worktree'
  return undefined
}

export interface Named {
  readonly project: string
  readonly task: TaskId
  readonly branch?: string
  /** Name of the worktree's folder. */
  readonly worktree?: string
  readonly title?: string
  readonly isArchived?: boolean
  /** One of several tries at a task: it is meant only where nothing else is. */
  readonly isAttempt?: boolean
}

export type NameMatch<T> =
  | { readonly kind: 'found'; readonly named: T }
  | { readonly kind: 'ambiguous'; readonly candidates: readonly T[] }
  | { readonly kind: 'unknown' }

/** What a person typed (handle, task, branch, worktree, title, or the beginning of one), exact matches before beginnings. `inProject` breaks ties, then that one is archived and the other is not. */
export function matchName<T extends Named>(typed: string, all: readonly T[], inProject?: string): NameMatch<T> {
  const text = typed
    .trim()
    .replace(/^refs\/heads\//, '')
    .replace(/\/+$/, '')
  const handle = parseHandle(text)
  const rules: ((named: T) => boolean)[] = [
    (named) => handle !== undefined && named.task === handle.task && named.project === handle.project,
    (named) => named.task === text,
    (named) => named.branch === text,
    (named) => named.worktree === text || named.worktree === text.slice(text.lastIndexOf('/') + 1),
    (named) => named.title?.toLowerCase() === text.toLowerCase(),
    (named) =>
      named.task.startsWith(text) || named.branch?.startsWith(text) === true || toHandle(named.project, named.task).startsWith(text),
    (named) => named.task === slug(text),
  ]
  for (const rule of text === '' ? [] : rules) {
    const matches = all.filter(rule)
    const here = narrow(matches, (named) => named.project === inProject)
    const present = narrow(here, (named) => named.isArchived !== true)
    const [only, ...others] = narrow(present, (named) => named.isAttempt !== true)
    if (only !== undefined)
      return others.length === 0 ? { kind: 'found', named: only } : { kind: 'ambiguous', candidates: [only, ...others] }
  }
  return { kind: 'unknown' }
}

/** The matches that fit better, if any do. */
function narrow<T>(matches: readonly T[], fits: (named: T) => boolean): readonly T[] {
  const fitting = matches.filter(fits)
  return fitting.length > 0 ? fitting : matches
}

function fill(template: string, values: NameValues): string {
  return template.replace(/\{(repo|task|timestamp)\}/g, (_, name: keyof NameValues) => values[name].replaceAll('/', '-'))
}

/** What a ref's part may not hold (git-check-ref-format) nor a file name on any system, nor what a terminal or a shell would read. */
function cleanPart(part: string): string {
  return part
    .normalize('NFC')
    .replace(/[^\p{L}\p{M}\p{N}._+=-]+/gu, '-')
    .replace(/\.{2,}/g, '.')
    .replace(/-{2,}/g, '-')
    .replace(/^[-.\p{M}]+|[-.]+$/gu, '')
    .replace(/(?:\.lock)+$/i, '-lock')
    .replace(/^HEAD$/i, 'head-')
    .replace(/^-+|-+$/g, '')
}

/** File names end at 255 bytes and a ref's lock file adds five; what is cut is told apart by a hash. */
function withinBytes(name: string, most: number): string {
  const encoder = new TextEncoder()
  if (encoder.encode(name).length <= most) return name
  let kept = ''
  let bytes = 0
  for (const character of name) {
    bytes += encoder.encode(character).length
    if (bytes > most - 8) break
    kept += character
  }
  return `${kept.replace(/[-./]+$/, '')}-${shortHash(name)}`
}
