import { type NewMessage, ORCH } from '../../domain/board/message.ts'
import { type ContractChange, contractChange } from '../../domain/handoff/contract-change.ts'
import { needsMetBy, type OpenNeed, openNeeds } from '../../domain/handoff/needs.ts'
import type { Sha } from '../../foundation/brand.ts'
import { fenced } from '../../foundation/fenced.ts'
import { plainLine } from '../../foundation/text.ts'
import type { TaskLife } from '../life/task-life.ts'
import type { PartSettings } from '../task-input.ts'

/** Bytes of a contract's diff that its readers get; they have the commit. */
const MOST_DIFF = 6000
const MOST_PATHS = 20

/**
 * Once for each checkpoint of a part, whose validation has passed: what it changed of contracts is announced to those that need it, and who waits for
 * paths that it changed hears that they are there.
 */
export async function tellOfCheckpoint(life: TaskLife, commit: string): Promise<void> {
  const { part } = life.input
  if (part === undefined || life.toldOf === commit) return
  const from = life.toldOf ?? life.base
  await life.run.step('tell what the checkpoint holds', () => tell(life, part, from, commit))
  life.toldOf = commit
}

async function tell({ run, input, services }: TaskLife, part: PartSettings, from: string, commit: string): Promise<void> {
  const repository = await services.repository(input.repository)
  const { files } = await repository.changes(from as Sha, commit as Sha)
  const changed = files.flatMap(({ path, from: before }) => (before === undefined ? [path] : [path, before]))
  const messages = await services.board.messagesOf(input.project, part.feature)
  const post = (message: Omit<NewMessage, 'feature'>, key: string): Promise<string> =>
    services.board.post(input.project, { ...message, feature: part.feature }, `${run.id} ${key}`)

  const parts = new Map(part.departments.map(({ name }) => [name, `${part.feature}.${name}`]))
  const change = contractChange({ contracts: part.contracts, owner: part.department.name, changed, parts, messages })
  if (change !== undefined) {
    const common = { kind: 'contract', from: input.handle, about: { commit, paths: change.files.slice(0, MOST_PATHS) } } as const
    if (change.needing.length > 0) {
      const { text } = await repository.diff(from as Sha, commit as Sha, { paths: change.files })
      await post(
        { ...common, to: change.needing, text: `${changeWords(change, commit)}\n\n${fenced(text, 'diff', MOST_DIFF)}` },
        `contract ${commit}`,
      )
    }
    if (change.others.length > 0) await post({ ...common, to: change.others, text: changeWords(change, commit) }, `contract ${commit}`)
  }
  for (const need of needsMetBy(input.handle, changed, openNeeds(messages)))
    await post(offerOf(need, input.handle, commit), `offer ${need.id}`)
}

function changeWords({ files }: ContractChange, commit: string): string {
  return `I changed the contract in ${listed(files)}. It is commit ${commit}: \`git merge ${commit}\` gets it.`
}

function offerOf({ id, by, paths }: OpenNeed, owner: string, commit: string): Omit<NewMessage, 'feature'> {
  const text = `${owner} has committed what you need in ${listed(paths)}. It is commit ${commit}: \`git merge ${commit}\` gets it.`
  return { kind: 'offer', from: ORCH, to: [by], text, about: { commit, paths: paths.slice(0, MOST_PATHS) }, inReplyTo: id }
}

function listed(paths: readonly string[]): string {
  const shown = paths.slice(0, MOST_PATHS).map((path) => `\`${plainLine(path, 120)}\``)
  return paths.length > shown.length ? `${shown.join(', ')} and ${paths.length - shown.length} more` : shown.join(', ')
}
