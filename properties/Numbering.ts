/**
 * Strings and their numbers: what comes to light gets the next number of its kind, and keeps it.
 *
 * One numbering belongs to one run on one system. It also knows every string that was handed out, for whoever looks for
 * them where they must not be.
 */
import type { Presented, Ref } from "./Operation.ts"

export type NumberedKind = "client" | "subject" | "grant" | "code" | "access" | "refresh"

export interface Numbering {
  /** The number that `text` has, or gets now. */
  readonly numberOf: (kind: NumberedKind, text: string) => Ref
  /** Says which string a number stands for that whoever asks has chosen. */
  readonly put: (kind: NumberedKind, ref: Ref, text: string) => void
  readonly textOf: (kind: NumberedKind, ref: Presented) => string | undefined
  /** How many numbers of a kind are taken. */
  readonly countOf: (kind: NumberedKind) => number
  readonly textsOf: (kind: NumberedKind) => ReadonlyArray<string>
}

export const newNumbering = (): Numbering => {
  const texts: Record<NumberedKind, Array<string | undefined>> = {
    client: [],
    subject: [],
    grant: [],
    code: [],
    access: [],
    refresh: [],
  }
  return {
    numberOf: (kind, text) => {
      const known = texts[kind].indexOf(text)
      return known < 0 ? texts[kind].push(text) - 1 : known
    },
    put: (kind, ref, text) => {
      texts[kind][ref] = text
    },
    textOf: (kind, ref) => (ref === "made up" ? undefined : texts[kind][ref]),
    countOf: (kind) => texts[kind].length,
    textsOf: (kind) => texts[kind].filter((text) => text !== undefined),
  }
}
