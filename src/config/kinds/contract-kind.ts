import type { Contract } from '../../domain/features/department.ts'
import { isDepartmentName } from '../../foundation/brand.ts'
import { globsOf, jsonOf, mapOf, reading, refuseUnknown, Wrong } from './department-kind.ts'
import type { Kind } from '../option-kinds.ts'

const SAYS =
  'a list, each of them `files` (globs), the department that is their `owner`, and if need be those that are told of changes, `needed-by`'

/** The option `contracts`. */
export function contracts(): Kind<readonly Contract[]> {
  const files = {
    anyOf: [
      { type: 'string', minLength: 1 },
      { type: 'array', items: { type: 'string', minLength: 1 }, minItems: 1 },
    ],
  }
  const neededBy = { type: 'array', items: { type: 'string', minLength: 1 } }
  const properties = { files, owner: { type: 'string', minLength: 1 }, 'needed-by': neededBy }
  const item = { type: 'object', properties, required: ['files', 'owner'], additionalProperties: false }
  return {
    type: 'contracts',
    says: SAYS,
    jsonSchema: { type: 'array', items: item },
    read: (value) => reading(() => readAll(value)),
    fromText: jsonOf,
    write: (value) => value.map(({ neededBy: told, ...same }) => ({ ...same, ...(told !== undefined && { 'needed-by': told }) })),
  }
}

function readAll(value: unknown): readonly Contract[] {
  if (!Array.isArray(value)) throw new Wrong(`must be ${SAYS}`)
  return value.map((one, at) => {
    const where = `contract ${at + 1}`
    const said = mapOf(one, `a ${where}`)
    const { files, owner, 'needed-by': neededBy } = said
    refuseUnknown(Object.keys(said), ['files', 'owner', 'needed-by'], where)
    if (files === undefined) throw new Wrong(`has no \`files\` in ${where}`)
    if (typeof owner !== 'string' || !isDepartmentName(owner)) throw new Wrong(`has no department as \`owner\` of ${where}`)
    const globs = globsOf(files, where)
    if (globs.length === 0) throw new Wrong(`has no \`files\` in ${where}`)
    return { files: globs, owner, ...(neededBy !== undefined && { neededBy: namesOf(neededBy, where) }) }
  })
}

function namesOf(value: unknown, where: string): readonly string[] {
  const names: readonly unknown[] = Array.isArray(value) ? value : [value]
  return names.map((name) => {
    if (typeof name !== 'string' || !isDepartmentName(name))
      throw new Wrong(`has something in \`needed-by\` of ${where} that is no department`)
    return name
  })
}
