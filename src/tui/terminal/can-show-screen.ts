/** A screen wants keys, and a terminal that knows how to move its cursor. */
export function canShowScreen(
  { stdin, stdout }: { readonly stdin: NodeJS.ReadStream; readonly stdout: NodeJS.WriteStream },
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  return stdin.isTTY && stdout.isTTY && environment['TERM'] !== 'dumb'
}
