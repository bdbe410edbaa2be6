/** Ink draws nothing before its end where it believes to be in CI (its `is-in-ci`), so a screen there would stay black. */
export function canShowScreen(
  { stdin, stdout }: { readonly stdin: NodeJS.ReadStream; readonly stdout: NodeJS.WriteStream },
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  const isInCi = ['CI', 'CONTINUOUS_INTEGRATION'].some((name) => !['0', 'false', undefined].includes(environment[name]))
  return stdin.isTTY && stdout.isTTY && environment['TERM'] !== 'dumb' && !isInCi
}
