/**
 * What a provider has stored, as far as its author shows it: bytes, texts, or whatever holds them.
 *
 * Every text in it is looked at, and none is ever told: a report names the secret that was found by its number.
 */
import type { Secret } from "../../Holder.ts"
import { NoSecretIsStored } from "../../invariants/NoSecretIsStored.ts"

/** All that is stored: a file's bytes, rows, maps; whatever is nested is looked through. */
export type Store = (provider: never) => unknown

/** Every text in a value, however deep; bytes are read as text. */
export const textsIn = (stored: unknown): ReadonlyArray<string> => {
  const texts: Array<string> = []
  const seen = new Set<object>()
  const look = (value: unknown): void => {
    if (typeof value === "string") return void texts.push(value)
    if (typeof value !== "object" || value === null || seen.has(value)) return
    seen.add(value)
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
      const bytes = ArrayBuffer.isView(value)
        ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
        : Buffer.from(value)
      return void texts.push(bytes.toString("latin1"))
    }
    if (Symbol.iterator in value) for (const one of value as Iterable<unknown>) look(one)
    for (const [name, one] of Object.entries(value)) {
      texts.push(name)
      look(one)
    }
  }
  look(stored)
  return texts
}

/** A token may be stored in pieces, its secret in one column and its id in another. */
const LEAST_PIECE = 16

const isIn = (texts: ReadonlyArray<string>, secret: string): boolean =>
  NoSecretIsStored.onStore!({ entries: [], rows: [], rebuiltRows: [], others: texts, secrets: [secret] }) !== undefined

/** The first of them that is stored as it is, or in an encoding that anybody undoes. */
export const storedSecret = (texts: ReadonlyArray<string>, secrets: ReadonlyArray<Secret>): Secret | undefined =>
  secrets.find(({ text }) => {
    if (isIn(texts, text)) return true
    const pieces = text.split(/[.:~|]/)
    return pieces.length > 1 && pieces.every((piece) => piece.length >= LEAST_PIECE && isIn(texts, piece))
  })
