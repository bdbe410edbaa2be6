import type { ChannelName, WebhookAddress } from '../../domain/notices/channels.ts'
import type { Notifier } from '../../ports/notifier.ts'
import { commandNotifier } from './command.ts'
import { desktopNotifier } from './desktop.ts'
import { webhookNotifier } from './webhook.ts'

export interface NotifySettings {
  readonly notifyChannels: readonly ChannelName[]
  readonly notifyWebhooks: readonly WebhookAddress[]
  readonly notifyCommand: readonly string[]
}

export interface NotifyGround {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Where the person's command runs. */
  readonly cwd: string
  readonly now: () => number
}

/** All that these settings name and that can be told without a terminal. */
export function notifiersFor(settings: NotifySettings, { environment, cwd, now }: NotifyGround): readonly Notifier[] {
  const { notifyChannels: channels, notifyWebhooks: webhooks, notifyCommand: argv } = settings
  return [
    ...(channels.includes('desktop') ? [desktopNotifier({ environment })] : []),
    ...(channels.includes('webhook')
      ? webhooks.map((address, at) => webhookNotifier({ channel: `webhook:${at + 1}`, address, environment, now }))
      : []),
    ...(channels.includes('command') && argv.length > 0 ? [commandNotifier({ argv, cwd, environment })] : []),
  ]
}
