import { TERMINAL_SIGNALS } from '../../domain/notices/channels.ts'
import { parseQuietHours } from '../../domain/notices/delivery/quiet-hours.ts'
import { option, optional } from '../option.ts'
import { choice, list, text } from '../option-kinds.ts'
import { channels, noticeRules, webhooks } from './notice-kinds.ts'

/** How the person hears of their fleet. Part of the one table. What reaches them, and what runs on their machine for it, is theirs to say. */
export const noticeOptions = {
  notifyChannels: option({
    path: 'notify.channels',
    env: 'ORCH_NOTIFY_CHANNELS',
    kind: channels(),
    default: ['desktop', 'terminal', 'webhook', 'command'],
    scope: 'user',
    doc: 'How you are told of what needs you, is ready, failed or finished. `webhook` and `command` tell nothing until they are configured.',
  }),
  notifyRules: option({
    path: 'notify.rules',
    env: 'ORCH_NOTIFY_RULES',
    kind: noticeRules(),
    default: [],
    doc: 'Which notices go where; of each question the first rule that answers it counts. Without one all channels tell everything but what has landed and that a limit is lifted.',
  }),
  quietHours: optional({
    path: 'notify.quiet-hours',
    env: 'ORCH_QUIET_HOURS',
    kind: text((value) => (parseQuietHours(value) === undefined ? 'must be two times of the day such as 22:00-08:00' : undefined)),
    scope: 'user',
    doc: 'From when to when you are told nothing but what a rule says; what came meanwhile is told afterwards, in one message.',
  }),
  notifyWebhooks: option({
    path: 'notify.webhooks',
    env: 'ORCH_NOTIFY_WEBHOOKS',
    kind: webhooks(),
    default: [],
    scope: 'user',
    doc: 'Addresses that each message is sent to as Slack takes it, signed when there is a secret.',
  }),
  notifyCommand: option({
    path: 'notify.command',
    env: 'ORCH_NOTIFY_COMMAND',
    kind: list(),
    default: [],
    scope: 'user',
    doc: 'A program of yours and its arguments; it gets each message as JSON on its standard input.',
  }),
  notifyTerminal: option({
    path: 'notify.terminal',
    env: 'ORCH_NOTIFY_TERMINAL',
    kind: choice(...TERMINAL_SIGNALS),
    default: 'auto',
    scope: 'user',
    doc: 'What `orch ui`, `orch monitor --watch`, `orch run` and `orch wait` do in their terminal: ring the bell, or send the notification that it understands.',
  }),
} as const
