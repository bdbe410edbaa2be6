import type { GatheredTests } from '../gathered-tests.ts'

/** What `cargo test` prints: a line a test, then what the failed ones printed. Its JSON is for nightly compilers only. */
export function readCargo(text: string, tests: GatheredTests): void {
  const printed = new Map<string, string[]>()
  const failed: string[] = []
  let section: string[] | undefined
  for (const line of text.split('\n')) {
    const [, told, result] = /^test (.+?)(?: - should panic)? \.\.\. (ok|FAILED|ignored)\b/.exec(line) ?? []
    const heading = /^---- (.+) stdout ----$/.exec(line)?.[1]
    if (told !== undefined) {
      section = undefined
      if (result === 'ok') tests.pass({ names: [told] })
      else if (result === 'FAILED') failed.push(told)
      else tests.skip()
    } else if (heading !== undefined) printed.set(heading, (section = []))
    else if (/^(?:failures:|test result:)/.test(line)) section = undefined
    else if (section !== undefined && section.length < 200) section.push(line)
  }
  for (const name of failed) tests.fail({ names: [name], message: (printed.get(name) ?? []).join('\n').trim() })
}
