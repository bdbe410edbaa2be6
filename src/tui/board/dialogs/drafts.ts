/** What a person has typed and not sent, by what it is for: no key and no failure loses it. */
export class Drafts {
  readonly #texts: Map<string, string>
  readonly #store: (texts: Readonly<Record<string, string>>) => void

  /** `store` is given all of them whenever one changes. */
  constructor(kept: Readonly<Record<string, string>> = {}, store: (texts: Readonly<Record<string, string>>) => void = () => {}) {
    this.#texts = new Map(Object.entries(kept))
    this.#store = store
  }

  of(what: string): string {
    return this.#texts.get(what) ?? ''
  }

  /** Nothing but spaces is no draft. */
  keep(what: string, text: string): void {
    if ((text.trim() === '' ? '' : text) === this.of(what)) return
    if (text.trim() === '') this.#texts.delete(what)
    else this.#texts.set(what, text)
    this.#store(Object.fromEntries(this.#texts))
  }
}
