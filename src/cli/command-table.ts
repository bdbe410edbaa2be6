import { attemptsCommands } from './attempts/command-table.ts'
import { brainCommands } from './brain/command-table.ts'
import { claudeCommands } from './claude/command-table.ts'
import type { CommandSpec } from './command-spec.ts'
import { featureCommands } from './features/command-table.ts'
import { fleetCommands } from './fleet/command-table.ts'
import { mcpCommands } from './mcp/command-table.ts'
import { mergingCommands } from './merging/command-table.ts'
import { notifyCommands } from './notify/command-table.ts'
import { personCommands } from './person/command-table.ts'
import { projectCommands } from './project/command-table.ts'
import { readingCommands } from './reading/command-table.ts'
import { reportCommands } from './report/command-table.ts'
import { reviewCommands } from './review/command-table.ts'
import { uiCommands } from './ui/command-table.ts'
import { worktreeCommands } from './worktree/command-table.ts'

/** Every command of orch: the program, its help and the shell completion are made from this. */
export const commands: readonly CommandSpec[] = inOrder([
  ...projectCommands,
  ...fleetCommands,
  ...personCommands,
  ...notifyCommands,
  ...featureCommands,
  ...mergingCommands,
  ...attemptsCommands,
  ...readingCommands,
  ...uiCommands,
  ...reportCommands,
  ...reviewCommands,
  ...brainCommands,
  ...worktreeCommands,
  ...mcpCommands,
  ...claudeCommands,
])

/** Help shows the groups as they come; what is about the machine comes last. */
function inOrder(specs: readonly CommandSpec[]): readonly CommandSpec[] {
  const isLast = (spec: CommandSpec): boolean => spec.group === 'Machine:'
  return [...specs.filter((spec) => !isLast(spec)), ...specs.filter(isLast)]
}
