import type { Field } from './field.ts'
import type { Tool, ToolKind } from './tool.ts'

/** A tool as `tools/list` says it, and no byte more: what is unknown or too long is refused when it comes. */
export function listed({ name, title, description, kind, fields }: Tool) {
  const required = Object.entries(fields).filter(([, { isRequired }]) => isRequired)
  return {
    name,
    title,
    description,
    inputSchema: {
      type: 'object' as const,
      properties: {
        ...Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, shown(field)])),
        repository: { type: 'string' },
      },
      ...(required.length > 0 && { required: required.map(([key]) => key) }),
    },
    annotations: HINTS[kind],
  }
}

function shown({ schema }: Field) {
  if (schema.type === 'string') return { type: schema.type }
  if (schema.type === 'array') return { type: schema.type, items: schema.items }
  return schema
}

/** Without `readOnlyHint` it may change something; without the others it may destroy, and reaches beyond orch: to a model, a network, a shell. */
const HINTS = {
  reading: { readOnlyHint: true, openWorldHint: false },
  acting: { destructiveHint: false },
  persons: { destructiveHint: true },
} as const satisfies Record<ToolKind, object>
