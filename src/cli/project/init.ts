import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { renderConfigTemplate } from '../../config/config-docs.ts'
import { detectSetup, detectValidation } from '../../config/detect-validation.ts'
import { builtInPrompt } from '../../config/prompts/built-in-prompts.ts'
import { PROMPT_NAMES } from '../../domain/features/built-in-departments.ts'
import { commandLine } from '../../domain/queue/step.ts'
import { renderBlueprint } from '../../domain/tasks/prompts.ts'
import { Failure } from '../../foundation/failure.ts'
import { shellWord } from '../../foundation/shell.ts'
import { plainLine } from '../../foundation/text.ts'
import { PERSONS_PLUGIN } from '../../platform/environments/claude-config.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { flag } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { narrated } from '../output.ts'
import { repositoryOf } from '../tasks/repository-of.ts'
import { checkLine } from './doctor.ts'
import { agentChecks, gitChecks } from './doctor-checks.ts'
import type { Check } from './doctor-checks.ts'

/** Writes what is missing and never over what is there. */
export async function init(context: Context, invocation: Invocation): Promise<number> {
  const root = repositoryOf(context.cwd)
  if (root === undefined)
    throw new Failure('not-a-repository', `${context.cwd} is in no git repository`, {
      next: 'go to your repository, or run `git init` and make a first commit',
    })
  const isDryRun = flag(invocation, 'dryRun')
  const written: string[] = []
  const kept: string[] = []
  const withPrompts = flag(invocation, 'departments')
  const claude = flag(invocation, 'claude') ? await import('../claude/plugin-files.ts') : undefined
  const files = { ...blueprintOf(root), ...(withPrompts && (await promptCopies())), ...claude?.repositoryCommands() }
  for (const [name, text] of Object.entries(files)) {
    if (existsSync(join(root, name))) kept.push(name)
    else {
      if (!isDryRun) mkdirSync(dirname(join(root, name)), { recursive: true })
      if (!isDryRun) writeFileSync(join(root, name), text, { flag: 'wx' })
      written.push(name)
    }
  }
  const install = claude && installLine(claude.marketplaceFolder)
  const checks = await narrated(context.output, 'looking for the agent', foundAndMissing(context))
  const missing = checks.filter(({ state }) => state !== 'good')
  if (flag(invocation, 'json'))
    context.output.json({ schema: 1, written, kept, missing, isDryRun, ...(install !== undefined && { install }) })
  else {
    // From a linked worktree the main one is written, which is elsewhere.
    const folder = `${realpathSync(context.cwd)}/`.startsWith(`${root}/`) ? '' : `${root}/`
    for (const name of written) context.output.answer(`${isDryRun ? 'would write' : 'wrote'} ${plainLine(folder + name, 4096)}`)
    for (const name of kept) context.output.answer(`kept ${plainLine(folder + name, 4096)}`)
    for (const check of checks) context.output.note(checkLine(check))
    if (withPrompts) context.output.note('A prompt is used when its department names it in orch.yaml: `prompt: departments/backend.md`.')
    if (install !== undefined) context.output.note(`The plugin, once for all repositories: ${install}`)
    const next = 'edit tasks.md, commit, `orch run` (`orch plan` shows what it would do)'
    context.output.note(missing.length === 0 ? `Next: ${next}.` : `Next: mend what is missing (\`orch doctor\` looks again), then ${next}.`)
  }
  return EXIT.done
}

function installLine(marketplace: string): string {
  return `claude plugin marketplace add ${shellWord(marketplace)} && claude plugin install ${PERSONS_PLUGIN}`
}

/** The agent and the validation, found or not, and of git only what is missing. */
async function foundAndMissing(context: Context): Promise<readonly Check[]> {
  return [...(await gitChecks(context)).filter(({ state }) => state !== 'good'), ...(await agentChecks(context))]
}

function blueprintOf(root: string): Readonly<Record<string, string>> {
  const files = Object.fromEntries(
    readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [entry.name, READ.has(entry.name) ? readFileSync(join(root, entry.name), 'utf8') : '']),
  )
  const validate = detectValidation(files)
  const setup = detectSetup(files)?.command
  const line = commandLine(validate)
  const found = { ...(validate !== undefined && { validate }), ...(setup !== undefined && { setup }) }
  return {
    'orch.yaml': renderConfigTemplate(found),
    'tasks.md': TASKS,
    'CLAUDE.md': renderBlueprint({ repo: basename(root), ...(line !== undefined && { validate: line }) }),
  }
}

/** What each built-in department is told, to be edited. */
async function promptCopies(): Promise<Readonly<Record<string, string>>> {
  const copies = PROMPT_NAMES.map(async (name) => [`departments/${name}.md`, await builtInPrompt(name)] as const)
  return Object.fromEntries(await Promise.all(copies))
}

const READ = new Set(['package.json', 'Makefile', 'makefile', 'GNUmakefile'])

const TASKS = `# Tasks

- [ ] Describe the first task in one line
  - id: first

  What must be true when it is finished.
`
