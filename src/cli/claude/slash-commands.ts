type Argv = readonly string[]

/** A command line: `brain save` and what stands behind it. */
export interface Line {
  readonly command: Argv
  readonly rest: Argv
}

/** What the person typed behind the command's name. */
export interface Said {
  readonly words: Argv
  /** It is a command line, not prose. */
  readonly hasOptions: boolean
}

/** What a slash command comes to. */
export type Meant =
  | { readonly kind: 'answer'; readonly line: Line }
  | {
      readonly kind: 'facts'
      /** The command line that the person means, where what they typed says all of it. Tried dry: what cannot be meant is answered at once. */
      readonly line?: Line
      /** What the model is shown besides. */
      readonly looks: readonly Argv[]
      /** The session leads a team from now on, and hears its news. */
      readonly leads: boolean
    }

/** The slash commands of the plugin, by their name behind `/orch:`. Those that answer cost no request to the model. */
export const slashCommands: ReadonlyMap<string, (said: Said) => Meant> = new Map(
  Object.entries({
    status: answered('status'),
    monitor: answered('monitor'),
    inbox: answered('inbox'),
    plan: answered('plan'),
    review: answered('review'),
    cleanup: answered('cleanup'),
    answer: answeredOrInbox('answer'),
    approve: answeredOrInbox('approve'),
    deny: answeredOrInbox('deny'),
    spawn: (said: Said) => facts(isLine(said, 2) ? line(['spawn'], said) : undefined, ['list']),
    quick: (said: Said) => facts(textLine('quick', said), ['status']),
    'create-feature': (said: Said) => facts(textLine('feature', said), ['list']),
    run: (said: Said) => facts(isLine(said, 1) || said.words.length === 0 ? line(['run'], said) : undefined, ['list']),
    merge: (said: Said) => facts(lineIfWords(['merge'], said), ['review', '--list'], ['queue']),
    'brain-save': (said: Said) => ofTheBrain('save', said),
    'brain-load': (said: Said) => ofTheBrain('load', said),
  }),
)

function answered(command: string) {
  return (said: Said): Meant => ({ kind: 'answer', line: line([command], said) })
}

/** Without words it is not said what is answered: what waits is. */
function answeredOrInbox(command: string) {
  return (said: Said): Meant => ({ kind: 'answer', line: line([said.words.length === 0 ? 'inbox' : command], said) })
}

function facts(meant: Line | undefined, ...looks: readonly Argv[]): Extract<Meant, { kind: 'facts' }> {
  return { kind: 'facts', ...(meant !== undefined && { line: meant }), looks, leads: true }
}

function ofTheBrain(verb: 'save' | 'load', said: Said): Meant {
  return { ...facts(lineIfWords(['brain', verb], said), ['brain']), leads: false }
}

function line(command: Argv, { words }: Said): Line {
  return { command, rest: words }
}

function lineIfWords(command: Argv, said: Said): Line | undefined {
  return said.words.length === 0 ? undefined : line(command, said)
}

/** Prose is for the model: it has no options, and more words than the command has operands. */
function isLine({ words, hasOptions }: Said, operands: number): boolean {
  return hasOptions || (words.length > 0 && words.length <= operands)
}

/** One text is the only operand, so that it needs no quotes. */
function textLine(command: string, said: Said): Line | undefined {
  const { words, hasOptions } = said
  if (words.length === 0) return undefined
  return hasOptions ? line([command], said) : { command: [command], rest: ['--', words.join(' ')] }
}
