import { loadConfig } from '../../config/load-config.ts'
import type { Config } from '../../config/options.ts'
import type { Notice } from '../../domain/notices/notice.ts'
import { Failure } from '../../foundation/failure.ts'
import { plainLine } from '../../foundation/text.ts'
import { uuid } from '../../platform/ids.ts'
import type { Command } from '../command-spec.ts'
import type { Context } from '../context.ts'
import { EXIT, usageFailure } from '../failures.ts'
import { flag, text } from '../invocation.ts'
import { narrated } from '../output.ts'
import { terminalSignal } from './terminal-signal.ts'

interface Tested {
  readonly channel: string
  readonly outcome: 'told' | 'would-tell' | 'failed'
  readonly reason?: string
  readonly next?: string
}

/** Tells a notice that means nothing, at once and by this process, on each channel that is configured: what fails says why. */
export const notifyTest: Command = async (context, invocation) => {
  const { config } = await loadConfig({ home: context.home, environment: context.environment })
  const channels = await channelsOf(context, config)
  const wanted = text(invocation, 'channel')
  const chosen = channels.filter(({ channel }) => wanted === undefined || channel === wanted || channel.startsWith(`${wanted}:`))
  if (chosen.length === 0) throw noChannel(wanted, channels, config)
  const isDryRun = flag(invocation, 'dryRun')
  const tested = isDryRun
    ? chosen.map(({ channel }): Tested => ({ channel, outcome: 'would-tell' }))
    : await narrated(context.output, 'telling', Promise.all(chosen.map((one) => tellOn(one, context))))
  if (flag(invocation, 'json')) context.output.json({ schema: 1, channels: tested, isDryRun })
  else for (const one of tested) context.output.answer(line(one))
  return tested.some(({ outcome }) => outcome === 'failed') ? EXIT.failed : EXIT.done
}

interface TestChannel {
  readonly channel: string
  tell(notice: Notice): Promise<void>
}

async function channelsOf(context: Context, config: Config): Promise<readonly TestChannel[]> {
  const notifiers = (await context.services()).notifiersFor(config, context.environment)
  const { answers } = context.output
  const isTerminal = config.notifyChannels.includes('terminal') && answers.isTerminal
  const terminal: TestChannel = {
    channel: 'terminal',
    tell: async (notice) => void answers.stream.write(terminalSignal([notice], config.notifyTerminal, context.environment)),
  }
  const key = `msg_${uuid()}`
  const quiet = new AbortController().signal
  return [
    ...notifiers.map((notifier) => ({
      channel: notifier.channel,
      tell: (notice: Notice) => notifier.tell({ key, notices: [notice] }, quiet),
    })),
    ...(isTerminal ? [terminal] : []),
  ]
}

async function tellOn(one: TestChannel, context: Context): Promise<Tested> {
  const notice: Notice = {
    id: 'test',
    kind: 'finished',
    urgency: 'normal',
    at: context.now(),
    title: 'orch can reach you',
    text: 'This is what `orch notify test` sends.',
    next: 'orch notify list',
  }
  try {
    await one.tell(notice)
    return { channel: one.channel, outcome: 'told' }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { channel: one.channel, outcome: 'failed', reason: error.message, ...(error.next !== undefined && { next: error.next }) }
  }
}

function line({ channel, outcome, reason, next }: Tested): string {
  const words = { told: 'told', 'would-tell': 'would be told', failed: `failed: ${reason}` }[outcome]
  const mend = next === undefined ? '' : `\n  ${plainLine(next, 400)}`
  return `${plainLine(channel).padEnd(12)} ${plainLine(words, 400)}${mend}`
}

function noChannel(wanted: string | undefined, channels: readonly TestChannel[], config: Config): Failure {
  const known = channels.map(({ channel }) => channel).join(', ')
  if (config.notifyChannels.includes('terminal') && known === '')
    return usageFailure('The only channel is the terminal, and this is none.', 'type it in a terminal')
  if (wanted === undefined || known === '') return usageFailure('No channel is configured.', '`orch config get notify.channels`')
  return usageFailure(`No channel is called "${plainLine(wanted)}".`, `one of ${known}`)
}
