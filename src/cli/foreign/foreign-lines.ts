import { plainLine } from '../../foundation/text.ts'
import type { ForeignSession } from './foreign-output.ts'
import { ageOf } from '../../protocol/urgency.ts'

const MOST = 10

/** Sessions that are none of orch's, apart from its own: it neither counts nor steers them. Empty where there are none. */
export function foreignLines(sessions: readonly ForeignSession[], now: number): readonly string[] {
  if (sessions.length === 0) return []
  const more = sessions.length - MOST
  return [
    'Not of orch (Claude Code on this machine):',
    ...sessions.slice(0, MOST).map((session) => `  ${foreignLine(session, now)}`),
    ...(more > 0 ? [`  … and ${more} more: claude agents`] : []),
  ]
}

/** Without its age where nobody says what time it is. */
export function foreignLine({ name, sessionId = '', cwd, kind, status, waitingFor, startedAt }: ForeignSession, now?: number): string {
  const title = plainLine(name ?? '', 40) || plainLine(sessionId.slice(0, 8)) || 'a session'
  const state = [status, waitingFor && `for ${waitingFor}`].filter((word) => word !== undefined && word !== '').join(' ')
  const age = startedAt === undefined || now === undefined ? '' : `since ${ageOf(new Date(startedAt).toISOString(), now)}`
  const facts = [kind, state, age].map((fact) => plainLine(fact ?? '', 60)).filter((fact) => fact !== '')
  return `${[title, ...facts].join(', ')}: ${plainLine(cwd, 200)}`
}
