import * as v from 'valibot'
import { Failure } from '../../foundation/failure.ts'

/** What every hook of Claude Code is told; the rest differs by event. */
const COMMON = { session_id: v.string(), cwd: v.string() }

const EXPANSION = v.object({
  ...COMMON,
  /** `orch:spawn`; without a namespace that of a file in `.claude/commands`. */
  command_name: v.string(),
  /** The rest of the line, as it was typed. */
  command_args: v.optional(v.string(), ''),
})

const SESSION = v.object({
  ...COMMON,
  transcript_path: v.string(),
  /** Of UserPromptSubmit. */
  prompt: v.optional(v.string()),
})

const WORKTREE = v.object({ ...COMMON, session_id: v.pipe(v.string(), v.uuid()), name: v.pipe(v.string(), v.minLength(1)) })

const REMOVAL = v.object({ ...COMMON, worktree_path: v.pipe(v.string(), v.minLength(1)) })

export type WorktreeInput = v.InferOutput<typeof WORKTREE>

export type SessionInput = v.InferOutput<typeof SESSION>

export type ExpansionInput = v.InferOutput<typeof EXPANSION>

/** Failure `bad-hook-input` where it is not what Claude Code writes. */
export function parseExpansion(text: string): ExpansionInput {
  return parse(EXPANSION, text)
}

export function parseSessionInput(text: string): SessionInput {
  return parse(SESSION, text)
}

/** Of WorktreeCreate. */
export function parseWorktree(text: string): WorktreeInput {
  return parse(WORKTREE, text)
}

/** Of WorktreeRemove: the path. */
export function parseRemoval(text: string): string {
  return parse(REMOVAL, text).worktree_path
}

function parse<Schema extends v.GenericSchema>(schema: Schema, text: string): v.InferOutput<Schema> {
  try {
    return v.parse(schema, JSON.parse(text))
  } catch (cause) {
    throw new Failure('bad-hook-input', 'Claude Code has sent something that this orch does not understand.', {
      cause,
      safe: 'nothing was done, and the model was not asked',
      next: '`claude --version`, then `orch doctor`; the same command in a terminal works without Claude Code',
    })
  }
}
