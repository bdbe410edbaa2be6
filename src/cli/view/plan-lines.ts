import { plainLine } from '../../foundation/text.ts'
import type { PrintedPlan } from '../../protocol/responses.ts'

/** What `plan` and `run --dry-run` say: how much there is, then each task under the number of its wave. */
export function planLines({ tasks, landed, waves, criticalPath, max }: PrintedPlan): readonly string[] {
  const byId = new Map(tasks.map((task) => [task.id, task]))
  const width = Math.max(0, ...waves.flat().map((id) => id.length))
  const head = `${tasks.length - landed.length} to do, ${landed.length} landed; at most ${max} at once${criticalPath.length > 1 ? `; longest chain: ${criticalPath.join(' → ')}` : ''}`
  const lines = waves.flatMap((wave, index) =>
    wave.map((id) => {
      const task = byId.get(id)
      const facts = [
        task?.needs.length ? `needs ${task.needs.join(', ')}` : '',
        task?.owns.length ? `owns ${task.owns.join(', ')}` : '',
      ].filter((fact) => fact !== '')
      return plainLine(
        `${String(index + 1).padStart(3, '\u00a0')}  ${id.padEnd(width)}  ${task?.title ?? ''}${facts.length > 0 ? `  (${facts.join('; ')})` : ''}`,
      ).replaceAll('\u00a0', ' ')
    }),
  )
  return [plainLine(head), ...lines]
}
