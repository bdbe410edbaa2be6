/**
 * Text that came from outside (agents, branch names, files) made safe for a terminal line:
 * no escape sequences, no control characters, no direction overrides.
 */
export function plainLine(text: string, maxLength = 200): string {
  if (text.length <= maxLength && PLAIN.test(text)) return text.trim()
  const clean = withoutControls(text.replace(ESCAPES, '').replace(/[\t\n\r]+/g, ' ')).trim()
  const points = [...clean]
  return points.length <= maxLength ? clean : `${points.slice(0, maxLength - 1).join('')}…`
}

const PLAIN = /^[ -~]*$/

/** As `plainLine`, but keeps line breaks, tabs and what lines are indented by. */
export function plainBlock(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(ESCAPES, '').replace(/\r+/g, ' ').split('\t').map(withoutControls).join('\t').trimEnd())
    .join('\n')
}

// oxlint-disable-next-line no-control-regex -- control characters are what is removed
const ESCAPES = /\u001b(?:\[[0-9;:?<=>]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g

function withoutControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/gu, '')
}

/** A slug of letters a–z, digits and single dashes; empty when nothing of the text can be kept. */
export function slug(text: string, maxLength = 40): string {
  const kept = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, maxLength)
  return kept.replace(/^-+|-+$/g, '')
}

/** `3 s`, `12 min`, `5 h`, `3 d`: one unit, rounded down. */
export function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}
