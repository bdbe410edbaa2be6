import { parseOutboxFile } from '../../domain/board/parse-outbox-file.ts'
import type { OutboxFile } from '../../domain/board/outbox-file.ts'

/** `---`, front matter, `---`, then the text as the body (or as `message` in the front matter). Undefined when it is anything else. */
export async function readFrontMatter(text: string): Promise<OutboxFile | undefined> {
  const end = text.indexOf('\n---', 3)
  if (!text.startsWith('---\n') || end < 0) return undefined
  const { parse } = await import('yaml')
  try {
    const matter: unknown = parse(text.slice(4, end), { maxAliasCount: 0, logLevel: 'error' })
    return parseOutboxFile(matter, text.slice(text.indexOf('\n', end + 1) + 1).trim())
  } catch {
    return undefined
  }
}
