/** How a person can be reached. `terminal` is told by the commands that have one. */
export const CHANNELS = ['desktop', 'terminal', 'webhook', 'command'] as const
export type ChannelName = (typeof CHANNELS)[number]

/** How a terminal is told: `auto` by what it is known to understand. */
export const TERMINAL_SIGNALS = ['auto', 'bell', 'osc9', 'osc777'] as const
export type TerminalSignal = (typeof TERMINAL_SIGNALS)[number]

/** Where it is, and what it is signed with: said outright, by the name of a variable, or by a file that only the person may read. */
export interface WebhookAddress {
  readonly url?: string
  readonly urlEnv?: string
  readonly urlFile?: string
  readonly secretEnv?: string
  readonly secretFile?: string
}

/** What is wrong with an address, for people; it does not repeat it, because it is a secret. */
export function urlProblem(url: string): string | undefined {
  if (!URL.canParse(url)) return 'its address is no URL'
  const { protocol, username, password } = new URL(url)
  if (protocol !== 'https:' && protocol !== 'http:') return 'its address is neither https nor http'
  return username === '' && password === ''
    ? undefined
    : 'its address has a name or a password before the host, which no request can be sent with'
}

/** The host is enough to know which one it is. */
export function shownUrl(url: string): string {
  return URL.canParse(url) ? `${new URL(url).origin}/…` : '…'
}
