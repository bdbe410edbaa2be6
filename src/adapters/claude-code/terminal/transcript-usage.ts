import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SessionEvent } from '../../../domain/sessions/session-event.ts'
import { RecordParser } from '../record/parse-line.ts'
import { findTranscripts } from '../transcript.ts'

/**
 * What a conversation has spent in this time (milliseconds since the epoch), its sub-agents included: hooks say nothing of tokens, and the
 * transcript has each message's. What Claude Code asks beside the conversation (a title) is in no transcript.
 */
export async function usageBetween(
  conversationId: string,
  environment: Readonly<Record<string, string>>,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<readonly SessionEvent[]> {
  const transcripts = await findTranscripts(conversationId, environment)
  const files = await Promise.all(transcripts.map(async (file) => [file, ...(await ofSubagents(file))]))
  const texts = await Promise.all(files.flat().map((file) => readFile(file, 'utf8').catch(() => '')))
  const parser = new RecordParser()
  return texts
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.includes('"usage"'))
    .flatMap((line) => {
      const at = writtenAt(line)
      return at === undefined || at < from || at > to ? [] : parser.parse(line, at)
    })
    .filter(({ type }) => type === 'usage')
}

async function ofSubagents(transcript: string): Promise<string[]> {
  const folder = join(transcript.replace(/\.jsonl$/, ''), 'subagents')
  const names = await readdir(folder).catch((): string[] => [])
  return names.filter((name) => name.endsWith('.jsonl')).map((name) => join(folder, name))
}

function writtenAt(line: string): number | undefined {
  try {
    const { type, timestamp } = JSON.parse(line) as { type?: unknown; timestamp?: unknown }
    const at = type === 'assistant' && typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN
    return Number.isNaN(at) ? undefined : at
  } catch {
    return undefined
  }
}
