import { plainLine } from '../../foundation/text.ts'
import { ownsPath } from '../backlog/ownership.ts'
import type { CommitFacts } from './commit-facts.ts'
import { newDependencies } from './dependencies/manifest.ts'
import { changesLicenceField, isLicence, isLostTest, isMigration } from './file-kinds.ts'
import type { Detection, GateFinding, GateRule } from './gate.ts'
import { findSecrets } from './secrets.ts'

/** More deleted files than this are a question. */
const MANY_DELETED = 10
const MOST_PATHS = 50
/** The rules themselves: where there are any, changing them is a person's decision too. */
const RULES: GateRule = { name: 'gates', paths: ['orch.yaml'] }

type Found = {
  readonly why: string
  readonly paths: readonly string[]
  /** Where it is more than what the paths hold. */ readonly content?: string
}

/** What of the rules a commit meets, in their order. `content` is in full: whoever keeps it makes a digest of it. */
export function findGates(rules: readonly GateRule[], facts: CommitFacts): readonly GateFinding[] {
  if (rules.length === 0) return []
  const all = rules.some(({ name }) => name === RULES.name) ? rules : [...rules, RULES]
  return all.flatMap((rule) => [apply(rule, facts)].filter((found) => found !== undefined).map((found) => toFinding(rule, found, facts)))
}

function apply({ paths, detects, overUsd }: GateRule, facts: CommitFacts): Found | undefined {
  if (paths !== undefined) return byPaths(paths, facts)
  if (overUsd !== undefined) return byCost(overUsd, facts.costUsd)
  return detects === undefined ? undefined : LOOKS[detects](facts)
}

/** What only a session can say is not looked for. */
const nothing = (): undefined => undefined
const LOOKS: Record<Detection, (facts: CommitFacts) => Found | undefined> = {
  'new-dependency': byDependencies,
  secret: bySecrets,
  licence: byLicence,
  deletion: byDeletion,
  migration: ({ files }) => changed(files.filter(isMigration).map(({ path }) => path)),
  security: nothing,
  architecture: nothing,
  'unclear-requirement': nothing,
}

/** A file that was moved is looked at under both names. */
function byPaths(globs: readonly string[], { files }: CommitFacts): Found | undefined {
  return changed(files.filter(({ path, from = path }) => ownsPath(globs, path) || ownsPath(globs, from)).map(({ path }) => path))
}

function changed(paths: readonly string[]): Found | undefined {
  return paths.length === 0 ? undefined : { why: `changes ${listed(paths)}`, paths }
}

function byCost(overUsd: number, costUsd: number): Found | undefined {
  if (costUsd <= overUsd) return undefined
  const times = Math.floor(costUsd / overUsd)
  return { why: `has cost $${costUsd.toFixed(2)}, over $${(overUsd * times).toFixed(2)}`, paths: [], content: `${times} times` }
}

function byDependencies({ manifests }: CommitFacts): Found | undefined {
  const found = manifests.map((manifest) => ({ path: manifest.path, names: newDependencies(manifest) }))
  const adding = found.filter(({ names }) => names === undefined || names.length > 0)
  if (adding.length === 0) return undefined
  const says = adding.map(({ path, names }) =>
    names === undefined ? `has ${plainLine(path, 120)}, which cannot be read` : `adds ${listed(names)} in ${plainLine(path, 120)}`,
  )
  const isReadable = adding.every(({ names }) => names !== undefined)
  return { why: says.join('; '), paths: adding.map(({ path }) => path), ...(isReadable && { content: JSON.stringify(adding) }) }
}

function bySecrets({ added, files, isCut }: CommitFacts): Found | undefined {
  const secrets = findSecrets(
    added,
    files.filter(({ change }) => change === 'added').map(({ path }) => path),
  )
  const says = secrets.map(({ path, line, what }) => `${what} in ${plainLine(path, 120)}:${line}`)
  if (secrets.length === 0 && !isCut) return undefined
  const seen = secrets.length > 0 ? `adds what looks like ${listed(says)}` : undefined
  const paths = isCut ? files.map(({ path }) => path) : [...new Set(secrets.map(({ path }) => path))]
  const unseen = isCut ? 'is too large to look through all of it' : undefined
  return { why: [seen, unseen].filter((words) => words !== undefined).join('; '), paths }
}

function byLicence({ files, manifests }: CommitFacts): Found | undefined {
  const paths = files.filter(isLicence).map(({ path }) => path)
  return changed([...paths, ...manifests.filter(changesLicenceField).map(({ path }) => path)])
}

function byDeletion({ files }: CommitFacts): Found | undefined {
  const tests = files.filter(isLostTest).map(({ path }) => path)
  if (tests.length > 0) return { why: `takes away ${tests.length === 1 ? 'a test' : 'tests'}: ${listed(tests)}`, paths: tests }
  const deleted = files.filter(({ change }) => change === 'deleted').map(({ path }) => path)
  return deleted.length > MANY_DELETED ? { why: `deletes ${deleted.length} files: ${listed(deleted)}`, paths: deleted } : undefined
}

function toFinding({ name }: GateRule, { why, paths, content }: Found, { files }: CommitFacts): GateFinding {
  const about = new Set(paths)
  const held = files.filter(({ path }) => about.has(path)).map((file) => [file.path, file.change, file.content])
  return { gate: name, why, paths: paths.slice(0, MOST_PATHS), content: content ?? JSON.stringify(held) }
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => plainLine(name, 120))
  return names.length > shown.length ? `${shown.join(', ')} and ${names.length - shown.length} more` : shown.join(', ')
}
