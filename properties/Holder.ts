/**
 * What whoever tries a system has in hands: the strings behind the numbers.
 *
 * What comes to light gets the next number of its kind, and keeps it. What whoever tries it chooses, an id or a verifier,
 * is made when it is first asked for; a code or token that was never handed out is made up. One belongs to one run on
 * one system, and knows every secret of it, for whoever looks for them where they must not be. It never says what is
 * alive.
 */
import type { Authentication, OperationOf, Presented, Ref } from "./Operation.ts"
import { madeUp, mintVerifier } from "./Secrets.ts"

/**
 * A code, its verifier or user code, and where it was sent go by the number of the grant; a secret, the public key and the
 * assertion that was taken last by that of its client.
 */
const kinds = [
  "client",
  "secret",
  "subject",
  "grant",
  "code",
  "userCode",
  "verifier",
  "redirectUri",
  "access",
  "refresh",
  "jwk",
  "assertion",
  "invitation",
  "pushed",
] as const
export type Kind = (typeof kinds)[number]

/** A string of a kind that nobody else has; of one that has a number, what it is to be. */
export type Mint = (kind: Kind, ref: Presented) => string

/** A code as it was given, and with what it is redeemed. */
export interface GivenCode {
  readonly code: string
  readonly verifier: string
  readonly redirectUri: string
  /** What was asked for; nothing where that was left to the server. */
  readonly scopes: ReadonlyArray<string> | null
}

/** What is shown for a code, right, wrong or absent; and what it was asked for. */
export interface Redemption extends Pick<GivenCode, "code" | "scopes"> {
  readonly verifier: string | undefined
  readonly redirectUri: string | undefined
}

/** Something that only its owner should have. */
export interface Secret {
  /** `refresh token 0`. */
  readonly name: string
  readonly text: string
}

export interface Holder {
  /** The number that `text` has, or gets now. */
  readonly numberOf: (kind: Kind, text: string) => Ref
  /** Says which string a number stands for that whoever asks has chosen. */
  readonly put: (kind: Kind, ref: Ref, text: string) => void
  readonly keepCode: (grant: Ref, given: GivenCode) => void
  readonly textOf: (kind: Kind, ref: Presented) => string
  /** What was put under a number, or came to light with it; `undefined` where nothing was. */
  readonly known: (kind: Kind, ref: Presented) => string | undefined
  /** How a client proves itself from now on, where it is confidential. */
  readonly keepProof: (client: Ref, hasKeys: boolean) => void
  readonly hasKeys: (client: Ref) => boolean
  /** What a client shows: its secret where it has one, the one before, another, nothing. */
  readonly secretOf: (client: Ref, shown: Authentication) => string | undefined
  /** What comes with a redemption; `elsewhere` is where no code was ever sent. */
  readonly redemptionOf: (operation: OperationOf<"Redeem">, elsewhere: string) => Redemption
  /** How many of a kind have come to light. */
  readonly countOf: (kind: Kind) => number
  /** Everything that must not be found in a store. */
  readonly secrets: () => ReadonlyArray<Secret>
}

type Texts = Record<Kind, Array<string | undefined>>

const noTexts = (): Texts => Object.fromEntries(kinds.map((kind) => [kind, []])) as unknown as Texts

/** For who holds nothing but codes and tokens. */
export const mintFor =
  (redirectUri: string): Mint =>
  (kind) =>
    kind === "redirectUri" ? redirectUri : kind === "verifier" ? mintVerifier() : madeUp()

const secretNames: { readonly [K in Kind]?: string } = {
  secret: "the secret of client",
  code: "code",
  userCode: "user code",
  verifier: "the verifier of code",
  access: "access token",
  refresh: "refresh token",
  invitation: "invitation",
  pushed: "request_uri",
}

export const newHolder = (mint: Mint): Holder => {
  const [seen, made] = [noTexts(), noTexts()]
  const secrets = new Map<string, Secret>()
  const asked = new Map<Ref, GivenCode["scopes"]>()
  const superseded = new Map<Ref, string>()
  const withKeys = new Set<Ref>()

  const keep = (kind: Kind, ref: Ref, text: string): void => {
    const name = secretNames[kind]
    if (name !== undefined) secrets.set(text, { name: `${name} ${ref}`, text })
  }

  const put = (kind: Kind, ref: Ref, text: string): void => {
    const before = seen[kind][ref]
    if (kind === "secret" && before !== undefined) superseded.set(ref, before)
    seen[kind][ref] = text
    keep(kind, ref, text)
  }
  const textOf = (kind: Kind, ref: Presented): string => {
    if (ref === "made up") return mint(kind, ref)
    const text = seen[kind][ref] ?? (made[kind][ref] ??= mint(kind, ref))
    if (kind === "verifier") keep(kind, ref, text)
    return text
  }
  return {
    put,
    textOf,
    numberOf: (kind, text) => {
      const known = seen[kind].indexOf(text)
      if (known >= 0) return known
      // What was chosen has its number before anybody has seen it; all else is the next.
      const chosen = made[kind].indexOf(text)
      const ref = chosen < 0 ? seen[kind].length : chosen
      put(kind, ref, text)
      return ref
    },
    keepCode: (grant, { code, verifier, redirectUri, scopes }) => {
      asked.set(grant, scopes)
      put("code", grant, code)
      put("verifier", grant, verifier)
      put("redirectUri", grant, redirectUri)
    },
    known: (kind, ref) => (ref === "made up" ? undefined : seen[kind][ref]),
    keepProof: (client, hasKeys) => void (hasKeys ? withKeys.add(client) : withKeys.delete(client)),
    hasKeys: (client) => withKeys.has(client),
    secretOf: (client, shown) => {
      if (shown === "absent") return undefined
      if (shown === "right") return seen.secret[client]
      return (shown === "superseded" ? superseded.get(client) : undefined) ?? mint("secret", "made up")
    },
    redemptionOf: ({ code, verifier, redirectUri }, elsewhere) => {
      const verifiers = { right: textOf("verifier", code), malformed: "short", absent: undefined }
      const uris = { right: textOf("redirectUri", code), wrong: elsewhere, absent: undefined }
      return {
        code: textOf("code", code),
        verifier: verifier === "wrong" ? mint("verifier", "made up") : verifiers[verifier],
        redirectUri: uris[redirectUri],
        scopes: (code === "made up" ? undefined : asked.get(code)) ?? null,
      }
    },
    countOf: (kind) => seen[kind].length,
    secrets: () => [...secrets.values()],
  }
}
