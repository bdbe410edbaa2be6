import type { Status } from '../../../domain/tasks/task-status.ts'
import type { Tone } from '../../text/line.ts'

/** Each status by a sign of its own; the colour only repeats it. */
export const SIGNS: Readonly<Record<Status, readonly [sign: string, tone: Tone | undefined]>> = {
  'Needs you': ['!', 'warning'],
  Working: ['●', 'key'],
  Review: ['◆', 'keyword'],
  Idle: ['○', undefined],
  Failed: ['✗', 'bad'],
  'Setting up': ['…', undefined],
  Queued: ['·', 'faint'],
  Merged: ['✓', 'good'],
  Archived: ['-', 'faint'],
}
