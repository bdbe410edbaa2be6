import { timingSafeEqual } from 'node:crypto'

/** Who may speak to the daemon: only a process of this user that read the token, and no web page that guessed the port. */
export interface Access {
  readonly token: string
  readonly port: number
}

export type AccessDenial = 'wrong-host' | 'wrong-origin' | 'wrong-token'

export function deniedAccess(access: Access, header: (name: string) => string | undefined): AccessDenial | undefined {
  const hosts = [`127.0.0.1:${access.port}`, `localhost:${access.port}`]
  if (!hosts.includes(header('host') ?? '')) return 'wrong-host'
  const origin = header('origin')
  if (origin !== undefined && !hosts.map((host) => `http://${host}`).includes(origin)) return 'wrong-origin'
  return isSame(header('authorization') ?? '', `Bearer ${access.token}`) ? undefined : 'wrong-token'
}

function isSame(given: string, expected: string): boolean {
  const a = Buffer.from(given)
  const b = Buffer.from(expected)
  return a.length === b.length && timingSafeEqual(a, b)
}
