/**
 * The strings behind the numbers of a run: what was ever handed out, numbered as it came to light.
 *
 * Who may know which of them is the actors' affair. It never says what is alive.
 */
import { hash } from "node:crypto"
import { newNumbering } from "../Numbering.ts"
import type { Presented, Ref } from "../Operation.ts"
import type { Dice } from "./Dice.ts"

export interface ClientCard {
  readonly clientId: string
  readonly clientSecret?: string
}

export interface Request {
  readonly grantId: string
  readonly verifier: string
}

export interface Wallet {
  readonly clients: Array<ClientCard>
  readonly requests: Array<Request>
  readonly subjectId: (subject: Ref) => string
  /** The number of a request for approval that nobody answered yet. */
  readonly newRequest: () => Ref
  readonly seeCode: (grant: Ref, code: string) => void
  readonly see: (kind: "access" | "refresh", token: string) => Ref
  readonly count: (kind: "access" | "refresh") => number
  readonly show: (kind: "access" | "refresh" | "code", token: Presented) => string
  /** Everything that must not be found in a store. */
  readonly secrets: () => ReadonlyArray<string>
}

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

export const challengeOf = (verifier: string): string => hash("sha256", verifier, "base64url")

export const makeWallet = (dice: Dice): Wallet => {
  const clients: Array<ClientCard> = []
  const requests: Array<Request> = []
  const { countOf, numberOf, put, textOf, textsOf } = newNumbering()
  const text = (length: number) => Array.from({ length }, () => ALPHABET[dice.below(ALPHABET.length)]!).join("")

  return {
    clients,
    requests,
    subjectId: (subject) => `sub_${String(subject).padStart(22, "0")}`,
    newRequest: () => requests.push({ grantId: text(22), verifier: text(43) }) - 1,
    seeCode: (grant, code) => put("code", grant, code),
    see: numberOf,
    count: countOf,
    show: (kind, token) => textOf(kind, token) ?? `gl${kind[0]}_made-up`,
    secrets: () => [
      ...clients.flatMap(({ clientSecret }) => (clientSecret === undefined ? [] : [clientSecret])),
      ...requests.map(({ verifier }) => verifier),
      ...(["code", "access", "refresh"] as const).flatMap((kind) => textsOf(kind)),
    ],
  }
}
