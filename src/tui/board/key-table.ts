/** What the keys do, as `?` and the guide show it. */
export const KEYS: readonly (readonly [title: string, keys: readonly (readonly [key: string, does: string])[]])[] = [
  [
    'Moving',
    [
      ['j k', 'the next, the previous task (also the arrows)'],
      ['PgDn PgUp', 'a page down, up'],
      ['g G', 'to the first, to the last'],
      ['1-9', 'to that task'],
      ['Tab', 'the next that needs you'],
      ['/', 'filter the list; Esc shows all again'],
      ['A', 'also what has landed or was put away, or not'],
    ],
  ],
  [
    'Looking',
    [
      ['p', 'peek: the preview beside the list, or not'],
      ['Enter', 'open: what it says and does, on all of the screen; Esc goes back'],
      ['Ctrl-D Ctrl-U', 'scroll the preview (also the mouse wheel)'],
      ['d', 'the diff'],
    ],
  ],
  [
    'Doing',
    [
      ['Space i', 'reply: answer, approve, deny, or send a word'],
      ['n N', 'a quick session of a prompt, a new one with a name'],
      ['m', 'merge: first what the queue says, then it asks'],
      ['x', 'stop: says what stays, and asks'],
      ['a', 'attach: talk to it yourself'],
      [':', 'palette: every command'],
      ['!', 'what became of what you asked for'],
      ['?', 'this help'],
      ['q', 'quit; the sessions go on'],
    ],
  ],
]

/** The widest that fits is shown. */
export const FOOTERS = {
  list: [
    'Enter open · Space reply · Tab needs you · d diff · m merge · n new · / filter · : palette · ? help · q quit',
    'Enter open · Space reply · Tab needs you · m merge · ? help · q quit',
    'Space reply · Tab needs you · ? help · q quit',
  ],
  preview: [
    'Esc back · j k scroll · g G · Space reply · d diff · m merge · a attach · ? help',
    'Esc back · j k scroll · Space reply · m merge · ? help',
  ],
} as const
