/**
 * How a call is made where an operation leaves it open: by a handler that keeps to its part, or by one that does not;
 * and what a wrong value is, for what is nearly right is refused less often than what is not.
 *
 * A manner is the words in which its story tells it. It changes nothing about what has to come of the operation.
 */
import { mintVerifier } from "../../Secrets.ts"
import type { Forgery } from "./Forgery.ts"

/** What is exchanged instead of the record that the caller has just loaded. */
export const recordManners = [
  "with the record that its owner loaded",
  "with a record that was loaded before",
  "with a copy of a record that was loaded before",
  "with a record that was given a later end",
  "with a record that was given more scopes",
  "with a record that was given to its own client",
] as const
export type RecordManner = (typeof recordManners)[number]

const isRecordManner = (manner: Manner | undefined): manner is RecordManner =>
  (recordManners as ReadonlyArray<string | undefined>).includes(manner)

/** Whether records are kept from the moment that what they are of is handed out. */
export const isWithKept = (manner: Manner | undefined): boolean =>
  isRecordManner(manner) && manner !== "with the record that its owner loaded"

const otherCase = (text: string): string =>
  text.replaceAll(/[a-z]/gi, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  )

const isWeb = (uri: string): boolean => /^https?:/.test(uri)

/** Changes the part of a web address behind its host. */
const withPath = (uri: string, change: (path: string) => string): string => {
  const { origin } = new URL(uri)
  return isWeb(uri) ? `${origin}${change(uri.slice(origin.length))}` : uri
}
const withHost = (uri: string, change: (host: string) => string): string =>
  isWeb(uri) ? uri.replace(new URL(uri).host, change) : uri

/** Redirect URIs that are not the right one, although it takes a comparison of the whole to see that. */
export const redirectMisses = {
  "namely the right one and a slash": (uri: string) => `${uri}/`,
  "namely the right one and a deeper path": (uri: string) => `${uri}/deeper`,
  "namely the right one and more letters": (uri: string) => `${uri}more`,
  "namely the right one and a query": (uri: string) => `${uri}?next=elsewhere`,
  "namely the right one cut short": (uri: string) => uri.slice(0, -1),
  "namely the right one in another case": (uri: string) => withPath(uri, otherCase),
  "namely another path on the right host": (uri: string) => withPath(uri, () => "/elsewhere"),
  "namely a host that begins like the right one": (uri: string) => withHost(uri, (host) => `${host}.evil.example`),
  "namely a host that ends like the right one": (uri: string) => withHost(uri, (host) => `evil-${host}`),
  "namely a host below the right one": (uri: string) => withHost(uri, (host) => `evil.${host}`),
  "namely a host for which the right one is a user": (uri: string) => withHost(uri, (host) => `${host}@evil.example`),
  "namely the right one without TLS": (uri: string) => uri.replace("https:", "http:"),
} as const
export type RedirectMiss = keyof typeof redirectMisses

/** What a wrong verifier is made of. */
interface Proving {
  readonly verifier: string
  readonly challenge: string
  /** The verifier of another code, if there is one. */
  readonly another: string | undefined
}

/** Verifiers that are not the right one, although a sloppy comparison takes them for it. */
export const verifierMisses = {
  "namely the challenge itself": ({ challenge }: Proving) => challenge,
  "namely the right one and more": ({ verifier }: Proving) => `${verifier}more`,
  "namely the right one and a blank": ({ verifier }: Proving) => `${verifier} `,
  "namely the right one cut short": ({ verifier }: Proving) => verifier.slice(0, -1),
  "namely the right one in another case": ({ verifier }: Proving) => otherCase(verifier),
  "namely nothing at all": () => "",
  "namely that of another code": ({ another }: Proving) => another ?? mintVerifier(),
  /** Of a challenge that was not its digest: see `challengeMisses`. */
  "namely the one that the challenge was made of": ({ verifier }: Proving) => verifier,
} as const
export type VerifierMiss = keyof typeof verifierMisses

/** Challenges that are the digest of no verifier. */
export const challengeMisses = {
  "with an empty challenge": () => "",
  "with its challenge in another case": otherCase,
  "with another end to its challenge": (challenge: string) =>
    challenge.slice(0, 16) + "A".repeat(challenge.length - 16),
  "with its challenge cut short": (challenge: string) => challenge.slice(0, -10),
  "with more behind its challenge": (challenge: string) => `${challenge}more`,
} as const
export type ChallengeMiss = keyof typeof challengeMisses

export type Manner =
  | RecordManner
  | RedirectMiss
  | VerifierMiss
  | ChallengeMiss
  | Forgery
  | "while hundreds of others come and go"
  | "without state"
  /** An access token is looked at as hosts do that have no other way. */
  | "through loadAccessToken"

const isIn = <Key extends Manner>(table: Readonly<Record<Key, unknown>>, manner: Manner | undefined): manner is Key =>
  manner !== undefined && Object.hasOwn(table, manner)

/** What stands for a wrong redirect URI, where one that is nearly right is asked for and there is such a one. */
export const redirectMissOf = (manner: Manner | undefined, right: string): string | undefined => {
  const miss = isIn(redirectMisses, manner) ? redirectMisses[manner](right) : right
  return miss !== right && URL.canParse(miss) ? miss : undefined
}

export const verifierMissOf = (manner: Manner | undefined, proving: Proving): string | undefined =>
  isIn(verifierMisses, manner) ? verifierMisses[manner](proving) : undefined

export const challengeIn = (manner: Manner | undefined, right: string): string =>
  isIn(challengeMisses, manner) ? challengeMisses[manner](right) : right

export const recordMannerOf = (manner: Manner | undefined): RecordManner | undefined =>
  isRecordManner(manner) ? manner : undefined

/** An operation's words, and those of the manner in which it was asked for. */
export const tellManner = (told: string, manner: Manner | undefined): string =>
  manner === undefined ? told : `${told}, ${manner}`
