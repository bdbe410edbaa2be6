import type { TerminalSignal } from '../../domain/notices/channels.ts'
import { messageWords } from '../../domain/notices/delivery/message-words.ts'
import type { Notice } from '../../domain/notices/notice.ts'
import { plainLine } from '../../foundation/text.ts'

type Environment = Readonly<Record<string, string | undefined>>

const BELL = '\u0007'
const END = '\u001b\\'
const LONGEST = 200

/** What makes a terminal tell of these: a bell, or a notification of its own. It shows nothing and moves no cursor. */
export function terminalSignal(notices: readonly Notice[], signal: TerminalSignal, environment: Environment): string {
  const { title, text } = messageWords(notices)
  // A semicolon parts the fields.
  const [head, body] = [title, text.split('\n', 1)[0] ?? ''].map((part) => plainLine(part, LONGEST).replaceAll(';', ','))
  switch (signal) {
    case 'auto':
      return `${BELL}${understood(environment) === 'bell' ? '' : terminalSignal(notices, understood(environment), environment)}`
    case 'bell':
      return BELL
    case 'osc9':
      return `\u001b]9;${[head, body].filter((part) => part !== '').join(': ')}${END}`
    case 'osc777':
      return `\u001b]777;notify;${head};${body}${END}`
  }
}

/** A multiplexer passes on the bell only. */
function understood(environment: Environment): 'bell' | 'osc9' | 'osc777' {
  const { TERM = '', TERM_PROGRAM = '', TMUX, STY, KITTY_WINDOW_ID, VTE_VERSION } = environment
  if (TMUX !== undefined || STY !== undefined || /^(?:screen|tmux)/.test(TERM)) return 'bell'
  if (KITTY_WINDOW_ID !== undefined || ['iTerm.app', 'WezTerm', 'ghostty'].includes(TERM_PROGRAM)) return 'osc9'
  return VTE_VERSION !== undefined || /^(?:foot|rxvt)/.test(TERM) ? 'osc777' : 'bell'
}
