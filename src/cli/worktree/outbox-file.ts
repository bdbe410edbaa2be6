import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'

export interface Declaration {
  readonly kind: 'checkpoint' | 'done' | 'blocked' | 'tell'
  readonly at: string
  readonly commit: string | undefined
  readonly message: string
}

/** Maildir manners: whole and on disk before it has its name. */
export function writeDeclaration(root: string, declaration: Declaration): string {
  const folder = join(root, '.orch', 'outbox')
  mkdirSync(folder, { recursive: true })
  const name = `${declaration.at.replace(/[-:.]/g, '')}-${randomBytes(4).toString('hex')}.md`
  const temporary = join(folder, `.${name}.tmp`)
  const file = openSync(temporary, 'wx', 0o600)
  try {
    writeSync(file, renderDeclaration(declaration))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, join(folder, name))
  return name
}

/** JSON strings are YAML; the library would cost these commands half their time. */
export function renderDeclaration({ kind, at, commit, message }: Declaration): string {
  return [
    '---',
    'v: 1',
    `kind: ${kind}`,
    `at: ${JSON.stringify(at)}`,
    ...(commit === undefined ? [] : [`commit: ${JSON.stringify(commit)}`]),
    `message: ${JSON.stringify(message)}`,
    '---',
    '',
  ].join('\n')
}
