import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Deeper than any real chain; a table that changes while it is read must not keep us. */
const MOST_ANCESTORS = 64

/** What these variables were when each process above this one was started, the nearest first. One that cannot be read says nothing. */
export function environmentsAbove(names: readonly string[]): readonly Readonly<Record<string, string>>[] {
  const found: Readonly<Record<string, string>>[] = []
  for (let pid = process.ppid; pid > 1 && found.length < MOST_ANCESTORS;) {
    const seen = process.platform === 'linux' ? lookInProc(pid) : lookWithPs(pid)
    if (seen === undefined) break
    found.push(pick(seen.environment, names))
    pid = seen.parent
  }
  return found
}

/** `environment`: `NAME=value`, in no order. */
type Seen = { readonly parent: number; readonly environment: readonly string[] }

function lookInProc(pid: number): Seen | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command's name before it may itself hold blanks and parentheses.
    const parent = Number(stat.slice(stat.lastIndexOf(') ') + 2).split(' ')[1])
    return { parent, environment: environmentInProc(pid) }
  } catch {
    return undefined
  }
}

function environmentInProc(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  } catch {
    return []
  }
}

/** The environment stands behind the command line; what is asked for here is one word. */
function lookWithPs(pid: number): Seen | undefined {
  try {
    const options = { encoding: 'utf8', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' }, stdio: 'pipe' } as const
    const line = execFileSync('ps', ['-Eww', '-o', 'ppid=,command=', '-p', String(pid)], options)
    const [, parent = '0', words = ''] = /^\s*(\d+)\s([^]*)$/.exec(line) ?? []
    return { parent: Number(parent), environment: words.split(/\s+/) }
  } catch {
    return undefined
  }
}

function pick(environment: readonly string[], names: readonly string[]): Readonly<Record<string, string>> {
  const values = names.flatMap((name) => {
    const line = environment.find((each) => each.startsWith(`${name}=`))
    return line === undefined ? [] : [[name, line.slice(name.length + 1)] as const]
  })
  return Object.fromEntries(values)
}
