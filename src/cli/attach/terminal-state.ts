type Environment = Readonly<Record<string, string | undefined>>

/** The session's environment, in the terminal that is here and not the one in which the session was begun. */
export function inTerminal(session: Readonly<Record<string, string>>, here: Environment): Record<string, string> {
  const kept = Object.entries(session).filter(([name]) => !ofTerminal.has(name))
  const ours = Object.entries(here).flatMap(([name, value]) =>
    ofTerminal.has(name) && value !== undefined ? [[name, value] as const] : [],
  )
  return Object.fromEntries([...kept, ...ours])
}

const ofTerminal = new Set([
  'TERM',
  'TERMINFO',
  'TERM_PROGRAM',
  'TERM_PROGRAM_VERSION',
  'TERM_SESSION_ID',
  'COLORTERM',
  'COLORFGBG',
  'NO_COLOR',
  'FORCE_COLOR',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'TMUX',
  'TMUX_PANE',
  'STY',
  'WINDOWID',
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'SSH_TTY',
  'SSH_CONNECTION',
  'SSH_CLIENT',
  'SSH_AUTH_SOCK',
  'EDITOR',
  'VISUAL',
  'ITERM_SESSION_ID',
  'KITTY_WINDOW_ID',
  'WEZTERM_PANE',
  'WT_SESSION',
  'VTE_VERSION',
])

/** Ends what a program that was killed leaves a terminal in: its other screen, the mouse, pasting in brackets, focus, keys, a hidden cursor. */
export const RESTORED =
  '\u001b[?1049l\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1006l\u001b[?2004l\u001b[?1004l\u001b[<u\u001b[>4m\u001b[?25h\u001b[0m\r\n'
