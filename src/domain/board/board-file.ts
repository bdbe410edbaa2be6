import { type BoardMessage, MESSAGE_KINDS, type MessageKind } from './message.ts'

/** As a message lies on the board. Every value of the front matter is JSON, which is YAML too, so that no library is needed to read it. */
export function renderBoardFile({ text, ...facts }: BoardMessage): string {
  const lines = Object.entries(facts)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
  return ['---', 'v: 1', ...lines, '---', text, ''].join('\n')
}

/** Undefined for anything that is no message of ours: torn, or another program's. */
export function parseBoardFile(content: string): BoardMessage | undefined {
  const end = content.indexOf('\n---\n', 3)
  if (!content.startsWith('---\nv: 1\n') || end < 0 || !content.endsWith('\n')) return undefined
  const facts: Record<string, unknown> = {}
  for (const line of content.slice('---\nv: 1\n'.length, end).split('\n')) {
    const [, name, value] = /^([A-Za-z]+): ([^]+)$/.exec(line) ?? []
    if (name === undefined || value === undefined) return undefined
    try {
      facts[name] = JSON.parse(value)
    } catch {
      return undefined
    }
  }
  const message = { ...facts, text: content.slice(end + '\n---\n'.length, -1) }
  return isMessage(message) ? message : undefined
}

/** `m12` is 12; undefined for what is no message's id. */
export function numberOfId(id: string): number | undefined {
  const [, digits] = /^m([1-9]\d{0,8})$/.exec(id) ?? []
  return digits === undefined ? undefined : Number(digits)
}

/** Only what a reader would break on. */
function isMessage(value: Record<string, unknown>): value is BoardMessage {
  const { id, kind, project, from, to, source, takenAt, writtenAt, hops } = value
  return (
    [id, project, from, source].every((text) => typeof text === 'string') &&
    [takenAt, writtenAt, hops].every((number) => typeof number === 'number') &&
    numberOfId(String(id)) !== undefined &&
    MESSAGE_KINDS.includes(kind as MessageKind) &&
    Array.isArray(to) &&
    to.every((party) => typeof party === 'string')
  )
}
