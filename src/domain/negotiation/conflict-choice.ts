import type { Ruling } from './yielding.ts'

/** What the person wants of two parts that did not settle a conflict. */
export type Choice =
  | { readonly kind: 'yield' | 'order' | 'drop'; readonly ruling: Ruling }
  /** In words, for both. */
  | { readonly kind: 'words'; readonly text: string }

export interface Offered {
  readonly choice: Exclude<Choice, { kind: 'words' }>
  readonly label: string
}

/** Best first: what the rule says, then the other way round. */
export function choicesOf({ keeps, yields }: Ruling): Offered[] {
  const as = (kind: Offered['choice']['kind'], kept: string, yielded: string): Offered['choice'] => ({
    kind,
    ruling: { keeps: kept, yields: yielded, why: 'the person decided so' },
  })
  return [
    { choice: as('yield', keeps, yields), label: `${yields} yields: it merges what ${keeps} has` },
    { choice: as('yield', yields, keeps), label: `${keeps} yields: it merges what ${yields} has` },
    { choice: as('order', keeps, yields), label: `${keeps} goes first: ${yields} leaves these files alone until then, and builds on them` },
    { choice: as('drop', keeps, yields), label: `drop what ${yields} changed in these files` },
    { choice: as('drop', yields, keeps), label: `drop what ${keeps} changed in these files` },
  ]
}

/** A number or the option's own words choose it, an approval the first; all else is passed on in the person's words. */
export function readChoice(text: string, ruling: Ruling, decision?: 'approve' | 'deny'): Choice {
  const offered = choicesOf(ruling)
  const said = text.trim()
  const number = /^(\d+)\s*[.):]?\s*$/.exec(said)?.[1]
  const chosen = offered.find(({ label }, index) => Number(number) === index + 1 || label.toLowerCase() === said.toLowerCase())
  if (chosen !== undefined) return chosen.choice
  const [best] = offered
  return said === '' && decision === 'approve' && best !== undefined ? best.choice : { kind: 'words', text: said }
}
