/** What the keys do, as `?` shows it. */
export const KEYS: readonly (readonly [title: string, keys: readonly (readonly [key: string, does: string])[]])[] = [
  [
    'Moving',
    [
      ['j k', 'a line down, up (also the arrows)'],
      ['PgDn PgUp', 'a page down, up (also Ctrl-D, Ctrl-U: half of one)'],
      ['g G', 'to the beginning, to the end'],
      ['J K', 'the next, the previous hunk'],
      ['] [', 'the next, the previous file'],
      ['Tab', 'the list of files, and back'],
      ['n N', 'the next, the previous task that is new to you'],
      ['1-9', 'that task'],
      ['Enter', 'open: the diff, the chosen file'],
      ['Esc', 'back'],
    ],
  ],
  [
    'Looking',
    [
      ['s', 'side by side, or unified'],
      ['w', 'mark the words that changed, or not'],
      ['l h', 'long lines: further right, left'],
      ['/', 'search in the diff; Enter alone: the next one'],
    ],
  ],
  [
    'Judging',
    [
      ['c', 'comment on this line (without text: take the comment back)'],
      ['b', 'send back, with all comments in one message'],
      ['m', 'merge'],
      ['x', 'discard: archived, and can be restored'],
      ['Space', 'skip until its branch moves'],
      ['q', 'quit'],
    ],
  ],
]

export const FOOTER = {
  summary: 'Enter diff · m merge · b send back · x discard · Space skip · n next · ? help · q quit',
  diff: 'J K hunk · ] [ file · Tab files · c comment · s layout · b send back · m merge · Esc back · ? help',
} as const
