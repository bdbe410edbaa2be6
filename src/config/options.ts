import { templateProblem } from '../domain/tasks/names.ts'
import { MOST_ATTEMPTS } from '../domain/attempts/contest-facts.ts'
import { option, optional, type Option } from './option.ts'
import { agent, amount, choice, count, duration, list, share, text } from './option-kinds.ts'
import { steps } from './kinds/step-kind.ts'
import { noticeOptions } from './notices/notice-options.ts'
import { teamOptions } from './team-options.ts'

/**
 * The one table of options. Flags, environment names, the schema of orch.yaml, its template and the guide are made from it.
 * It loads neither YAML nor a schema library, so that commands which need only defaults start fast.
 */
export const options = {
  max: option({
    path: 'max',
    env: 'ORCH_MAX',
    flag: '--max <n>',
    kind: count(1, 500),
    default: 4,
    doc: 'How many sessions work at once; the others wait in line.',
  }),
  target: optional({
    path: 'target',
    env: 'ORCH_TARGET',
    flag: '--target <branch>',
    kind: text(),
    doc: "The branch that work starts from and lands on. If unset, the repository's default branch.",
  }),
  backlog: option({
    path: 'backlog',
    env: 'ORCH_BACKLOG',
    kind: text(),
    default: 'tasks.md',
    doc: 'The file that lists the tasks, relative to the repository.',
  }),
  branch: option({
    path: 'branch',
    env: 'ORCH_BRANCH_TEMPLATE',
    kind: text((value) => templateProblem(value, 'branch')),
    default: 'feature/{task}',
    doc: "Name of a task's branch, made of {repo}, {task} and {timestamp}.",
  }),
  quickBranch: option({
    path: 'quick-branch',
    env: 'ORCH_QUICK_BRANCH_TEMPLATE',
    kind: text((value) => templateProblem(value, 'branch')),
    default: 'quick/{timestamp}',
    doc: "Name of a quick task's branch.",
  }),
  worktree: option({
    path: 'worktree',
    env: 'ORCH_WORKTREE_TEMPLATE',
    kind: text((value) => templateProblem(value, 'worktree')),
    default: '{repo}-wt-{task}',
    doc: "Name of a task's folder beside the main worktree.",
  }),
  copy: option({
    path: 'copy',
    env: 'ORCH_COPY',
    kind: list(),
    default: ['.env.local', '.env', '.claude/'],
    doc: 'Untracked files and folders that each worktree gets a copy of, besides those that .worktreeinclude lists.',
  }),
  setup: optional({
    path: 'setup',
    env: 'ORCH_SETUP',
    kind: text(),
    doc: 'A command that prepares a new worktree before its session starts, and the merged tree before it is validated, such as `npm ci`.',
  }),
  setupTimeoutMs: option({
    path: 'setup-timeout',
    env: 'ORCH_SETUP_TIMEOUT',
    kind: duration(),
    default: 1_800_000,
    doc: 'After this long the setup command is stopped and the task needs you.',
  }),
  shareDependencies: option({
    path: 'share-dependencies',
    env: 'ORCH_SHARE_DEPENDENCIES',
    kind: list(),
    default: ['node_modules'],
    doc: 'Ignored folders that a set-up which only installs (`npm ci`, `npm install`, `yarn install`) makes: kept, and copied into the next worktree of the same lock files instead of installing again. An empty list turns it off.',
  }),
  pool: option({
    path: 'pool',
    env: 'ORCH_POOL',
    kind: count(0, 20),
    default: 2,
    doc: 'How many checked-out copies of a large repository (500 files and more) are kept ready inside its .git for the next worktrees while tasks are at work; 0 keeps none.',
  }),
  validate: optional({
    path: 'validate',
    env: 'ORCH_VALIDATE',
    flag: '--validate <command>',
    kind: steps(),
    doc: 'The command that must pass before work lands, or a list of named steps that run one after the other. A step `setup` is the same as the option.',
  }),
  validateTimeoutMs: option({
    path: 'validate-timeout',
    env: 'ORCH_VALIDATE_TIMEOUT',
    kind: duration(),
    default: 1_800_000,
    doc: 'After this long a validation is stopped and counts as failed.',
  }),
  land: option({
    path: 'land',
    env: 'ORCH_LAND',
    flag: '--land <when>',
    kind: choice('auto', 'review'),
    default: 'auto',
    doc: '`auto` lands a task when it is done and validated; `review` waits for `orch merge`.',
  }),
  strategy: option({
    path: 'strategy',
    env: 'ORCH_STRATEGY',
    kind: choice('merge', 'squash', 'rebase'),
    default: 'merge',
    doc: 'What lands: a merge commit, one commit with all of the work, or its commits put on top of the target.',
  }),
  hooks: option({
    path: 'hooks',
    env: 'ORCH_HOOKS',
    kind: choice('pass-by', 'refuse'),
    default: 'pass-by',
    doc: 'What a landing does where `git merge` would run a hook of yours, which orch never does: it passes the hook by and says so, or does not land.',
  }),
  slots: option({
    path: 'slots',
    env: 'ORCH_SLOTS',
    kind: count(1, 16),
    default: 1,
    doc: 'How many merged trees are tested at once before they land, each in a worktree of its own.',
  }),
  tick: option({
    path: 'tick',
    env: 'ORCH_TICK',
    kind: choice('commit', 'file', 'never'),
    default: 'commit',
    doc: "How a landed task's box is ticked: in the commit that lands it, in your checkout's file only, or not at all.",
  }),
  agent: option({
    path: 'agent',
    env: 'ORCH_AGENT',
    kind: agent(),
    default: 'claude-code',
    doc: 'The program that does the work: claude-code, or any other as `command: [program, argument]`.',
  }),
  claudePath: option({
    path: 'claude-path',
    env: 'ORCH_CLAUDE_PATH',
    kind: text(),
    default: 'claude',
    scope: 'user',
    doc: 'The Claude Code program: a name on the PATH or an absolute path.',
  }),
  model: optional({
    path: 'model',
    env: 'ORCH_MODEL',
    flag: '--model <model>',
    kind: text(),
    doc: "The model that sessions use. If unset, the agent's own default.",
  }),
  budgetUsd: optional({
    path: 'budget',
    env: 'ORCH_BUDGET',
    flag: '--budget <usd>',
    kind: amount(),
    doc: 'What one task may cost, in US dollars, before it stops for you. If unset, there is no limit.',
  }),
  retries: option({
    path: 'retries',
    env: 'ORCH_RETRIES',
    kind: count(1, 20),
    default: 2,
    doc: 'How often work that fails its validation, conflicts or breaks something goes back to its session before it needs you.',
  }),
  attempts: option({
    path: 'attempts',
    env: 'ORCH_ATTEMPTS',
    flag: '--attempts <n>',
    kind: count(1, MOST_ATTEMPTS),
    default: 1,
    doc: 'How many sessions try a task side by side, each in its own worktree; the best work lands and the others are put away.',
  }),
  attemptModels: option({
    path: 'attempt-models',
    env: 'ORCH_ATTEMPT_MODELS',
    kind: list(),
    default: [],
    doc: 'Their models, in turn. If empty, all use `model`.',
  }),
  attemptPrompts: option({
    path: 'attempt-prompts',
    env: 'ORCH_ATTEMPT_PROMPTS',
    kind: list(),
    default: [],
    doc: 'What each is told besides the task, in turn: `Use as few lines as you can.`',
  }),
  take: option({
    path: 'take',
    env: 'ORCH_TAKE',
    kind: choice('ask', 'best'),
    default: 'ask',
    doc: '`ask` proposes the best attempt for `orch merge`; `best` lands it.',
  }),
  accept: optional({
    path: 'accept',
    env: 'ORCH_ACCEPT',
    flag: '--accept <score>',
    kind: share(),
    doc: 'The score, from 0 to 1, from which the best attempt lands without asking; below it is proposed. If unset, `take` decides.',
  }),
  allow: option({
    path: 'permissions.allow',
    env: 'ORCH_ALLOW',
    kind: list(),
    default: ['Bash', 'Read', 'Edit', 'Write', 'Grep', 'Glob'],
    doc: 'What a session may do without asking, as Claude Code writes its rules.',
  }),
  ask: option({ path: 'permissions.ask', env: 'ORCH_ASK', kind: list(), default: [], doc: 'What a session must ask you for.' }),
  deny: option({
    path: 'permissions.deny',
    env: 'ORCH_DENY',
    kind: list(),
    default: ['Bash(git push:*)'],
    doc: 'What a session may never do.',
  }),
  nudgeAfterMs: option({
    path: 'nudge-after',
    env: 'ORCH_NUDGE_AFTER',
    kind: duration(),
    default: 30_000,
    doc: 'A session idle for this long without having said done is asked once to go on.',
  }),
  stallAfterMs: option({
    path: 'stall-after',
    env: 'ORCH_STALL_AFTER',
    kind: duration(),
    default: 900_000,
    doc: 'A working session that is silent for this long needs you.',
  }),
  idleWarningMs: option({
    path: 'warn.idle',
    env: 'ORCH_WARN_IDLE',
    kind: duration(),
    default: 7_200_000,
    doc: '`orch monitor` flags a session that was idle for this long.',
  }),
  worktreeAgeWarningMs: option({
    path: 'warn.worktree-age',
    env: 'ORCH_WARN_WORKTREE_AGE',
    kind: duration(),
    default: 86_400_000,
    doc: '`orch monitor` flags a worktree that is older than this.',
  }),
  radar: option({
    path: 'radar',
    env: 'ORCH_RADAR',
    kind: choice('on', 'off'),
    default: 'on',
    doc: 'Whether the worktrees of live tasks are watched for changes that would conflict (`orch radar`).',
  }),
  ...teamOptions,
  ...noticeOptions,
  isolation: option({
    path: 'isolation',
    env: 'ORCH_ISOLATION',
    kind: choice('none'),
    default: 'none',
    doc: 'How sessions are confined. `none` guards branches and the main checkout, not the machine.',
  }),
} as const

export type OptionName = keyof typeof options
export type Config = { readonly [Name in OptionName]: (typeof options)[Name] extends Option<infer T> ? T : never }

export const optionNames = Object.keys(options) as readonly OptionName[]

/** The table's entry with its type forgotten: for code that treats all alike. */
export function optionOf(name: OptionName): Option<unknown> {
  return options[name] as unknown as Option<unknown>
}

export function defaultConfig(): Config {
  return Object.fromEntries(optionNames.map((name) => [name, options[name].default])) as unknown as Config
}
