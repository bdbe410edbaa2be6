import { readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../../foundation/failure.ts'
import { plainBlock, plainLine } from '../../foundation/text.ts'
import type { NamedLearning } from '../../domain/brain/learning.ts'
import { proposeRules } from '../../domain/brain/rules.ts'
import { replaceFile } from '../../platform/files.ts'
import type { Context } from '../context.ts'
import { EXIT, usageFailure } from '../failures.ts'
import { flag } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { loadBrain, loadLearned, requireProject } from './project-brain.ts'

const FILE = 'CLAUDE.md'

/** Rules are a person's: orch shows what sessions propose, and writes it only when it is told to. */
export async function proposals(context: Context, invocation: Invocation): Promise<number> {
  const { root, project } = requireProject(context)
  const known = [...(await loadBrain(context.home, project)), ...(await loadLearned(root))]
  const { path, text } = loadRules(root)
  const proposal = proposeRules(FILE, text, named(known, invocation.words))
  const isApplied = flag(invocation, 'apply') && proposal.rules.length > 0
  if (isApplied) await replaceFile(path, proposal.text, { mode: modeOf(path) })
  if (flag(invocation, 'json')) context.output.json({ schema: 1, file: FILE, rules: proposal.rules, diff: proposal.diff, isApplied })
  else if (proposal.rules.length === 0) context.output.answer('no session proposes a rule that CLAUDE.md does not have')
  else {
    context.output.answer(plainBlock(proposal.diff.trimEnd()))
    for (const { rule, name, from } of proposal.rules)
      context.output.note(`${plainLine(rule, 60)}: ${plainLine(name)}${from === undefined ? '' : `, from ${plainLine(from)}`}`)
    context.output.note(
      isApplied ? `written into ${FILE}; the commit is yours` : 'Next: orch brain proposals --apply, with names for some of them',
    )
  }
  return EXIT.done
}

/** Names may be given without what follows the last dash. */
function named(known: readonly NamedLearning[], words: readonly string[]): readonly NamedLearning[] {
  if (words.length === 0) return known
  const chosen = known.filter(({ name }) => words.some((word) => name === word || name.replace(/(?:-[0-9a-f]{12})?\.md$/, '') === word))
  if (chosen.length === 0) throw usageFailure(`No learning is called ${words.join(' or ')}.`, 'orch brain proposals')
  return chosen
}

/** CLAUDE.md may be a link to AGENTS.md, but not to anything outside of the repository. */
function loadRules(root: string): { path: string; text: string } {
  const path = join(root, FILE)
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return { path, text: '' }
  const real = realpathSync(path)
  if (real.startsWith(`${realpathSync(root)}/`)) return { path: real, text: readFileSync(real, 'utf8') }
  throw new Failure('outside', `${path} is a link that leaves the repository.`, { safe: 'nothing was read or written' })
}

function modeOf(path: string): number {
  return (statSync(path, { throwIfNoEntry: false })?.mode ?? 0o644) & 0o777
}
