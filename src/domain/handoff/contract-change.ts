import { ownsPath } from '../backlog/ownership.ts'
import type { BoardMessage, Party } from '../board/message.ts'
import { matchesPath, compileGlobs } from '../../foundation/glob.ts'
import type { Contract } from '../features/department.ts'

/** Who is told of a changed contract, and who only that there is something to look at. */
export type ContractChange = {
  /** Files of contracts that the author owns and has changed, sorted. */
  readonly files: readonly string[]
  /** Those that need it: they get the diff. */
  readonly needing: readonly Party[]
  /** Where nobody has declared a need: all others of the feature. */
  readonly others: readonly Party[]
}

export interface ChangeFacts {
  readonly contracts: readonly Contract[]
  /** The author's department. */
  readonly owner: string
  readonly changed: readonly string[]
  /** Handle of each department's part, the author's too. */
  readonly parts: ReadonlyMap<string, Party>
  /** Of the feature. */
  readonly messages: readonly BoardMessage[]
}

export function contractChange({ contracts, owner, changed, parts, messages }: ChangeFacts): ContractChange | undefined {
  const own = contracts.filter((contract) => contract.owner === owner)
  const touched = own.filter(({ files }) => changed.some((path) => ownsPath(files, path)))
  const files = changed.filter((path) => touched.some((contract) => ownsPath(contract.files, path))).toSorted()
  const author = parts.get(owner)
  if (files.length === 0 || author === undefined) return undefined
  const all = [...parts.values()].filter((party) => party !== author)
  const named = touched.flatMap(({ neededBy = [] }) => neededBy.flatMap((department) => parts.get(department) ?? []))
  const asked = messages.filter((message) => message.kind === 'need' && isAbout(message, author, files)).map(({ from }) => from)
  const needing = all.filter((party) => named.includes(party) || asked.includes(party))
  return { files, needing, others: needing.length > 0 ? [] : all }
}

/** Addressed to the owner, or to whomever about these files. */
function isAbout({ to, about }: BoardMessage, author: Party, files: readonly string[]): boolean {
  if (to.includes(author)) return true
  const wanted = compileGlobs(about?.paths ?? [])
  return files.some((path) => matchesPath(wanted, path))
}
