import { plainBlock, plainLine } from '../../foundation/text.ts'
import type { Contract, Department } from './department.ts'
import { fillPrompt, type PromptVariable } from './prompt-template.ts'

export interface BriefFacts {
  /** Short name. */
  readonly feature: string
  /** What the person wrote. */
  readonly task: string
  readonly department: Department
  /** All of the feature, this one too. */
  readonly departments: readonly Department[]
  readonly contracts: readonly Contract[]
  readonly branch: string
  readonly target: string
  readonly validate?: string
}

/** The department's TASK.md, but for what orch adds itself. */
export function departmentBrief(template: string, facts: BriefFacts): string {
  return fillPrompt(template, briefValues(facts))
}

/** What the variables of a prompt stand for. */
export function briefValues(facts: BriefFacts): Readonly<Partial<Record<PromptVariable, string>>> {
  const { department, departments, contracts, validate } = facts
  const colleagues = departments.filter(({ name }) => name !== department.name)
  return {
    feature: plainLine(facts.feature),
    task: plainBlock(facts.task),
    department: department.name,
    owns: lines(department.owns.map(globWords), 'Nothing is claimed for you: keep out of what others own.'),
    reviews: lines(department.reviews.map(globWords), 'Everything.'),
    colleagues: lines(colleagues.map(colleagueWords), 'Nobody.'),
    contracts: lines(contracts.map(contractWords), '- none'),
    branch: facts.branch,
    target: plainLine(facts.target),
    validate: validate === undefined ? 'as the repository says' : `\`${plainLine(validate, 500).replaceAll('`', "'")}\``,
  }
}

function lines(items: readonly string[], none: string): string {
  return items.length === 0 ? none : items.map((item) => `- ${item}`).join('\n')
}

function globWords(glob: string): string {
  return `\`${plainLine(glob).replaceAll('`', "'")}\``
}

function colleagueWords({ name, owns }: Department): string {
  return owns.length === 0 ? `\`${name}\`` : `\`${name}\`: ${owns.map(globWords).join(', ')}`
}

function contractWords({ files, owner }: Contract): string {
  return `${files.map(globWords).join(', ')}: only \`${owner}\` changes them`
}
