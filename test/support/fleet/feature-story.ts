import { until } from '../eventually.ts'
import type { FleetScene } from './fleet.ts'

/** Steps of a rehearsal script. */
export const bash = (command: string): string => `- bash: ${JSON.stringify(command)}`
export const commit = (message: string): string => `git add -A && git commit -qm '${message}' && orch done ready`
export const note = (text: string): string => `printf '## Status\\n${text}\\n' >> AGENT_NOTES.md`

/** A line of a report with every commit as `C`, every message as `M` and every time as `T`. */
export function withoutChance(line: string): string {
  return line
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'T')
    .replace(/\b(?:[0-9a-f]{40}|[0-9a-f]{10})\b/g, 'C')
    .replace(/\bm[1-9]\d*\b/g, 'M')
}

/** Every message has reached whom it was for, or says why it will not. */
export async function untilReceived(scene: FleetScene, feature: string): Promise<void> {
  const open = async (): Promise<readonly string[]> => {
    const { stdout } = await scene.run(['board', '--feature', feature, '--json'])
    const { messages } = JSON.parse(stdout) as { messages: { id: string; receipts: { deliveredAt?: number; refused?: string }[] }[] }
    return messages.flatMap(({ id, receipts }) => (receipts.every((each) => each.deliveredAt ?? each.refused) ? [] : [id]))
  }
  await until(async () => (await open()).length === 0, { what: 'every receipt is closed', deadlineMs: 60_000 })
}
