import { readdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { claudeConfigFolder } from '../../platform/environments/claude-config.ts'

/**
 * How a process has to be started for this conversation. The caller cannot know it: a process that was killed in its first moments may have
 * written nothing of it, or a file with nothing but a title in it, which can neither be resumed ("no conversation") nor begun anew ("already in use").
 * Such an empty file is put aside. Only for the owner of the conversation's claim, when no process uses it.
 */
export async function prepareBeginning(conversationId: string, environment: Readonly<Record<string, string>>): Promise<'new' | 'resume'> {
  const files = await findTranscripts(conversationId, environment)
  const hasMessages = await Promise.all(files.map(holdsConversation))
  if (hasMessages.includes(true)) return 'resume'
  for (const file of files) await rename(file, `${file}.empty`)
  return 'new'
}

export async function loadBeginning(conversationId: string, environment: Readonly<Record<string, string>>): Promise<'new' | 'resume'> {
  const hasMessages = await Promise.all((await findTranscripts(conversationId, environment)).map(holdsConversation))
  return hasMessages.includes(true) ? 'resume' : 'new'
}

// The folder's name is a mangled (and for long paths cut) working directory, so it is searched.
export async function findTranscripts(conversationId: string, environment: Readonly<Record<string, string>>): Promise<string[]> {
  const projects = join(claudeConfigFolder(environment), 'projects')
  const folders = await readdir(projects).catch((): string[] => [])
  const found = await Promise.all(folders.map((folder) => readdir(join(projects, folder)).catch((): string[] => [])))
  const name = `${conversationId}.jsonl`
  return folders.flatMap((folder, index) => (found[index]?.includes(name) ? [join(projects, folder, name)] : []))
}

async function holdsConversation(file: string): Promise<boolean> {
  return /"type":"(?:user|assistant)"/.test(await readFile(file, 'utf8'))
}
