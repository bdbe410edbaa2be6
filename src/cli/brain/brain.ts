import { age } from '../../foundation/text.ts'
import type { Context } from '../context.ts'
import { EXIT } from '../failures.ts'
import { flag } from '../invocation.ts'
import type { Invocation } from '../invocation.ts'
import { learningLine, loadBrain, loadLearned, requireProject } from './project-brain.ts'

export async function brain(context: Context, invocation: Invocation): Promise<number> {
  const { root, project } = requireProject(context)
  const [kept, own] = await Promise.all([loadBrain(context.home, project), loadLearned(root)])
  const names = new Set(own.map(({ name }) => name))
  const known = new Set(kept.map(({ name }) => name))
  const all = [...kept, ...own.filter(({ name }) => !known.has(name))]
  if (flag(invocation, 'json')) {
    const learnings = all.map(({ name, learning }) => ({ name, ...learning, at: iso(learning.at), isInRepository: names.has(name) }))
    context.output.json({ schema: 1, project, learnings })
    return EXIT.done
  }
  if (all.length === 0)
    context.output.note('nothing was learned yet: sessions write what they learn into .planning/brain/, one thing a file')
  for (const { name, learning } of all) {
    const place = names.has(name) ? '' : '  (not in the repository)'
    context.output.answer(`${age(context.now() - learning.at).padStart(6)}  ${learningLine(learning)}${place}`)
  }
  if (all.some(({ name }) => !names.has(name)))
    context.output.note('Next: orch brain consolidate writes them into .planning/brain/ of the repository')
  return EXIT.done
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
