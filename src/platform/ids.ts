import { createHash, randomInt, randomUUID } from 'node:crypto'

export function uuid(): string {
  return randomUUID()
}

/** Random and easy to read aloud: no vowels (no words), nothing that looks like something else. */
export function shortId(length = 6): string {
  return Array.from({ length }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
}

const ALPHABET = '23456789bcdfghjkmnpqrstvwxz'

/** 64 hexadecimal digits that depend on the text alone. */
export function hexDigest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
