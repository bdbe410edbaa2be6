import type { Field } from './field.ts'
import type { Tool } from './tool.ts'

export type ToolInput = Readonly<Record<string, string | number | boolean | readonly string[]>>

/** The command line of a call. Nothing in the input can be read as an option or as another command: operands stand after `--`, other values behind a `=`. */
export function argvOf(tool: Tool, input: ToolInput): readonly string[] {
  const given = Object.entries(tool.fields)
  const options = given.flatMap(([key, field]) => optionOf(field, input[key]))
  const operands = given.flatMap(([key, field]) => operandsOf(field, input[key]))
  return [...tool.command, ...options, ...(operands.length > 0 ? ['--', ...operands] : [])]
}

function optionOf({ goesTo }: Field, value: ToolInput[string] | undefined): readonly string[] {
  if (goesTo.kind === 'flag') return (value === true) === goesTo.isGivenWhen ? [goesTo.flag] : []
  return goesTo.kind === 'option' && value !== undefined ? [`${goesTo.name}=${String(value)}`] : []
}

function operandsOf({ goesTo }: Field, value: ToolInput[string] | undefined): readonly string[] {
  if (goesTo.kind !== 'operand' || value === undefined) return []
  return Array.isArray(value) ? value.map(String) : [String(value)]
}
