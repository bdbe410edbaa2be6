import { timingSafeEqual } from 'node:crypto'

/** Who may speak to a server of orch: only a process of this user that read the token, and no web page that guessed the port. */
export interface Access {
  readonly token: string
  readonly port: number
}

export type AccessDenial = 'wrong-host' | 'wrong-origin' | 'wrong-token'

export function deniedAccess(access: Access, header: Header): AccessDenial | undefined {
  return deniedPlace(access, header) ?? (isSame(header('authorization') ?? '', `Bearer ${access.token}`) ? undefined : 'wrong-token')
}

type Header = (name: string) => string | undefined

/** For whoever shows who they are by other means than the token. */
export function deniedPlace({ port }: Pick<Access, 'port'>, header: Header): AccessDenial | undefined {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`]
  if (!hosts.includes(header('host') ?? '')) return 'wrong-host'
  const origin = header('origin')
  return origin === undefined || hosts.map((host) => `http://${host}`).includes(origin) ? undefined : 'wrong-origin'
}

function isSame(given: string, expected: string): boolean {
  const a = Buffer.from(given)
  const b = Buffer.from(expected)
  return a.length === b.length && timingSafeEqual(a, b)
}
